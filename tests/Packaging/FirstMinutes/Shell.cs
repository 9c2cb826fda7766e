using System.Diagnostics;
using System.Text;

namespace Agora.Packaging.FirstMinutes;

/// <summary>Text of a document, run as somebody would paste it: in a directory where <c>./run</c> is what the tests built.</summary>
internal sealed class Shell : IDisposable
{
    private static readonly TimeSpan Patience = Hang.Timeout;

    public Shell()
    {
        var built = new DirectoryInfo(AppContext.BaseDirectory);
        string Program(string project, string name) => Path.GetFullPath(Path.Combine(built.FullName, "..", "..", project, built.Name, name));
        Write("run", $"""
            #!/bin/sh
            case " $* " in *' --demo '* | ' quickstart '*) exec dotnet '{Program("Demo", "Agora.Samples.Demo.dll")}' "$@" ;; esac
            exec dotnet '{Program("Silo", "Agora.Silo.dll")}' "$@"
            """);
        Write("agora", $"#!/bin/sh\nexec dotnet '{Program("Cli", "agora.dll")}' \"$@\"\n");
        foreach (var program in (string[])["run", "agora"]) System.IO.File.SetUnixFileMode(File(program), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var folder in (string[])["samples", "deploy"]) Directory.CreateSymbolicLink(File(folder), Repository.File(folder));
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("agora-first-").FullName;

    public string File(string name) => Path.Combine(Root, name);

    public void Write(string name, string text) => System.IO.File.WriteAllText(File(name), text);

    /// <summary>Runs it by bash in the directory; whatever it left running is ended before the shell is.</summary>
    /// <param name="settings">Of the environment, beside which nothing of AGORA_ is there.</param>
    public (int ExitCode, string Output, string Errors) Paste(string text, params (string Name, string Value)[] settings)
    {
        var command = Interruptible.Command("bash", "-c", $"set -m; trap 'for job in $(jobs -p); do kill -- -$job; done 2>/dev/null; wait' EXIT\n{text}");
        using var process = Start(command[0], [.. command.Skip(1)], settings);
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"Not done after {Patience}:\n{text}\n{output.Result}{errors.Result}");
        }

        return (process.ExitCode, output.Result, errors.Result);
    }

    /// <summary>A process that goes on; what it printed up to and with the first line that has <paramref name="mark"/>.</summary>
    public (Process Process, string Output) Begin(string mark, string[] command, params (string Name, string Value)[] settings)
    {
        var process = Start(command[0], command[1..], settings);
        var errors = process.StandardError.ReadToEndAsync();
        var output = new StringBuilder();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            output.AppendLine(line);
            if (!line.Contains(mark, StringComparison.Ordinal)) continue;

            _ = process.StandardOutput.ReadToEndAsync();
            return (process, output.ToString());
        }

        throw new InvalidOperationException($"{string.Join(' ', command)} ended without '{mark}': {output}{errors.Result}");
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private Process Start(string program, string[] arguments, (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo(program.StartsWith("./", StringComparison.Ordinal) ? File(program[2..]) : program, arguments) { WorkingDirectory = Root, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(n => n.StartsWith("AGORA_", StringComparison.Ordinal) || n is "AGENT_API_KEY" or "PORT" or "B").ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}

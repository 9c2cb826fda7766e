using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Agora.Testing;

namespace Agora.Benchmarks.Servers;

/// <summary>
/// <c>src/Silo</c> as it is deployed, one process or several that are one cluster. Each runs below a shell that stops it when this
/// program is gone, however that happened.
/// </summary>
/// <param name="program">Agora.Silo.dll, of this build or another.</param>
/// <param name="directory">Of the data.</param>
/// <param name="settings">By environment, the same for all.</param>
internal sealed class Silos(string program, string directory, IReadOnlyDictionary<string, string> settings) : IServer, IAsyncDisposable
{
    private const string Listening = "Agora is listening on ";

    // Prints the silo's process id first: it is the silo that is measured, not the shell.
    private const string Watched = "log=$1; shift; \"$@\" </dev/null 2>>\"$log\" & echo $!; cat >/dev/null; kill -TERM $!; wait $!";
    private ImmutableList<Silo> _silos = [];

    public IReadOnlyList<Uri> Addresses => [.. _silos.Select(s => s.Address)];

    public IReadOnlyList<int> Processes => [.. _silos.Select(s => s.Process.Id)];

    public TimeSpan Cpu => _silos.Aggregate(TimeSpan.Zero, (sum, silo) => sum + silo.Cpu);

    public Task<long> Allocated() => Task.FromResult(0L);

    /// <summary>One more; done when it serves, so that it has joined those before it.</summary>
    public async Task Add()
    {
        Directory.CreateDirectory(directory);
        var log = Path.Combine(directory, "log");
        var start = new ProcessStartInfo("/bin/sh", ["-c", Watched, "sh", log, "dotnet", program, "--urls", "http://127.0.0.1:0", "--data", directory])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { ["AGORA_SILO_PORT"] = $"{FreePort.Next()}", ["AGORA_GATEWAY_PORT"] = $"{FreePort.Next()}" },
        };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        var shell = Process.Start(start)!;
        var process = Process.GetProcessById(int.Parse((await shell.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture));
        string? line;
        do
        {
            line = await shell.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"{program} did not begin to serve: {File.ReadAllText(log)}");
        }
        while (!line.StartsWith(Listening, StringComparison.Ordinal));
        _silos = _silos.Add(new(shell, process, new(line[Listening.Length..])));
    }

    /// <summary>The same processes, asked at one of them only.</summary>
    public IServer At(int number) => new One(this, number);

    public async ValueTask DisposeAsync()
    {
        // The last first: where the first began, the others joined.
        foreach (var silo in Enumerable.Reverse(_silos))
        {
            silo.Shell.StandardInput.Close();
            await silo.Shell.WaitForExitAsync();
            silo.Shell.Dispose();
            silo.Process.Dispose();
        }
    }

    private sealed record Silo(Process Shell, Process Process, Uri Address)
    {
        public TimeSpan Cpu
        {
            get
            {
                Process.Refresh();
                return Process.TotalProcessorTime;
            }
        }
    }

    private sealed class One(Silos all, int number) : IServer
    {
        public IReadOnlyList<Uri> Addresses => [all.Addresses[number]];

        public IReadOnlyList<int> Processes => all.Processes;

        public TimeSpan Cpu => all.Cpu;

        public Task<long> Allocated() => all.Allocated();
    }
}

using System.Diagnostics;
using Agora.Api.Tests.Support;
using Agora.Cli;
using Agora.Testing;

namespace Agora.Api.Tests.Cli;

/// <summary>The program itself, in a shell: completion, and a pipe that is closed.</summary>
public sealed class ShellTests(CommandTests.Served served) : IClassFixture<CommandTests.Served>
{
    [ProgramFact("bash")]
    public async Task Bash_completes_commands_options_and_values()
    {
        Assert.Contains("list-payments", await Bash("agora list-pay"));
        Assert.Contains("./agora", (await Run("bash", "eval \"$(agora completion bash)\"; complete -p ./agora", "./agora")).Split(' ', '\n'));
        Assert.Contains("--idempotency-key", await Bash("agora run-service summary --idem"));
        Assert.Contains("x402", await Bash("agora run-service summary --pay-with "));
        Assert.Equal(["watch"], (await Bash("agora wat")).Where(found => found.Length > 0));

        async Task<string[]> Bash(string line) => (await Run(
            "bash", "eval \"$(agora completion bash)\"; COMP_LINE=$1; COMP_POINT=${#COMP_LINE}; read -ra COMP_WORDS <<<\"$1\"; [[ $1 != *' ' ]] || COMP_WORDS+=(''); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _agora; printf '%s\\n' \"${COMPREPLY[@]}\"", line)).Split('\n');
    }

    [ProgramFact("zsh")]
    public async Task Zsh_completes_commands() => Assert.Contains(
        "list-payments", (await Run("zsh", "autoload -U compinit; compinit -u -D; compadd() { print -l -- \"${found[@]}\"; }; eval \"$(agora completion zsh)\"; words=(agora list-pay); BUFFER='agora list-pay'; CURSOR=14; _agora", "x")).Split('\n'));

    [ProgramFact("zsh")]
    public async Task Zsh_needs_no_completion_begun_before() => Assert.Equal("_agora\n", await Run("zsh", "eval \"$(agora completion zsh)\"; print ${_comps[agora]}", "x"));

    [ProgramFact("fish")]
    public async Task Fish_completes_commands_of_the_path_and_of_this_folder()
    {
        Assert.Contains("list-payments", await Run("fish", "agora completion fish | source; complete -C 'agora list-pay'", "x"), StringComparison.Ordinal);
        Assert.Contains("list-payments", await Run("fish", "./agora completion fish | source; set PATH (string match -v $PWD $PATH); complete -C './agora list-pay'", "x"), StringComparison.Ordinal);
    }

    [ProgramFact("bash")]
    public async Task A_pipe_that_is_closed_ends_what_goes_on_by_itself_and_is_no_failure()
    {
        var from = await served.Cursor();
        await served.Runs(2);

        var said = await Run("bash", "agora watch --cursor $1 2>error | true; echo ${PIPESTATUS[0]}; agora list-users | true; echo ${PIPESTATUS[0]}", from);

        Assert.Equal("0\n0\n", said); // nobody reads any more when the first line is written
    }

    [ProgramFact("bash")]
    public async Task What_is_interrupted_ends_with_130_and_says_where_to_go_on()
    {
        var said = await Run("bash", "set -m; agora watch 2>$2 & until grep -q Watching $2; do sleep 0.1; done; kill -INT -- -$!; wait $!; echo $?; cat $2", "x");

        Assert.StartsWith($"{ExitCodes.Interrupted}\n", said, StringComparison.Ordinal);
        Assert.Contains("To go on from here: --cursor ", said, StringComparison.Ordinal);
    }

    /// <param name="argument">Its $1; $2 is a file of its own.</param>
    private async Task<string> Run(string shell, string script, string argument)
    {
        var folder = Directory.CreateTempSubdirectory("agora-shell-").FullName;
        try
        {
            var built = new DirectoryInfo(AppContext.BaseDirectory);
            var (program, config) = (Path.Combine(folder, "agora"), Path.Combine(folder, "config"));
            await File.WriteAllTextAsync(program, $"#!/bin/sh\nexec dotnet '{Path.GetFullPath(Path.Combine(built.FullName, "..", "..", "Cli", built.Name, "agora.dll"))}' \"$@\"\n");
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            var command = Interruptible.Command([shell, "-c", script, .. shell == "bash" ? ["bash", argument, Path.Combine(folder, "said")] : (string[])[]]);
            var start = new ProcessStartInfo(command[0], command.Skip(1)) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
            (start.Environment["PATH"], start.Environment["XDG_CONFIG_HOME"], start.Environment["AGORA_URL"], start.Environment["AGORA_ADMIN_KEY"]) = ($"{folder}:{Environment.GetEnvironmentVariable("PATH")}", config, served.Address.ToString(), RunningApi.AdminKey);
            start.Environment["HOME"] = folder;
            using (var help = Process.Start(new ProcessStartInfo(program, ["--help"]) { WorkingDirectory = folder, RedirectStandardOutput = true, Environment = { ["XDG_CONFIG_HOME"] = config, ["AGORA_URL"] = served.Address.ToString() } })!)
            {
                await help.StandardOutput.ReadToEndAsync(); // the description is kept from then on
                await help.WaitForExitAsync();
            }

            using var process = Process.Start(start)!;
            try
            {
                var errors = process.StandardError.ReadToEndAsync();
                var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(Hang.Timeout);
                await process.WaitForExitAsync();
                Assert.True(output.Length > 0, await errors);
                return output;
            }
            finally
            {
                process.Kill(entireProcessTree: true);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

/// <summary>Where the program is missing the test is skipped by name.</summary>
public sealed class ProgramFactAttribute : FactAttribute
{
    public ProgramFactAttribute(string program)
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program))))
        {
            Skip = $"{program} is not here";
        }
    }
}

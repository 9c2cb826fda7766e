using System.Diagnostics;

namespace Agora.Packaging.Supply;

/// <summary>The script that looks for advisories, with a program in place of dotnet that reports what the test says.</summary>
public sealed class VulnerableTests : IDisposable
{
    private const string Reported = "Project `x` has the following vulnerable packages";
    private const string Clean = "The given project `x` has no vulnerable packages given the current sources.";

    private readonly string _programs = Directory.CreateTempSubdirectory("agora-advisories-").FullName;

    [Theory]
    [InlineData(Clean, Clean, 3)] // a source that serves no advisories
    [InlineData(Reported, Clean, 0)]
    [InlineData(Reported, Reported, 1)]
    public async Task A_source_without_advisories_fails_the_check_as_a_vulnerable_package_does(string canary, string ours, int exitCode)
    {
        var program = Path.Combine(_programs, "dotnet");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\ncase \"$1 $2\" in 'list Orleans.sln') echo '{ours}' ;; list*canary.csproj) echo '{canary}' ;; esac\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var start = new ProcessStartInfo("sh", [Repository.File("deploy/ci/vulnerable")]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{_programs}:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.True(process.ExitCode == exitCode, $"{process.ExitCode}: {await errors}{output}");
        Assert.Equal(exitCode == 3, (await errors).Contains("serves no advisories", StringComparison.Ordinal));
    }

    public void Dispose() => Directory.Delete(_programs, recursive: true);
}

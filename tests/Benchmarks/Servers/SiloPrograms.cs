using System.Diagnostics;
using Agora.Testing;

namespace Agora.Benchmarks.Servers;

/// <summary>The silo's program for each engine, of the sources that this program was built from.</summary>
internal static class SiloPrograms
{
    /// <summary>Built with this program.</summary>
    public static string Embedded => Program("Embedded");

    /// <summary>Built now, so that no older one is measured; null where Orleans' packages are not to be had.</summary>
    public static async Task<string?> Orleans()
    {
        Console.Error.WriteLine("Building src/Silo on Orleans");
        using var build = Process.Start(new ProcessStartInfo("dotnet", ["build", Repository.File("src/Silo"), "-c", "Release", "-p:GrainRuntime=Orleans", "-v", "q", "--nologo"])
        {
            RedirectStandardOutput = true,
        })!;
        var said = await build.StandardOutput.ReadToEndAsync();
        await build.WaitForExitAsync();
        return build.ExitCode == 0 ? Program("Orleans")
            : said.Contains("NU1101", StringComparison.Ordinal) || said.Contains("NU1102", StringComparison.Ordinal) ? null
            : throw new InvalidOperationException($"The Orleans build failed: {said}");
    }

    private static string Program(string engine) => Repository.File($"artifacts/{engine}/bin/Silo/release/Agora.Silo.dll");
}

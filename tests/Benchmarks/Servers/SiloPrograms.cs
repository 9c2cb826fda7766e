using Agora.Testing;

namespace Agora.Benchmarks.Servers;

/// <summary>The silo's program.</summary>
internal static class SiloPrograms
{
    /// <summary>Built with this program.</summary>
    public static string Own => Repository.File("artifacts/bin/Silo/release/Agora.Silo.dll");
}

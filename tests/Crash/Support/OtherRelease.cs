using Agora.Testing.Postgres;

namespace Agora.Crash.Support;

/// <summary>Skipped where no other release is named, or no PostgreSQL can be started.</summary>
public sealed class OtherReleaseFactAttribute : FactAttribute
{
    public OtherReleaseFactAttribute() => Skip = Folder is null ? "no other release: AGORA_OTHER_RELEASE names the folder of its silo" : PostgresServer.Missing;

    /// <summary>AGORA_OTHER_RELEASE: the folder of another release's silo. Null: it is not set.</summary>
    public static string? Folder => Environment.GetEnvironmentVariable("AGORA_OTHER_RELEASE");
}

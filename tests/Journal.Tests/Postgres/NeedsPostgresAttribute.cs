using Agora.Testing.Postgres;

namespace Agora.Journal.Tests.Postgres;

/// <summary>Where no server can be started the classes of the shared suite are skipped by name.</summary>
public sealed class NeedsPostgresAttribute : NeedsAttribute
{
    public override string? Missing => PostgresServer.Missing;
}

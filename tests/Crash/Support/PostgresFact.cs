using Agora.Testing.Postgres;

namespace Agora.Crash.Support;

/// <summary>Skipped, with the reason, where no PostgreSQL can be started.</summary>
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = PostgresServer.Missing;
}

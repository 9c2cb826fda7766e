using Agora.Testing;
using Agora.Testing.Postgres;

namespace Agora.Crash.Support;

/// <summary>Skipped, with the reason, where no PostgreSQL can be started.</summary>
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = PostgresServer.Missing;
}

/// <inheritdoc cref="LongFactAttribute"/>
public sealed class LongPostgresFactAttribute : FactAttribute
{
    public LongPostgresFactAttribute() => Skip = PostgresServer.Missing ?? Length.Skip;
}

using Agora.Core.Kernel;

namespace Agora.Core.Upstreams;

/// <summary>One row an upstream; what it offers is asked of its stream.</summary>
public static class UpstreamTables
{
    public static readonly Table Upstreams = new("upstreams", 2, "tenant", "upstream_id", "follows", "deleted", "updated_at");

    public static IEnumerable<Row> Rows(UpstreamState state, UpstreamEvent happened) => happened is UpstreamEvent.DefinitionPut or UpstreamEvent.Deleted
        ? [Upstreams.Row(state.Stream.Tenant, state.Stream.Id, state.Follows ? 1L : 0L, state.Definition is null ? 1L : 0L, state.UpdatedAt.ToMicros())]
        : [];
}

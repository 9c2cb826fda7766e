using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Core.Watches;

/// <summary>Which dialogues there are: people list theirs, and a driver finds those that nobody drives.</summary>
public static class WatchTables
{
    public static readonly Table Watches = new("watches", 2, "tenant", "watch_id", "user_id", "agent", "state", "turn", "updated_at");

    /// <summary>Nothing of it changes while a turn goes on.</summary>
    public static IEnumerable<Row> Rows(WatchState state, WatchEvent happened, DateTimeOffset at) => happened is WatchEvent.TurnHeld ? [] :
    [
        Watches.Row(state.Stream.Tenant, OwnedIds.OwnOf(state.Stream.Id), OwnedIds.UserOf(state.Stream.Id), state.AgentId, state.Standing, (long)state.Turn, at.ToMicros()),
    ];
}

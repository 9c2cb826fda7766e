using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Core.Watches;

/// <summary>The dialogues. People list theirs, and a driver finds those that no process moves.</summary>
public static class WatchTables
{
    public static readonly Table Watches = new("watches", 2, "tenant", "watch_id", "user_id", "agent", "state", "turn", "updated_at", "due_at");

    /// <summary>Due at no time, because the dialogue waits for a person, is paused, or has ended.</summary>
    private const long Never = long.MaxValue;


    /// <summary>Nothing of it changes while a turn goes on.</summary>
    public static IEnumerable<Row> Rows(WatchState state, WatchEvent happened, DateTimeOffset at) => happened is WatchEvent.TurnHeld ? [] :
    [
        Watches.Row(state.Stream.Tenant, OwnedIds.OwnOf(state.Stream.Id), OwnedIds.UserOf(state.Stream.Id), state.AgentId, state.Standing, (long)state.Turn, at.ToMicros(), DueAt(state, at)),
    ];

    /// <summary>From when on a driver has something to do, if the one that it has now is gone. Of a turn that is held for longer than at its beginning the dialogue itself says until when.</summary>
    private static long DueAt(WatchState state, DateTimeOffset at) =>
        state.Under is { } under ? under.Until.ToMicros()
        : state.Standing != WatchStandings.Running || state.Seats[state.Seat].IsPersons ? Never
        : state.NotBefore - at > WatchLimits.SleepAtMost ? (state.NotBefore - WatchLimits.SleepAtMost).ToMicros()
        : Math.Max(at.ToMicros(), state.NotBefore.ToMicros());
}

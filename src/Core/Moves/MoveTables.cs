using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Core.Moves;

/// <summary>On which side each session of an older chat is: a proxy asks with each request.</summary>
public static class MoveTables
{
    public static readonly Table Moves = new("moves", 4, "tenant", "session", "user_id", "agent", "side");

    public static IEnumerable<Row> Rows(MoveState state, MoveEvent happened) => happened switch
    {
        MoveEvent.Known e => [Row(state, e.Session)],
        MoveEvent.Came e => [Row(state, e.Session)],
        _ => state.Whole.Select(session => Row(state, session)),
    };

    private static Row Row(MoveState state, string session) => Moves.Row(state.Stream.Tenant, session, OwnedIds.UserOf(state.Stream.Id), OwnedIds.OwnOf(state.Stream.Id), state.Whole.Contains(session) ? state.Side : MoveSides.Old);
}

using System.Diagnostics;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Moves.MoveState, Agora.Core.Moves.MoveEvent>;

namespace Agora.Core.Moves;

/// <summary>
/// A user of an older chat, of one agent. Rules: whoever asks where a session belongs is told one side, and all sessions of the user are on the same; a session that is not known is the old side's. Whatever is asked twice is so
/// already.
/// </summary>
public static class MoveDecider
{
    public static Decided Decide(MoveState state, MoveCommand command, Context context) => command switch
    {
        MoveCommand.Tick => Decided.Accept(Nothing.Value),
        MoveCommand.Get => Decided.Query(state.View),
        MoveCommand.Know c when state.Sessions.Contains(c.Session) => Decided.Accept(state.View),
        MoveCommand.Know when state.Sessions.Count >= MoveLimits.Sessions => Decided.Reject(MoveRejection.TooMany),
        MoveCommand.Know c => Happens(state, new MoveEvent.Known(c.Session), context),
        MoveCommand.Switch c when state.Side == c.Side => Decided.Accept(state.View),
        MoveCommand.Switch c => Happens(state, new MoveEvent.Switched(c.Side), context),
        _ => throw new UnreachableException(command.GetType().Name),
    };

    private static Decided Happens(MoveState state, MoveEvent happened, Context context) => Decided.Accept(state.Evolve(happened, context.Now).View, happened);
}

/// <summary>Why nothing moves.</summary>
public static class MoveRejection
{
    public static Rejection TooMany { get; } = new Rejection(Codes.NotEligible, "The user has as many sessions of the older chat here as one may have.").AtMost("sessions", MoveLimits.Sessions);
}

public static class MoveLimits
{
    /// <summary>Of an older chat, of one user and agent.</summary>
    public const int Sessions = 200;
}

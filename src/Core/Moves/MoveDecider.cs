using System.Diagnostics;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Moves.MoveState, Agora.Core.Moves.MoveEvent>;

namespace Agora.Core.Moves;

/// <summary>
/// A user of an older chat, of one agent. Rules: whoever asks where a session belongs is told one side, and all sessions of the user are on the same; a session that is not known, or has not come whole, is the old side's. Whatever is asked twice is so
/// already; and a switch that is sent again under its key is answered as it was, and switches nobody back who was switched since.
/// </summary>
public static class MoveDecider
{
    public static Decided Decide(MoveState state, MoveCommand command, Context context) => command switch
    {
        MoveCommand.Tick => Decided.Accept(Nothing.Value),
        MoveCommand.Get => Decided.Query(state.View),
        MoveCommand.Know c when state.Sessions.Contains(c.Session) => Decided.Accept(Nothing.Value),
        MoveCommand.Know when state.Sessions.Count >= MoveLimits.Sessions => Decided.Reject(MoveRejection.TooMany),
        MoveCommand.Know c => Decided.Accept(Nothing.Value, new MoveEvent.Known(c.Session, IsPart: true)),
        MoveCommand.Come c when !state.Sessions.Contains(c.Session) || state.Whole.Contains(c.Session) => Decided.Accept(Nothing.Value),
        MoveCommand.Come c => Decided.Accept(Nothing.Value, new MoveEvent.Came(c.Session)),
        MoveCommand.Switch c when state.Side == c.Side => Decided.Accept(state.View),
        MoveCommand.Switch c => Decided.Accept(new MoveView(c.Side, context.Now, state.Sessions.Count), new MoveEvent.Switched(c.Side, state.Sessions.Count, context.Now)),
        _ => throw new UnreachableException(command.GetType().Name),
    };

    public static LateAnswer Recall(MoveEvent happened, Guid commandId) => new(commandId, Answer.Of(happened is MoveEvent.Switched e ? new MoveView(e.Side, e.At, e.Sessions) : Nothing.Value));
}

/// <summary>Why nothing moves.</summary>
public static class MoveRejection
{
    public static Rejection IsAnothers { get; } = new(Codes.NotEligible, "The session of the older chat came as another's, of another user or through another agent, and belongs to that one.");

    public static Rejection TooMany { get; } = new Rejection(Codes.NotEligible, "The user has as many sessions of the older chat here as one may have.").AtMost("sessions", MoveLimits.Sessions);
}

public static class MoveLimits
{
    /// <summary>Of an older chat, of one user and agent.</summary>
    public const int Sessions = 200;
}

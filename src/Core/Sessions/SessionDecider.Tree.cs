using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Users;
using SessionDecision = Agora.Core.Kernel.Decision<Agora.Core.Sessions.SessionState, Agora.Core.Runs.LeafEvent>;

namespace Agora.Core.Sessions;

/// <summary>
/// The tree of sessions: sub-sessions for other agents. This stream decides what a sub-session may do, which is never more than this
/// one, and counts those that live; the user's stream knows each session of the user, and lets it begin. Whoever ends a session ends
/// all below it: this stream refuses their runs from that moment, and each is told by its parent, so that it refuses reads too.
/// </summary>
public sealed partial class SessionDecider
{
    private static SessionDecision Delegate(SessionState state, SessionCommand.Delegate c, Context context)
    {
        if (state.Children.Values.Any(child => child.Opening?.CommandId == context.CommandId))
        {
            return SessionDecision.Later(); // a repeat, in an activation that took the delegation over
        }

        var admitted = Admit(state, c.Request, context, out var refused);
        if (refused is not null) return refused;
        if (DelegationRejection(state, c, context.Now) is { } rejection) return Refuse(admitted, c.Request, rejection, context);

        var seconds = c.ExpiresInSeconds ?? SecondsLeft(state, context.Now);
        var child = new Child(
            SessionIds.Below(state.Root, context.NewId(1)),
            c.AgentId,
            context.Now.AddSeconds(seconds),
            new(context.CommandId, GrantTerms.Narrowed(state.Scopes, c.Requested), c.BudgetLimitMicros ?? state.BudgetView.LimitMicros, seconds, c.Request.Line(201, context)));
        return SessionDecision.Later(new SessionEvent.Delegated(child)).WithSoft(admitted).Then(OpenChild(state, child));
    }

    // In order of precedence.
    private static Rejection? DelegationRejection(SessionState state, SessionCommand.Delegate c, DateTimeOffset now)
    {
        if (c.Request.Violations is { Count: > 0 } details) return AccessRejection.Invalid(details);
        if (c.AgentId == state.AgentId || state.Path.Any(node => node.AgentId == c.AgentId)) return SessionRejection.Cycle;
        if (state.Depth >= Limits.TreeDepth) return SessionRejection.TooDeep;
        if (state.LiveChildren(now) >= Limits.LiveChildren) return SessionRejection.TooManyChildren;
        if (GrantTerms.Exceeding(state.Scopes, c.Requested) is { } beyond) return SessionRejection.BeyondScope(beyond.List, beyond.Value);
        if (c.BudgetLimitMicros > state.BudgetView.LimitMicros) return SessionRejection.BeyondBudget(state.BudgetView.LimitMicros);
        return c.ExpiresInSeconds > SecondsLeft(state, now) ? SessionRejection.BeyondExpiry(SecondsLeft(state, now)) : null;
    }

    // Whole seconds, rounded down: a child never outlives its parent. In its last second a session has none to give, but one.
    private static int SecondsLeft(SessionState state, DateTimeOffset now) => (int)Math.Max(1, Math.Floor((state.ExpiresAt - now).TotalSeconds));

    /// <summary>It may be repeated under any command id: the session's own id makes it one.</summary>
    private static Step OpenChild(SessionState state, Child child)
    {
        var (terms, id) = (child.Opening!, child.SessionId);
        var open = new UserCommand.OpenDelegated(
            id, child.AgentId, [.. state.Path, new(state.SessionId, state.AgentId!)], terms.Scopes, terms.BudgetLimitMicros, terms.ExpiresInSeconds);
        return new(
            Phase.AfterCommit,
            new StepTarget.Entity(RunHolds.User(state), open),
            outcome => outcome is StepOutcome.Answered { Answer: var answer } && answer.Rejection != UserRejection.OpeningUndecided ? new SessionCommand.DelegationAnswered(id, answer) : null,
            terms.CommandId);
    }

    private static SessionDecision DelegationAnswered(SessionState state, SessionCommand.DelegationAnswered c, Context context)
    {
        if (!state.Children.TryGetValue(c.SessionId, out var child) || child.Opening is not { } opening) return Done;

        if (c.Answer.Rejection is { } refused)
        {
            var line = opening.Line with { Status = Codes.StatusOf(refused.Code) };
            return SessionDecision.Did(new SessionEvent.DelegationRefused(opening.CommandId, c.SessionId, refused, line)).Answering(opening.CommandId, Answer.No(refused));
        }

        var begun = new SessionEvent.DelegationBegun(opening.CommandId, (SessionOpened)c.Answer.Reply!, opening.Line);
        var decision = SessionDecision.Did(begun).Answering(opening.CommandId, Recall(begun, opening.CommandId)!.Answer);
        return state.RevokedAt is null ? decision : decision.Then([.. EndBelow(state.Evolve(begun, context.Now))]);
    }

    private static SessionDecision TakeRate(SessionState state, Context context)
    {
        var counted = state with { Rate = state.Rate.Take(context.Now) };
        return SessionDecision.Query(new RateTaken(counted.Rate)).WithSoft(counted);
    }

    private static SessionDecision EndAbove(SessionState state, SessionCommand.EndAbove c, Context context)
    {
        if (state.UserId is null || state.RevokedAt is not null) return SessionDecision.Accept(Nothing.Value);

        var ended = new SessionEvent.EndedAbove(c.SessionId, context.Now);
        return SessionDecision.Accept(Nothing.Value, ended).Then(ReportClose(state, context.Now)).Then([.. Approving.EndAll(state), .. EndBelow(state.Evolve(ended, context.Now))]);
    }

    private static SessionDecision CloseChild(SessionState state, SessionCommand.CloseChild c) => state.Children.TryGetValue(c.SessionId, out var child) && child.Opening is null
        ? SessionDecision.Accept(Nothing.Value, new SessionEvent.ChildEnded(c.SessionId))
        : SessionDecision.Accept(Nothing.Value);

    private static bool OwesTree(SessionState state) =>
        state.OwesParent || state.Tree.Openings > 0 || (state.RevokedAt is not null && !state.Children.IsEmpty);

    private static IEnumerable<Step> OwedToTree(SessionState state)
    {
        foreach (var child in state.Children.Values.Where(child => child.Opening is not null))
        {
            yield return OpenChild(state, child);
        }

        if (state.RevokedAt is not null)
        {
            foreach (var step in EndBelow(state).Concat(state.OwesParent ? TellParent(state) : []))
            {
                yield return step;
            }
        }
    }

    // One that is not open yet is told when it is.
    private static IEnumerable<Step> EndBelow(SessionState state) => state.Children.Values.Where(child => child.Opening is null).Select(child => new Step(
        Phase.AfterCommit,
        new StepTarget.Entity(RunHolds.Session(state, child.SessionId), new SessionCommand.EndAbove(state.EndedBy ?? state.SessionId)),
        outcome => outcome is StepOutcome.Answered ? new SessionCommand.ChildTold(child.SessionId) : null));

    private static IEnumerable<Step> TellParent(SessionState state) => state.Path.TakeLast(1).Select(parent => new Step(
        Phase.AfterCommit,
        new StepTarget.Entity(RunHolds.Session(state, parent.SessionId), new SessionCommand.CloseChild(state.SessionId)),
        outcome => outcome is StepOutcome.Answered ? new SessionCommand.ParentTold() : null));
}

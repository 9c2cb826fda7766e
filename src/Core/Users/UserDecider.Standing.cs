using Agora.Core.Access;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Users.UserState, Agora.Core.Users.UserEvent>;

namespace Agora.Core.Users;

/// <summary>
/// Suspension belongs to (agent, user), so it stands here and the sessions of the pair are told. The answer to whoever changed
/// it waits until each of them was tried once; one that was out of reach is told again with the alarm. A suspension ends by
/// this stream's clock without an event. Revisions of a pair only rise: a session ignores what it hears late. A delegated session
/// stands as the worst of the pairs on its path, under the sum of their revisions. What it attempts out of scope counts against the agent
/// at the root, which alone proved who it is: naming another agent launders nothing, and blames nobody.
/// </summary>
public sealed partial class UserDecider
{
    private static Decided ReportViolation(UserState state, UserCommand.ReportViolation c, Context context)
    {
        var agentId = state.AnswersFor(c.SessionId, c.AgentId);
        var pair = state.PairOf(agentId);
        if (!state.Exists) return Decided.Reject(UserRejection.NotFound);
        if (state.Announcements.Any(a => a.CommandId == context.CommandId)) return Decided.Later();
        if (pair.IsSuspended(context.Now)) return Decided.Accept(pair.Standing(context.Now));
        if (pair.InRow.Any(v => v.CommandId == context.CommandId)) return Decided.Accept(pair.Standing(context.Now));

        var since = context.Now - TimeSpan.FromMinutes(c.WindowMinutes);
        var inRow = 1 + pair.InRow.Count(v => v.At > since && (pair.Suspension is not { } over || v.At > over.At));
        if (inRow < c.Limit)
        {
            return Decided.Accept(new Standing(false, null, inRow, pair.Revision), new UserEvent.ViolationCounted(context.CommandId, agentId, c.SessionId, inRow, pair.Revision));
        }

        return SuspendReported(state, agentId, c.SessionId, "Attempts out of scope.", inRow, context);
    }

    /// <summary>Minutes of flood in a row, in whichever of the agent's sessions: two that overlap are one. Nothing of it is journaled before it suspends; a crash forgets it.</summary>
    private static Decided ReportFlood(UserState state, UserCommand.ReportFlood c, Context context)
    {
        var agentId = state.AnswersFor(c.SessionId, c.AgentId);
        var pair = state.PairOf(agentId);
        if (!state.Exists) return Decided.Reject(UserRejection.NotFound);
        if (state.Announcements.Any(a => a.CommandId == context.CommandId)) return Decided.Later();
        if (pair.IsSuspended(context.Now)) return Decided.Accept(pair.Standing(context.Now));

        var flood = Flood.With(state.Floods.GetValueOrDefault(agentId), c.Since);
        return flood.Minutes < c.Limit
            ? Decided.Accept(pair.Standing(context.Now)).WithSoft(state with { Floods = state.Floods.SetItem(agentId, flood) })
            : SuspendReported(state, agentId, c.SessionId, "Requests far above the rate.", pair.InRow.Length + 1, context);
    }

    private static Decided SuspendReported(UserState state, string agentId, string sessionId, string reason, int violations, Context context)
    {
        var pair = state.PairOf(agentId);
        var again = pair.AnomalyAt is { } before && context.Now - before < Limits.SuspensionMemory;
        return Changing(state, agentId, context, new UserEvent.PairSuspended(
            context.CommandId, agentId, sessionId, reason, again ? null : (long)Limits.Suspension.TotalSeconds, violations, pair.Revision + 1, [.. state.Listening(agentId, context.Now)]));
    }

    private static Decided Suspend(UserState state, UserCommand.Suspend c, Context context)
    {
        var pair = state.PairOf(c.AgentId);
        if (!state.Exists) return Decided.Reject(UserRejection.NotFound);
        if (state.Announcements.Any(a => a.CommandId == context.CommandId)) return Decided.Later();
        if (pair.Suspension is { Until: null }) return Decided.Accept(pair.Standing(context.Now));

        return Changing(state, c.AgentId, context, new UserEvent.PairSuspended(
            context.CommandId, c.AgentId, null, c.Reason, null, pair.InRow.Length, pair.Revision + 1, [.. state.Listening(c.AgentId, context.Now)]));
    }

    private static Decided Resume(UserState state, UserCommand.Resume c, Context context)
    {
        var pair = state.PairOf(c.AgentId);
        if (!state.Exists) return Decided.Reject(UserRejection.NotFound);
        if (state.Announcements.Any(a => a.CommandId == context.CommandId)) return Decided.Later();
        if (!pair.IsSuspendedHere(context.Now)) return Decided.Accept(pair.Standing(context.Now));

        return Changing(state, c.AgentId, context, new UserEvent.PairResumed(
            context.CommandId, c.AgentId, c.Reason, pair.Revision + 1, [.. state.Listening(c.AgentId, context.Now)], pair.Stopped));
    }

    /// <summary>One that was told what has changed again meanwhile is told once more, for somebody waits for it.</summary>
    private static Decided SessionTold(UserState state, UserCommand.SessionTold c, Context context)
    {
        var told = new UserEvent.SessionTold(c.SessionId, c.Revision, c.Reached);
        var after = state.Evolve(told, default);
        var awaited = state.Announcements.Any(a => a.Awaited.Contains(c.SessionId));
        if (awaited && !state.IsHeard(c.SessionId, c.Revision))
        {
            return Decided.NoChange.Then(TellStep(state, state.Sessions[c.SessionId], context.Now));
        }

        if (!awaited && after.Unheard.Count == state.Unheard.Count) return Decided.NoChange;

        var decision = Announced(after, Nothing.Value, told);
        return decision.LateAnswers.IsEmpty ? decision.Ride(Riding.Soon) : decision;
    }

    /// <summary>The change itself: its answer at once where no session has to be told first.</summary>
    private static Decided Changing(UserState state, string agentId, Context context, UserEvent changed) =>
        Announcing(state, context, changed, state.Evolve(changed, context.Now).PairOf(agentId).Standing(context.Now));

    private static Decided Announcing(UserState state, Context context, UserEvent changed, object reply)
    {
        var after = state.Evolve(changed, context.Now);
        var awaited = after.Announcements.FirstOrDefault(a => a.CommandId == context.CommandId)?.Awaited;
        return awaited is null
            ? Decided.Accept(reply, changed)
            : Decided.Later(changed).Then([.. awaited.Select(id => TellStep(after, after.Sessions[id], context.Now))]);
    }

    /// <summary>Answers what no longer waits for any session.</summary>
    private static Decided Announced(UserState after, object reply, UserEvent happened)
    {
        var done = after.Announcements.Where(a => a.Awaited.IsEmpty).ToList();
        var decision = Decided.Accept(reply, [happened, .. done.Select(Announced)]);
        return done.Aggregate(decision, (d, a) => d.Answering(a.CommandId, Answer.Of(a.Answer)));
    }

    private static UserEvent Announced(Announcement a) =>
        a.Reply is { } reply ? new UserEvent.AccessAnnounced(a.CommandId, reply) : new UserEvent.StandingAnnounced(a.CommandId, a.Standing);

    /// <summary>What the grant of today leaves goes along where a grant has taken something: times as what is left of them, as in <see cref="BeginStep"/>.</summary>
    private static Step TellStep(UserState state, LiveSession session, DateTimeOffset now)
    {
        var id = session.Terms.SessionId;
        var standing = state.StandingOf(session.Terms, now);
        var today = state.Today(session.Terms);
        var left = today.ExpiresAt < session.Terms.ExpiresAt ? (int)Math.Max(0, (today.ExpiresAt - now).TotalSeconds) : (int?)null;
        var terms = session.Narrowed || !ReferenceEquals(today, session.Terms) ? new TermsToday(today.Scopes, today.BudgetLimitMicros, left) : null;
        return new(
            Phase.AfterCommit,
            new StepTarget.Entity(SessionStream(state, id), new AccessCommand.SetStanding(standing.Suspended, standing.ForSeconds, standing.Revision, terms, session.Ended)),
            outcome => new UserCommand.SessionTold(id, standing.Revision, Reached: outcome is StepOutcome.Answered));
    }
}

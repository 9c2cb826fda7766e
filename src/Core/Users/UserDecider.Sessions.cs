using Agora.Core.Access;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Users.UserState, Agora.Core.Users.UserEvent>;

namespace Agora.Core.Users;

/// <summary>
/// A session is opened here, where the grant is, and then begins in its own stream; the agent gets it when it has begun. It is
/// live, by this stream's time, until it is closed or expires.
/// </summary>
public sealed partial class UserDecider
{
    private static Decided OpenSession(UserState state, UserCommand.OpenSession c, Context context)
    {
        if (state.Sessions.Values.FirstOrDefault(s => s.Opening == context.CommandId) is { } before)
        {
            return before.Begun ? Decided.Accept(before.Terms) : Decided.Later();
        }

        var grant = state.Grants.GetValueOrDefault(c.AgentId);
        var started = StartedAgain(state, c);
        var looked = started.Aggregate(state, (s, e) => s.Evolve(e, context.Now));
        if (!state.Exists && !c.Vouched) return Decided.Reject(UserRejection.NotFound);
        if (state.ErasedAt is not null) return Decided.Reject(UserRejection.NobodyActs);
        if (Suspended(looked, c.AgentId, null, context.Now) is { } suspended) return Decided.Reject(suspended);
        if (grant is null && !c.Vouched) return Decided.Reject(UserRejection.NoGrant);

        var counted = c.Rate is null ? state : state.WithOpening(c.AgentId, context.Now);
        if (c.Rate is { } rate && counted.Openings[c.AgentId] is var asked && asked.Count > rate.PerMinute)
        {
            return RefuseOver(c.AgentId, rate, asked, context.Now).WithSoft(counted);
        }

        return (OpeningRejection(state, c, grant, context.Now) is { } refused ? Decided.Reject(refused) : Opened(state, c, grant, started, looked, context)).WithSoft(counted);
    }

    /// <summary>Soft, like a session's rate, which a new session has afresh: without this bound, asking for session after session would pass it.</summary>
    private static Decided RefuseOver(string agentId, RateRule rate, RateWindow asked, DateTimeOffset now)
    {
        var refused = Decided.Reject(UserRejection.TooManyOpenings(rate.PerMinute, asked.SecondsLeft(now))).AsQuery();
        return rate.BeginsFlood(asked.Count)
            ? refused.Then(new Step(Phase.AfterCommit, new StepTarget.Self(), _ => new UserCommand.ReportFlood(agentId, "", asked.Since, rate.FloodMinutes)))
            : refused;
    }

    // In order of precedence.
    private static Rejection? OpeningRejection(UserState state, UserCommand.OpenSession c, Grant? grant, DateTimeOffset now)
    {
        if (c.ExpiresInSeconds < 1 || c.ExpiresInSeconds > Limits.SessionMaxAge.TotalSeconds) return UserRejection.ExpiryOutOfRange;
        if (!InRange(c.BudgetLimitMicros)) return UserRejection.AmountOutOfRange;
        if ((c.BudgetLimitMicros ?? grant?.BudgetLimitMicros) is not { } budget) return UserRejection.BudgetRequired;
        if (grant?.ExpiresAt <= now) return UserRejection.GrantExpired;
        if (grant is not null && GrantTerms.Beyond(grant.Scopes, c.Requested) is { } beyond) return beyond;
        if (budget > grant?.BudgetLimitMicros) return UserRejection.BeyondBudget(grant.BudgetLimitMicros);
        return !c.EndOldest && Live(state, c.AgentId, now).Count >= MostLive(grant) ? UserRejection.TooManySessions(MostLive(grant)) : null;
    }

    private static int MostLive(Grant? grant) => grant?.MaxLiveSessions ?? Limits.MaxLiveSessions;

    private static Decided Opened(UserState state, UserCommand.OpenSession c, Grant? grant, UserEvent[] started, UserState looked, Context context)
    {
        var (live, most) = (Live(state, c.AgentId, context.Now), MostLive(grant));
        UserEvent[] replaced = live.Count < most ? []
            : [new UserEvent.SessionsReplaced(c.AgentId, [.. live.Take(live.Count - most + 1).Select(s => s.Terms.SessionId)], Next(looked, c.AgentId))];
        var after = replaced.Aggregate(looked, (s, e) => s.Evolve(e, context.Now));
        var told = after.Sessions.Values.Where(s => s is { Begun: true, Ended: EndReasons.Replaced } && looked.Sessions[s.Terms.SessionId].Ended is null);
        var expires = context.Now.AddSeconds(c.ExpiresInSeconds);
        var budget = c.BudgetLimitMicros ?? grant!.BudgetLimitMicros;
        var terms = new SessionOpened(
            context.NewId(0).ToString("D"), c.AgentId, state.Stream.Id, GrantTerms.Narrowed(grant?.Scopes, c.Requested), budget, context.Now,
            grant?.ExpiresAt < expires ? grant.ExpiresAt.Value : expires, KeyId: c.KeyId);
        var opened = Decided.Later(new UserEvent.SessionOpened(context.CommandId, terms)).Then(BeginStep(after, new(terms, context.CommandId, false), context.Now))
            .Then([.. told.Select(s => TellStep(after, s, context.Now))])
            .AlsoFirst([.. started, .. replaced]);
        return state.Exists ? opened : opened.AlsoFirst(new UserEvent.UserVouched());
    }

    /// <summary>
    /// The parent's stream has decided the terms. What only this one knows is checked here: that the parent is live, that nobody on
    /// the path is suspended, and that the grant under which all of it is spent stands.
    /// </summary>
    private static Decided OpenDelegated(UserState state, UserCommand.OpenDelegated c, Context context)
    {
        if (state.Sessions.TryGetValue(c.SessionId, out var before))
        {
            return before.Begun ? Decided.Accept(before.Terms) : before.Opening == context.CommandId ? Decided.Later() : Decided.Reject(UserRejection.OpeningUndecided);
        }

        var now = context.Now;
        var grant = state.Grants.GetValueOrDefault(c.Path[0].AgentId);
        if (!state.Sessions.TryGetValue(c.Path[^1].SessionId, out var parent) || parent.Terms.ExpiresAt <= now)
        {
            return Decided.Reject(UserRejection.ParentEnded);
        }

        if (state.ErasedAt is not null || parent.Ended is not null) return Decided.Reject(UserRejection.ParentEnded);
        if (grant?.ExpiresAt <= now) return Decided.Reject(UserRejection.GrantExpired);
        if (Delegations(state, c.Path[0].AgentId, now) is { } tooMany) return Decided.Reject(tooMany);

        DateTimeOffset[] ends = [now.AddSeconds(c.ExpiresInSeconds), parent.Terms.ExpiresAt, grant?.ExpiresAt ?? DateTimeOffset.MaxValue];
        var terms = state.Today(new SessionOpened(c.SessionId, c.AgentId, state.Stream.Id, c.Scopes, c.BudgetLimitMicros, now, ends.Min(), c.Path, parent.Terms.KeyId));
        if (Suspended(state, terms, now) is { } suspended) return Decided.Reject(suspended);

        return Decided.Later(new UserEvent.SessionOpened(context.CommandId, terms)).Then(BeginStep(state, new(terms, context.CommandId, false), now));
    }

    /// <summary>Every level of the path counts for the agent at its root, which alone proved who it is: it uses up its own share, and never that of others.</summary>
    private static Rejection? Delegations(UserState state, string root, DateTimeOffset now)
    {
        var (all, own) = (0, 0);
        foreach (var (_, session) in state.Sessions)
        {
            if (session.Terms.Path is not { Count: > 0 } path || session.Terms.ExpiresAt <= now) continue;
            all++;
            if (path[0].AgentId == root)
            {
                own++;
            }
        }

        return own >= Limits.LiveDelegationsOfAgent ? UserRejection.TooManyDelegationsOfAgent
            : all >= Limits.LiveDelegations ? UserRejection.TooManyDelegations
            : null;
    }

    /// <summary>A suspension, or whatever else takes something from it, may have overtaken the opening: then nobody gets this session, and it expires unused.</summary>
    private static Decided SessionBegun(UserState state, UserCommand.SessionBegun c, Context context)
    {
        if (!state.Sessions.TryGetValue(c.SessionId, out var session) || session.Begun) return Decided.NoChange;

        var taken = session.Ended is not null || !ReferenceEquals(state.Today(session.Terms), session.Terms) ? UserRejection.OpeningLost : null;
        var refused = c.Refused ?? Suspended(state, session.Terms, context.Now) ?? taken;
        return refused is null
            ? Decided.Did(new UserEvent.SessionBegun(session.Opening, session.Terms)).Answering(session.Opening, Answer.Of(session.Terms))
            : Decided.Did(new UserEvent.OpeningRefused(session.Opening, session.Terms, refused)).Answering(session.Opening, Answer.No(refused));
    }

    /// <summary>Who waits for this session to be told of a suspension waits no longer; who waits for it to begin is refused.</summary>
    private static Decided CloseSession(UserState state, UserCommand.CloseSession c)
    {
        var closed = new SessionClosed(c.SessionId);
        if (!state.Sessions.TryGetValue(c.SessionId, out var session)) return Decided.Accept(closed);

        var happened = new UserEvent.SessionClosed(session.Terms, c.EndedAt);
        if (session.Begun) return Announced(state.Evolve(happened, default), closed, happened);

        return Decided.Accept(closed, new UserEvent.OpeningRefused(session.Opening, session.Terms, UserRejection.OpeningLost), happened)
            .Answering(session.Opening, Answer.No(UserRejection.OpeningLost));
    }

    /// <summary>Those that auth opened, the oldest first: what was delegated is bounded by the tree.</summary>
    private static List<LiveSession> Live(UserState state, string agentId, DateTimeOffset now) =>
    [
        .. state.Sessions.Values.Where(s => s.Terms.AgentId == agentId && s.Terms.Path is null && s.Ended is null && s.Terms.ExpiresAt > now)
            .OrderBy(s => s.Terms.CreatedAt).ThenBy(s => s.Terms.SessionId, StringComparer.Ordinal),
    ];

    /// <summary>Begin is idempotent. What is left of the session travels as a duration; at least a second, so that it begins and ends by itself.</summary>
    private static Step BeginStep(UserState state, LiveSession session, DateTimeOffset now)
    {
        var terms = session.Terms;
        var left = (int)Math.Max(1, (terms.ExpiresAt - now).TotalSeconds);
        return new(
            Phase.AfterCommit,
            new StepTarget.Entity(SessionStream(state, terms.SessionId), new AccessCommand.Begin(terms.AgentId, terms.UserId, terms.Scopes, terms.BudgetLimitMicros, left, terms.Path, terms.KeyId, state.StandingOf(terms, now).Revision)),
            outcome => outcome is StepOutcome.Answered { Answer: var answer } ? new UserCommand.SessionBegun(terms.SessionId, answer.Rejection) : null);
    }

    private static StreamId SessionStream(UserState state, string sessionId) => new(state.Stream.Tenant, Kinds.Session, sessionId);
}

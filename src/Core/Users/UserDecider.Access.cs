using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Users.UserState, Agora.Core.Users.UserEvent>;

namespace Agora.Core.Users;

/// <summary>
/// What is taken from agents while their sessions live: a grant is narrowed or ended, a key revoked, the user paused or erased, an agent stopped. Each is one
/// event here, from which on this stream refuses; then every session that it concerns is told, as of a suspension, below in the tree too, and
/// whoever asked is answered when each of them was tried once. One that was out of reach is told again with the alarm, and gets nothing here that was
/// taken from it meanwhile (<see cref="UserState.Taken"/>).
/// </summary>
public sealed partial class UserDecider
{
    private static Decided PutGrant(UserState state, UserCommand.PutGrant c, Context context)
    {
        if (!state.Exists) return Decided.Reject(UserRejection.NotFound);
        if (IsAnnouncing(state, context)) return Decided.Later();
        if (c.Replacing?.If?.Refusal(state.EtagOf(c.AgentId)) is { } failed) return Decided.Reject(failed);
        if (!InRange(c.Grant.BudgetLimitMicros) || !InRange(c.Grant.TotalLimitMicros) || !InRange(c.Grant.ApprovalAboveMicros))
        {
            return Decided.Reject(UserRejection.AmountOutOfRange);
        }

        if (c.Grant.MaxLiveSessions is < 1 or > Limits.MaxLiveSessions) return Decided.Reject(UserRejection.LiveSessionsOutOfRange);

        var raise = state.RaiseOver(c.AgentId, c.Grant, context.Now);
        var view = new GrantView(c.AgentId, c.Grant, Raise: raise);
        if (state.Grants.TryGetValue(c.AgentId, out var grant) && GrantTerms.Same(grant, c.Grant)) return Decided.Accept(view);

        view = view with { Dropped = c.Replacing?.Dropped(grant?.Given(), c.Grant.Given()) };

        var changed = state.ChangedBy(c.AgentId, c.Grant, context.Now);
        var periods = PeriodsIn(state, state.DayAt(context), counts: true, context);
        var put = new UserEvent.GrantPut(c.AgentId, c.Grant, periods, TakesHeld: state.HasUngranted(c.AgentId), Dropped: view.Dropped).Under(raise);
        return changed.Count == 0
            ? Decided.Accept(view, put)
            : Announcing(state, context, put with { CommandId = context.CommandId, Revision = Next(state, c.AgentId), Awaited = changed }, view);
    }

    private static Decided EndGrant(UserState state, UserCommand.EndGrant c, Context context)
    {
        if (IsAnnouncing(state, context)) return Decided.Later();
        if (!state.Exists) return Decided.Reject(UserRejection.NotFound);
        if (!state.Grants.ContainsKey(c.AgentId)) return Decided.Reject(UserRejection.NoSuchGrant);
        if (c.If?.Refusal(state.EtagOf(c.AgentId)) is { } failed) return Decided.Reject(failed);

        var awaited = state.EndedBy(s => s.Grantee == c.AgentId, context.Now);
        return Announcing(state, context, new UserEvent.GrantEnded(context.CommandId, c.AgentId, context.Now, Next(state, c.AgentId), awaited), new GrantEnded(c.AgentId, context.Now));
    }

    /// <summary>Also where nothing lives any more: who asks to be forgotten is.</summary>
    private static Decided EraseData(UserState state, Context context)
    {
        if (IsAnnouncing(state, context)) return Decided.Later();
        if (!state.Exists) return Decided.Reject(UserRejection.NotFound);
        if (state.ErasedAt is { } before) return Decided.Accept(new UserErased(state.Stream.Id, before));

        var erased = new UserErased(state.Stream.Id, context.Now);
        var awaited = state.EndedBy(_ => true, context.Now);
        var periods = PeriodsIn(state, LocalDay.Utc(context.Now), counts: false, context);
        return awaited.Count == 0
            ? Decided.Accept(erased, new UserEvent.PersonalDataErased(erased.UserId, erased.ErasedAt, periods))
            : Announcing(state, context, new UserEvent.PersonalDataErased(erased.UserId, erased.ErasedAt, periods, context.CommandId, state.Pause.Revision + 1, awaited), erased);
    }

    private static Decided Pause(UserState state, UserCommand.Pause c, Context context)
    {
        if (IsAnnouncing(state, context)) return Decided.Later();
        if (!state.Exists) return Decided.Reject(UserRejection.NotFound);

        var standing = new UserStanding(state.Stream.Id, Paused: true);
        return state.Pause.IsSuspended(context.Now)
            ? Decided.Accept(standing)
            : Announcing(state, context, new UserEvent.UserPaused(context.CommandId, state.Stream.Id, c.Reason, state.Pause.Revision + 1, Everybody(state, context)), standing);
    }

    private static Decided Unpause(UserState state, UserCommand.Unpause c, Context context)
    {
        if (IsAnnouncing(state, context)) return Decided.Later();
        if (!state.Exists) return Decided.Reject(UserRejection.NotFound);

        var standing = new UserStanding(state.Stream.Id, Paused: false);
        return !state.Pause.IsSuspended(context.Now)
            ? Decided.Accept(standing)
            : Announcing(state, context, new UserEvent.UserUnpaused(context.CommandId, state.Stream.Id, c.Reason, state.Pause.Revision + 1, Everybody(state, context)), standing);
    }

    private static Decided MakeLink(UserState state, UserCommand.MakeLink c, Context context)
    {
        if (!state.Exists) return Decided.Reject(UserRejection.NotFound);

        var made = new UserEvent.LinkMade(state.Stream.Id, state.LinkGeneration, context.Now.AddSeconds(c.Seconds));
        return Decided.Accept(Linked(made), made);
    }

    private static Decided EndLinks(UserState state, Context context)
    {
        if (!state.Exists) return Decided.Reject(UserRejection.NotFound);

        var ended = new UserEvent.LinksEnded(state.Stream.Id, state.LinkGeneration + 1, context.Now);
        return Decided.Accept(Unlinked(ended), ended);
    }

    private static UserLinked Linked(UserEvent.LinkMade e) => new(e.UserId, e.Generation, e.Until);

    private static UserLinksEnded Unlinked(UserEvent.LinksEnded e) => new(e.UserId, e.EndedAt);

    private static Decided EndKey(UserState state, UserCommand.EndKey c, Context context)
    {
        if (IsAnnouncing(state, context)) return Decided.Later();

        var awaited = state.EndedBy(s => UserState.IsOpenedBy(s, c.AgentId, c.KeyId), context.Now);
        var opening = state.Sessions.Values.Any(s => s is { Begun: false, Ended: null } && UserState.IsOpenedBy(s.Terms, c.AgentId, c.KeyId));
        return awaited.Count == 0 && !opening
            ? Decided.Accept(Nothing.Value)
            : Announcing(state, context, new UserEvent.KeyEnded(context.CommandId, c.AgentId, c.KeyId, Next(state, c.AgentId), awaited), Nothing.Value);
    }

    private static Decided SetAgentStanding(UserState state, UserCommand.SetAgentStanding c, Context context)
    {
        if (IsAnnouncing(state, context)) return Decided.Later();

        var pair = state.PairOf(c.AgentId);
        return !state.Exists || c.Revision <= pair.AgentRevision
            ? Decided.Accept(Nothing.Value)
            : Announcing(
                state, context, new UserEvent.AgentStandingTaken(context.CommandId, c.AgentId, c.Stopped, c.Revision, pair.Revision + 1, [.. state.Listening(c.AgentId, context.Now)]), Nothing.Value);
    }

    /// <summary>Whoever opens a session has looked: the agent was started again since this stream heard that it was stopped. It answers nobody: who opens waits for the session.</summary>
    private static UserEvent[] StartedAgain(UserState state, UserCommand.OpenSession c) => state.PairOf(c.AgentId) is { Stopped: true } pair && c.AgentRevision > pair.AgentRevision
        ? [new UserEvent.AgentStandingTaken(CommandId: default, c.AgentId, Stopped: false, c.AgentRevision.Value, pair.Revision + 1, [])]
        : [];

    /// <summary>In order of precedence: the user as a whole, the agent, those above it on the session's path.</summary>
    private static Rejection? Suspended(UserState state, string agentId, IEnumerable<string>? above, DateTimeOffset now)
    {
        if (state.Pause.IsSuspended(now)) return UserRejection.Paused;
        if (state.PairOf(agentId) is var own && own.IsSuspended(now)) return UserRejection.Suspended(own, now);
        return above?.Select(state.PairOf).FirstOrDefault(pair => pair.IsSuspended(now)) is { } pair ? UserRejection.Suspended(pair, now) : null;
    }

    private static Rejection? Suspended(UserState state, SessionOpened terms, DateTimeOffset now) => Suspended(state, terms.AgentId, terms.Path?.Select(node => node.AgentId), now);

    private static bool IsAnnouncing(UserState state, Context context) => state.Announcements.Any(a => a.CommandId == context.CommandId);

    private static long Next(UserState state, string agentId) => state.PairOf(agentId).Revision + 1;

    private static string[] Everybody(UserState state, Context context) =>
        [.. state.Sessions.Values.Where(s => s.Begun && s.Terms.ExpiresAt > context.Now).Select(s => s.Terms.SessionId)];
}

using Agora.Core.Access;
using Agora.Core.Kernel;

namespace Agora.Core.Users;

/// <summary>
/// What a session may do today: what it was opened with, within what its user grants now. A session is opened with the grant of its day; put anew, the
/// grant narrows it, and widened again it gives back no more than there was. What was ended stays ended.
/// </summary>
public sealed partial record UserState
{
    /// <summary>The terms themselves where the grant of today takes nothing from them. Without a grant nothing but the terms binds.</summary>
    public SessionOpened Today(SessionOpened terms)
    {
        if (!Grants.TryGetValue(terms.Grantee, out var grant)) return terms;

        var scopes = GrantTerms.Both(terms.Scopes, grant.Scopes);
        var expires = grant.ExpiresAt < terms.ExpiresAt ? grant.ExpiresAt.Value : terms.ExpiresAt;
        return ReferenceEquals(scopes, terms.Scopes) && terms.BudgetLimitMicros <= grant.BudgetLimitMicros && expires == terms.ExpiresAt
            ? terms
            : terms with { Scopes = scopes, BudgetLimitMicros = Math.Min(terms.BudgetLimitMicros, grant.BudgetLimitMicros), ExpiresAt = expires };
    }

    /// <summary>
    /// What this stream has taken from the session, as a refusal; null: nothing that the session does not know. One that is over is not known here any more, and what it had
    /// asked for before may arrive after that: it gets nothing, for nothing here binds it any longer.
    /// </summary>
    public Rejection? Taken(string sessionId)
    {
        if (!Sessions.TryGetValue(sessionId, out var session)) return UserRejection.SessionOver;
        if (!session.Begun || !Unheard.Contains(sessionId)) return null;

        return session.Ended is not null ? AccessRejection.Revoked
            : ReferenceEquals(Today(session.Terms), session.Terms) ? null
            : UserRejection.Behind;
    }

    /// <summary>Live sessions that stand otherwise under another grant to the agent at their root.</summary>
    public IReadOnlyList<string> ChangedBy(string agentId, Grant grant, DateTimeOffset now)
    {
        var after = this with { Grants = Grants.SetItem(agentId, grant) };
        return [.. Sessions.Values.Where(s => s.Terms.Grantee == agentId && s is { Begun: true, Ended: null } && s.Terms.ExpiresAt > now && Differ(Today(s.Terms), after.Today(s.Terms))).Select(s => s.Terms.SessionId)];
    }

    /// <summary>Live sessions that end by what <paramref name="ends"/> says, and those below them: they have the same root.</summary>
    public IReadOnlyList<string> EndedBy(Func<SessionOpened, bool> ends, DateTimeOffset now) =>
        [.. Sessions.Values.Where(s => s is { Begun: true, Ended: null } && s.Terms.ExpiresAt > now && ends(s.Terms)).Select(s => s.Terms.SessionId)];

    /// <summary>One whose key is not known may have been opened by this one.</summary>
    public static bool IsOpenedBy(SessionOpened terms, string agentId, string keyId) => terms.Grantee == agentId && (terms.KeyId is null || terms.KeyId == keyId);

    private static bool Differ(SessionOpened one, SessionOpened other) =>
        one.BudgetLimitMicros != other.BudgetLimitMicros || one.ExpiresAt != other.ExpiresAt || !GrantTerms.Same(one.Scopes, other.Scopes);

    private UserState Put(UserEvent.GrantPut e)
    {
        var state = (this with { Grants = Grants.SetItem(e.AgentId, e.View.Grant), GrantRaises = With(GrantRaises, e.AgentId, e.Raise), IsCounted = true }).In(e.Periods);
        state = e.TakesHeld ? state.CountUngranted(e.AgentId) : state;
        return e.Revision == 0 ? state : (state with { Sessions = Sessions.SetItems((e.Awaited ?? []).Select(id => KeyValuePair.Create(id, Sessions[id] with { Narrowed = true }))) }).Raised(e.AgentId, e.Revision)
            .Announce(s => s.IsUnder(e.AgentId), e.CommandId, e.Revision, Unchanged, e.Awaited ?? [], new(Grant: e.View));
    }

    private UserState End(UserEvent.GrantEnded e) => (this with { Grants = Grants.Remove(e.AgentId), GrantRaises = GrantRaises.Remove(e.AgentId) }).Ending(s => s.Grantee == e.AgentId, EndReasons.GrantEnded).Raised(e.AgentId, e.Revision)
        .Announce(s => s.IsUnder(e.AgentId), e.CommandId, e.Revision, Unchanged, e.Awaited, new(GrantEnded: new(e.AgentId, e.EndedAt)));

    private UserState End(UserEvent.KeyEnded e) => Ending(s => IsOpenedBy(s, e.AgentId, e.KeyId), EndReasons.KeyRevoked).Raised(e.AgentId, e.Revision)
        .Announce(s => s.IsUnder(e.AgentId), e.CommandId, e.Revision, Unchanged, e.Awaited, new());

    private UserState End(UserEvent.SessionsReplaced e)
    {
        return Ending(IsReplaced, EndReasons.Replaced).Raised(e.AgentId, e.Revision).Announce(IsReplaced, default, e.Revision, Unchanged, awaited: []);

        bool IsReplaced(SessionOpened terms) => e.Sessions.Contains(terms.SessionId) || (terms.Path is { } path && path.Any(node => e.Sessions.Contains(node.SessionId)));
    }

    private UserState Erase(UserEvent.PersonalDataErased e) => (this with { Profile = null, Raise = null, GrantRaises = GrantRaises.Clear(), ErasedAt = e.ErasedAt, Pause = Pause with { Revision = Math.Max(e.Revision, Pause.Revision + 1) } })
        .In(e.Periods)
        .Ending(_ => true, EndReasons.UserErased)
        .Announce(_ => true, e.CommandId, e.Revision, Unchanged, e.Awaited ?? [], new(Erased: new(e.UserId, e.ErasedAt)));

    private UserState Stand(Suspension? suspension, Guid commandId, long revision, IReadOnlyList<string> awaited) => (this with { Pause = Pause with { Suspension = suspension, Revision = revision } })
        .Announce(_ => true, commandId, revision, Unchanged, awaited, new(User: new(Stream.Id, suspension is not null)));

    private UserState Take(UserEvent.AgentStandingTaken e) => With(e.AgentId, PairOf(e.AgentId) with { Stopped = e.Stopped, AgentRevision = e.AgentRevision, Revision = e.Revision })
        .Announce(s => s.IsUnder(e.AgentId), e.CommandId, e.Revision, Unchanged, e.Awaited, new());

    private static readonly Standing Unchanged = new(false, null, 0, 0);

    private UserState Raised(string agentId, long revision) => With(agentId, PairOf(agentId) with { Revision = revision });

    private UserState Ending(Func<SessionOpened, bool> ends, string why) => this with
    {
        Sessions = Sessions.SetItems(Sessions.Where(s => s.Value.Ended is null && ends(s.Value.Terms)).Select(s => KeyValuePair.Create(s.Key, s.Value with { Ended = why }))),
    };
}

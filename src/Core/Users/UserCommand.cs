using System.Text.Json.Serialization;
using Agora.Core.Access;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Users;

/// <summary>A user's grant to one agent: what its sessions may do, and how much.</summary>
/// <param name="TotalLimitMicros">The grant's own node, over all of its sessions; null: none.</param>
/// <param name="ApprovalAboveMicros">A run that may cost more waits until the user approves it; null: none does.</param>
public sealed record Grant(
    Scopes Scopes,
    long BudgetLimitMicros,
    long? TotalLimitMicros,
    int MaxLiveSessions,
    DateTimeOffset? ExpiresAt,
    long? ApprovalAboveMicros = null)
{
    /// <summary>Names of the optional members, as an operator knows them, that have another value than their default.</summary>
    internal IReadOnlyList<string> Given() => Replacing.Given(
        ("scopes.allowed_task_types", Scopes.TaskTypes.Count > 0),
        ("scopes.allowed_data_types", Scopes.DataTypes.Count > 0),
        ("scopes.allowed_categories", Scopes.Categories.Count > 0),
        ("scopes.allowed_consents", !Scopes.Consents.SequenceEqual(ScopeRules.ConsentsImplied(Scopes.DataTypes), StringComparer.Ordinal)),
        ("scopes.allowed_payees", Scopes.Payees is { Count: > 0 }),
        ("scopes.allowed_peers", Scopes.Peers is { Count: > 0 }),
        ("total_limit_cents", TotalLimitMicros is not null),
        ("max_live_sessions", MaxLiveSessions != Limits.LiveSessionsDefault),
        ("expires_at", ExpiresAt is not null),
        ("require_approval_above_cents", ApprovalAboveMicros is not null));
}

public sealed record ConsentGiven(string Type, bool Granted);

/// <summary>
/// Closed union. Answers:
/// PutUser, RaiseCaps, EndRaise → <see cref="UserView"/>. PutGrant, RaiseGrant, EndGrantRaise → <see cref="GrantView"/>. EndGrant → <see cref="GrantEnded"/> or not_found. EraseData → <see cref="UserErased"/>.
/// Pause, Unpause → <see cref="UserStanding"/>. MakeLink → <see cref="UserLinked"/>. EndLinks → <see cref="UserLinksEnded"/>. EndKey, SetAgentStanding → nothing.
/// OpenSession → <see cref="SessionOpened"/>, or rate_limited, grant_exceeded, session_suspended, not_found (unknown user without Vouched).
/// OpenDelegated → <see cref="SessionOpened"/>, or grant_exceeded, session_suspended, session_revoked, unavailable (not decided yet: ask again).
/// CloseSession → <see cref="SessionClosed"/>. ReportViolation, ReportFlood → <see cref="Standing"/>. Suspend, Resume → <see cref="Standing"/>.
/// CompleteTask → <see cref="TaskDone"/>, or task_already_completed, not_eligible, session_suspended, unavailable (voided, too late or ahead), or what the campaign refuses. VoidTask → <see cref="TaskDone"/> if it was done, else <see cref="TaskVoided"/>.
/// ClaimReward → <see cref="TaskClaim"/>, or as CompleteTask, or duplicate_request (there is a live claim).
/// Node.Reserve, NextFund → <see cref="UserReserved"/>, Reserve also <see cref="ApprovalNeeded"/>, or session_suspended, budget_exceeded (limit, remaining_cents), payment_required (campaign_ids that would change it), unavailable (decided, too late or ahead).
/// WithdrawConsent → <see cref="ConsentWithdrawn"/>, not_found or scope_violation. Get → <see cref="UserView"/>; Inspect → <see cref="UserInspected"/>; GetSponsorship → <see cref="Sponsorship"/> (queries).
/// </summary>
public abstract record UserCommand
{
    private UserCommand()
    {
    }

    public static implicit operator UserCommand(NodeCommand asked) => new Node(asked);

    /// <summary>As the node of the grant, the day and the month; and as the owner of rewards.</summary>
    public sealed record Node(NodeCommand Asked) : UserCommand;

    /// <summary>What came of this stream's own questions about what it holds. Own command.</summary>
    internal sealed record Learned(NodeOutcome Outcome) : UserCommand;

    /// <param name="Profile">JSON of <see cref="Profile"/>.</param>
    /// <param name="Parts">In <see cref="PartCap.InOrder"/>; null: none.</param>
    public sealed record PutUser([property: JsonIgnore] Personal Profile, long? DailyCapMicros, long? MonthlyCapMicros, Replacing? Replacing = null, IReadOnlyList<PartCap>? Parts = null) : UserCommand;

    /// <summary>Live sessions that go beyond the grant are narrowed to it, those below them too, before the answer.</summary>
    public sealed record PutGrant(string AgentId, Grant Grant, Replacing? Replacing = null) : UserCommand;

    /// <summary>The user's caps are higher for a while. The raise that is there is replaced.</summary>
    /// <param name="If">What is expected of the raise in force.</param>
    public sealed record RaiseCaps(CapRaise Raise, Precondition? If = null) : UserCommand;

    public sealed record EndRaise(Precondition? If = null) : UserCommand;

    /// <summary>As <see cref="RaiseCaps"/>, of a grant's total.</summary>
    public sealed record RaiseGrant(string AgentId, GrantRaise Raise, Precondition? If = null) : UserCommand;

    public sealed record EndGrantRaise(string AgentId, Precondition? If = null) : UserCommand;

    /// <summary>Every session under the grant ends, before the answer.</summary>
    public sealed record EndGrant(string AgentId, Precondition? If = null) : UserCommand;

    /// <summary>No agent acts for this user until it is taken back: every live session is told, before the answer.</summary>
    public sealed record Pause(string Reason) : UserCommand;

    public sealed record Unpause(string Reason) : UserCommand;

    /// <summary>Lets whoever has the link that is made of the answer come in as the user.</summary>
    public sealed record MakeLink(int Seconds) : UserCommand;

    /// <summary>Every link that was made, and every sign-in by one, ends.</summary>
    public sealed record EndLinks : UserCommand;

    /// <summary>From the agent's stream: a key was revoked, and what it opened ends. A session whose key is not known may be its, so it ends too.</summary>
    public sealed record EndKey(string AgentId, string KeyId) : UserCommand;

    /// <summary>From the agent's stream: whether an operator has stopped the agent, for everybody. Revisions only rise.</summary>
    public sealed record SetAgentStanding(string AgentId, bool Stopped, long Revision) : UserCommand;

    /// <summary>After this is durable the host destroys the key; nothing personal is readable from then on.</summary>
    public sealed record EraseData : UserCommand;

    /// <param name="Requested">Null lists: all of the grant. Without a grant (platform key only) they allow nothing.</param>
    /// <param name="BudgetLimitMicros">Null: the grant's.</param>
    /// <param name="Vouched">The platform key vouches for user and agent: they are created on first use.</param>
    /// <param name="KeyId">Which of the agent's keys opens it, or one of <see cref="Openers"/>; null: a release that did not say.</param>
    /// <param name="AgentRevision">The agent runs, as its stream said under this revision; null: not looked up.</param>
    /// <param name="EndOldest">Where the agent has as many live sessions as it may, the oldest ends for this one: tokens that were lost lock nobody out.</param>
    /// <param name="Rate">How often the agent may ask for a session of this user (settings of the process); null: a release that did not say, which bounds nothing.</param>
    public sealed record OpenSession(
        string AgentId,
        RequestedScopes Requested,
        long? BudgetLimitMicros,
        int ExpiresInSeconds,
        bool Vouched,
        string? KeyId = null,
        long? AgentRevision = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool EndOldest = false,
        RateRule? Rate = null) : UserCommand;

    /// <summary>From a session that has decided it: a sub-session of it, for another agent. The same session id again is the same opening.</summary>
    /// <param name="Path">Those above, root first; the last one asks.</param>
    public sealed record OpenDelegated(
        string SessionId, string AgentId, IReadOnlyList<PathNode> Path, Scopes Scopes, long BudgetLimitMicros, int ExpiresInSeconds) : UserCommand;

    /// <param name="EndedAt">When it ended, by its own stream; a session that does not say ends when this one hears of it.</param>
    public sealed record CloseSession(string SessionId, DateTimeOffset? EndedAt = null) : UserCommand;

    /// <summary>An attempt out of scope by (agent, this user), in this session.</summary>
    /// <param name="Limit">So many in a row within <paramref name="WindowMinutes"/> suspend the pair (settings of the process).</param>
    public sealed record ReportViolation(string AgentId, string SessionId, int Limit, int WindowMinutes) : UserCommand;

    /// <summary>Far more requests than the rate by (agent, this user), in this session's minute that began then. Counted without an event.</summary>
    /// <param name="SessionId">Empty: it asked for sessions so often, and is in none.</param>
    /// <param name="Limit">So many minutes in a row suspend the pair (setting of the process).</param>
    public sealed record ReportFlood(string AgentId, string SessionId, DateTimeOffset Since, int Limit) : UserCommand;

    public sealed record Suspend(string AgentId, string Reason) : UserCommand;

    public sealed record Resume(string AgentId, string Reason) : UserCommand;

    /// <param name="Output">The task's output, already validated.</param>
    /// <param name="Targeting">The campaign's, from the catalogue: only this stream knows the attributes.</param>
    public sealed record CompleteTask(
        Guid CompletionId,
        string CampaignId,
        string SessionId,
        string AgentId,
        string GrantedVia,
        [property: JsonIgnore] Personal Output,
        IReadOnlyList<string> Consents,
        IReadOnlyList<TargetingRule> Targeting,
        string? AgentOwner = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] TaskOutline? Outline = null) : UserCommand;

    /// <summary>The reward of a task is to be held until it is done, at most for <see cref="Limits.ClaimTime"/>.</summary>
    /// <param name="RequestId">Of the agent's request: the same one again is answered with the claim that it made.</param>
    /// <param name="AgentOwner">Empty: nobody says who it is. Null: not looked up.</param>
    public sealed record ClaimReward(
        Guid ClaimId,
        Guid RequestId,
        string CampaignId,
        string AgentId,
        string? AgentOwner,
        IReadOnlyList<TargetingRule> Targeting,
        string? SessionId = null) : UserCommand;

    /// <summary>The session that asked wants it decided: done, or never.</summary>
    public sealed record VoidTask(Guid CompletionId) : UserCommand;

    /// <summary>The fund of the candidate in turn refused; the limits' holds stay, the next candidate is taken.</summary>
    /// <param name="Refused">Code of the fund's refusal, for the reply.</param>
    public sealed record NextFund(
        Guid HoldId, string RefusedCampaignId, string Refused, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool OwnFund = false, string? Limit = null) : UserCommand;

    /// <param name="AgentId">Who asks, in the session <paramref name="SessionId"/>; both null: an operator does, for the user.</param>
    public sealed record WithdrawConsent(
        string ConsentId,
        string? AgentId = null,
        string? SessionId = null) : UserCommand;

    public sealed record Get : UserCommand;

    /// <summary>The user with what is spent and held of each limit.</summary>
    public sealed record Inspect : UserCommand;

    /// <summary>What this user has completed, and how many runs are left of each.</summary>
    /// <param name="Grantee">The agent whose grant binds: what is left of it and of the caps is told too.</param>
    /// <param name="WithProfile">Who the user is, is told in the same answer.</param>
    public sealed record GetSponsorship(string? Grantee = null, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool WithProfile = false) : UserCommand;

    /// <summary>The campaign's answer to CountCompletion. Own command.</summary>
    internal sealed record CompletionAnswered(Guid CompletionId, Rejection? Refused, CompletionCounted? Counted = null) : UserCommand;

    /// <summary>The campaign's answer to ClaimReward. Own command.</summary>
    internal sealed record ClaimAnswered(string CampaignId, Guid ClaimId, Answer Answer) : UserCommand;

    /// <summary>The campaign knows how a completion with a reward stands. Own command.</summary>
    internal sealed record RewardTold(Guid CompletionId, bool Withdrawn) : UserCommand;

    /// <summary>The campaign no longer counts a voided completion. Own command.</summary>
    internal sealed record CompletionReleased(Guid CompletionId) : UserCommand;

    /// <summary>The session has begun, or says why it cannot. Own command.</summary>
    internal sealed record SessionBegun(string SessionId, Rejection? Refused) : UserCommand;

    /// <summary>A session was told how its pair stands. Own command.</summary>
    /// <param name="Reached">False: it is told again with the alarm, but nobody waits for it any longer.</param>
    internal sealed record SessionTold(string SessionId, long Revision, bool Reached) : UserCommand;

    public sealed record Tick : UserCommand;
}

/// <summary>A user's personal part.</summary>
public sealed record Profile(IReadOnlyList<UserAttribute> Attributes, string? TimeZone);

/// <param name="Dropped">Of the answer to a put: members that lost their values to it.</param>
/// <param name="Raise">Of such an answer too: what raises the caps.</param>
public sealed record UserView(
    string UserId,
    Personal? Profile,
    long? DailyCapMicros,
    long? MonthlyCapMicros,
    IReadOnlyList<GrantView> Grants,
    bool Erased,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Paused = false,
    IReadOnlyList<string>? Dropped = null,
    IReadOnlyList<PartCap>? Parts = null,
    CapRaise? Raise = null)
{
    public string Etag => EntityTags.Of(new Tagged(Profile, DailyCapMicros, MonthlyCapMicros, Parts));

    private sealed record Tagged(Personal? Profile, long? DailyCapMicros, long? MonthlyCapMicros, IReadOnlyList<PartCap>? Parts);
}

/// <param name="Dropped">As of a user, and so <paramref name="Raise"/>.</param>
public sealed record GrantView(string AgentId, Grant Grant, IReadOnlyList<string>? Dropped = null, GrantRaise? Raise = null)
{
    /// <summary>No payees are none, and no peers, whether that was said or not.</summary>
    public string Etag => EntityTags.Of(Grant with { Scopes = Grant.Scopes with { Payees = Said(Grant.Scopes.Payees), Peers = Said(Grant.Scopes.Peers) } });

    private static IReadOnlyList<string>? Said(IReadOnlyList<string>? values) => values is { Count: > 0 } ? values : null;
}

public sealed record UserErased(string UserId, DateTimeOffset ErasedAt);

public sealed record GrantEnded(string AgentId, DateTimeOffset EndedAt);

public sealed record UserStanding(string UserId, bool Paused);

/// <param name="Generation">Of the user's links: one of a former generation opens nothing.</param>
public sealed record UserLinked(string UserId, long Generation, DateTimeOffset Until);

public sealed record UserLinksEnded(string UserId, DateTimeOffset EndedAt);

/// <summary>What opened a session, where it is no key of an agent's own.</summary>
public static class Openers
{
    public const string Platform = "platform";

    /// <summary>A chat's key: a person is asked before anything is done.</summary>
    public const string Gpt = "gpt";

    /// <summary>The agent itself, which signed the request by its card's key.</summary>
    public const string Card = "card";
}

/// <summary>How a completion or consent came about.</summary>
public static class Vias
{
    public const string Agent = "agent";
    public const string Human = "human";

    /// <param name="keyId">What opened the session.</param>
    public static string Of(string? keyId) => keyId == Openers.Gpt ? Human : Agent;
}

/// <param name="Path">Of a delegated session: those above it, root first.</param>
/// <param name="KeyId">What opened it, or the session at its root: a key of the agent there, or one of <see cref="Openers"/>. Null: it is older than that was kept, and may be any key's.</param>
public sealed record SessionOpened(
    string SessionId,
    string AgentId,
    string UserId,
    Scopes Scopes,
    long BudgetLimitMicros,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    IReadOnlyList<PathNode>? Path = null,
    string? KeyId = null)
{
    public int Depth => 1 + (Path?.Count ?? 0);

    public string? ParentSessionId => Path is { Count: > 0 } ? Path[^1].SessionId : null;

    /// <summary>The agent under whose grant it spends.</summary>
    public string Grantee => Path is { Count: > 0 } ? Path[0].AgentId : AgentId;

    /// <summary>The agent acts in this session, or its session stands above this one.</summary>
    public bool IsUnder(string agentId) => AgentId == agentId || (Path is not null && Path.Any(node => node.AgentId == agentId));
}

public sealed record SessionClosed(string SessionId);

/// <summary>How (agent, user) stands. <paramref name="ForSeconds"/>: left of the suspension; null while suspended: until an operator resumes.</summary>
/// <param name="Revision">As in SetStanding: a session that knows a higher one ignores this.</param>
public sealed record Standing(bool Suspended, long? ForSeconds, int Violations, long Revision);

public sealed record ConsentRecorded(string ConsentId, string Type);

/// <summary>What was submitted for a task, without values. Nothing here is the user's: name, members and schema are the sponsor's.</summary>
/// <param name="Name">The task's name when it was done.</param>
/// <param name="Members">The members of the output that the schema declares, in ordinal order.</param>
/// <param name="SchemaSha256">The SHA-256 of the task's schema as agents read it, in lower-case hexadecimal.</param>
public sealed record TaskOutline(string Name, IReadOnlyList<string> Members, string SchemaSha256);

/// <param name="Reward">Null: the campaign pays none.</param>
public sealed record TaskDone(
    Guid CompletionId, string CampaignId, IReadOnlyList<ConsentRecorded> Consents, DateTimeOffset CompletedAt, EarnedReward? Reward = null);

/// <param name="PayoutDelaySeconds">From the completion to the payment.</param>
/// <param name="WhyNot">Why the amount is 0.</param>
public sealed record EarnedReward(long AmountMicros, int PayoutDelaySeconds, string? WhyNot);

public sealed record TaskClaim(Guid ClaimId, string CampaignId, long RewardMicros, DateTimeOffset ExpiresAt);

public sealed record TaskVoided(Guid CompletionId);

public sealed record ConsentWithdrawn(string ConsentId, string CampaignId, DateTimeOffset WithdrawnAt);

/// <param name="RemainingMicros">The least that is left of grant, day and month; null: none of them is limited.</param>
/// <param name="Parts">What is left of each cap of a service or category; null: none has one.</param>
/// <param name="Claimed">Campaigns whose rewards are claimed for the user; null: none is.</param>
/// <param name="Known">Null: it was not asked for, or not understood by a process of the release before.</param>
public sealed record Sponsorship(
    IReadOnlyList<CompletedCampaign> Completed,
    long? RemainingMicros = null,
    IReadOnlyList<PartLeft>? Parts = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Claimed = null,
    KnownUser? Known = null);

/// <param name="Profile">Null: there is none, or it was erased.</param>
public sealed record KnownUser(Personal? Profile);

/// <param name="Part">As <see cref="PartCap.Part()"/> names it.</param>
/// <param name="RemainingMicros">The less of its day's and its month's.</param>
public sealed record PartLeft(string Part, long RemainingMicros);

/// <param name="RunsUsed">Held or posted; runs_left = the campaign's runs_per_completion − this.</param>
/// <param name="Consented">False when a consent that the task needed was withdrawn.</param>
public sealed record CompletedCampaign(string CampaignId, Guid CompletionId, DateTimeOffset CompletedAt, int RunsUsed, long MicrosUsed, bool Consented);

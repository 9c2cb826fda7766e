using System.Text.Json.Serialization;
using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Users;

/// <summary>
/// Closed union: what has happened to a user. Stored names stand in <see cref="UserCodec"/>. Where an event gives an answer it holds
/// all of it (<see cref="UserDecider.Recall"/> sees nothing else), and the command id where the answer is another entry's.
/// </summary>
public abstract record UserEvent
{
    private UserEvent()
    {
    }

    /// <param name="DailyCapMicros">In force from here on, as <paramref name="MonthlyCapMicros"/>.</param>
    /// <param name="Grants">As they stood, as <paramref name="Paused"/>: part of the answer only.</param>
    /// <param name="Own">The user's own caps, where those in force are raised.</param>
    /// <param name="Dropped">Members that had a value, and which the put did not name.</param>
    /// <param name="Periods">The day and month that have begun, where the time zone changes, or open holds have to be counted from here on.</param>
    public sealed record UserPut(
        string UserId,
        long? DailyCapMicros,
        long? MonthlyCapMicros,
        IReadOnlyList<GrantView> Grants,
        Periods? Periods = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Paused = false,
        IReadOnlyList<string>? Dropped = null,
        IReadOnlyList<PartCap>? Parts = null,
        OwnCaps? Own = null) : UserEvent
    {
        [JsonIgnore]
        public Personal? Profile { get; init; }

        /// <summary>From here on; null: none.</summary>
        public CapRaise? Raise => Own?.Raise(DailyCapMicros, MonthlyCapMicros);

        public UserView View => new(
            UserId, Profile, Own is null ? DailyCapMicros : Own.DailyCapMicros, Own is null ? MonthlyCapMicros : Own.MonthlyCapMicros, Grants, false, Paused, Dropped, Parts, Raise);

        /// <summary>The same of caps that are not raised yet, with the raise.</summary>
        public UserPut Under(CapRaise? raise) => raise is null ? this
            : this with { DailyCapMicros = raise.DailyCapMicros ?? DailyCapMicros, MonthlyCapMicros = raise.MonthlyCapMicros ?? MonthlyCapMicros, Own = new(raise.Until, DailyCapMicros, MonthlyCapMicros) };
    }

    /// <summary>The platform key vouched for a user that nobody had put.</summary>
    public sealed record UserVouched : UserEvent;

    /// <param name="Periods">As in <see cref="UserPut"/>.</param>
    /// <param name="Revision">Of the pair, where live sessions stand otherwise under this grant; 0: none does.</param>
    /// <param name="Awaited">Sessions that are told before the answer is given.</param>
    /// <param name="Dropped">As in <see cref="UserPut"/>.</param>
    /// <param name="Own">The grant's own total, where the one in force is raised.</param>
    /// <param name="TakesHeld">What is held just then, and counts on no grant, counts on this one.</param>
    public sealed record GrantPut(
        string AgentId,
        Grant Grant,
        Periods? Periods = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Guid CommandId = default,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Revision = 0,
        IReadOnlyList<string>? Awaited = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool TakesHeld = false,
        IReadOnlyList<string>? Dropped = null,
        OwnTotal? Own = null) : UserEvent
    {
        /// <summary>From here on; null: none.</summary>
        public GrantRaise? Raise => Own is { } own && Grant.TotalLimitMicros is { } raised ? new(own.Until, raised) : null;

        public GrantView View => new(AgentId, Own is null ? Grant : Grant with { TotalLimitMicros = Own.TotalLimitMicros }, Dropped, Raise);

        /// <summary>The same of a grant that is not raised yet, with the raise.</summary>
        public GrantPut Under(GrantRaise? raise) => raise is null || Grant.TotalLimitMicros is not { } total ? this
            : this with { Grant = Grant with { TotalLimitMicros = raise.TotalLimitMicros }, Own = new(raise.Until, total) };
    }

    /// <summary>The grant is no more, and all sessions under it end.</summary>
    public sealed record GrantEnded(Guid CommandId, string AgentId, DateTimeOffset EndedAt, long Revision, IReadOnlyList<string> Awaited) : UserEvent;

    /// <summary>All sessions of the user end with it.</summary>
    /// <param name="Periods">As in <see cref="UserPut"/>: of the time zone that is erased, these remain until they are over.</param>
    public sealed record PersonalDataErased(
        string UserId,
        DateTimeOffset ErasedAt,
        Periods? Periods = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Guid CommandId = default,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Revision = 0,
        IReadOnlyList<string>? Awaited = null) : UserEvent, IErasesPersonalKey;

    /// <param name="Revision">Of the user as a whole.</param>
    public sealed record UserPaused(Guid CommandId, string UserId, string Reason, long Revision, IReadOnlyList<string> Awaited) : UserEvent;

    public sealed record UserUnpaused(Guid CommandId, string UserId, string Reason, long Revision, IReadOnlyList<string> Awaited) : UserEvent;

    /// <param name="Generation">Which its link names.</param>
    public sealed record LinkMade(string UserId, long Generation, DateTimeOffset Until) : UserEvent;

    /// <param name="Generation">That begins.</param>
    public sealed record LinksEnded(string UserId, long Generation, DateTimeOffset EndedAt) : UserEvent;

    /// <summary>A key of the agent's was revoked: what it opened here ends.</summary>
    public sealed record KeyEnded(Guid CommandId, string AgentId, string KeyId, long Revision, IReadOnlyList<string> Awaited) : UserEvent;

    /// <param name="CommandId">None where whoever opened a session brought the word: that command is answered with the session.</param>
    /// <param name="AgentRevision">Of the agent's own stream.</param>
    public sealed record AgentStandingTaken(Guid CommandId, string AgentId, bool Stopped, long AgentRevision, long Revision, IReadOnlyList<string> Awaited) : UserEvent;

    /// <summary>Every awaited session has been tried: answers the command that changed what they may do.</summary>
    public sealed record AccessAnnounced(Guid CommandId, AccessReply Reply) : UserEvent;

    // Sessions.

    /// <summary>The oldest sessions of the agent, and those below them, end for one that is opened.</summary>
    /// <param name="Revision">Of the pair.</param>
    public sealed record SessionsReplaced(string AgentId, IReadOnlyList<string> Sessions, long Revision) : UserEvent;

    public sealed record SessionOpened(Guid CommandId, Users.SessionOpened Session) : UserEvent;

    /// <summary>Answers the command that opened it.</summary>
    public sealed record SessionBegun(Guid CommandId, Users.SessionOpened Session) : UserEvent;

    /// <summary>The session was opened but never handed out.</summary>
    public sealed record OpeningRefused(Guid CommandId, Users.SessionOpened Session, Rejection Refused) : UserEvent;

    public sealed record SessionClosed(Users.SessionOpened Session, DateTimeOffset? EndedAt = null) : UserEvent;

    // How (agent, user) stands.

    /// <param name="InRow">With this one.</param>
    public sealed record ViolationCounted(Guid CommandId, string AgentId, string SessionId, int InRow, long Revision) : UserEvent;

    /// <summary>An attempt in scope ended a row of violations, though it was refused for another reason.</summary>
    public sealed record RefusedInScope(string AgentId, Rejection Refused) : UserEvent;

    /// <param name="ReportedBy">The session whose attempt it was; empty: it asked for sessions far too often; null: an operator did it.</param>
    /// <param name="ForSeconds">Null: until an operator resumes.</param>
    /// <param name="Awaited">Sessions that are told before the answer is given.</param>
    public sealed record PairSuspended(
        Guid CommandId,
        string AgentId,
        string? ReportedBy,
        string Reason,
        long? ForSeconds,
        int Violations,
        long Revision,
        IReadOnlyList<string> Awaited) : UserEvent;

    /// <param name="Stopped">The agent stays stopped for everybody, so the pair does not act for all that.</param>
    public sealed record PairResumed(
        Guid CommandId, string AgentId, string Reason, long Revision, IReadOnlyList<string> Awaited, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Stopped = false) : UserEvent;

    public sealed record SessionTold(string SessionId, long Revision, bool Reached) : UserEvent;

    /// <summary>Every awaited session has been tried: answers the command that changed the standing.</summary>
    public sealed record StandingAnnounced(Guid CommandId, Standing Standing) : UserEvent;

    // Tasks and consents.

    /// <summary>This user's one completion of a campaign is taken, and the campaign is asked to count it.</summary>
    public sealed record TaskClaimed(
        Guid CommandId,
        Guid CompletionId,
        string CampaignId,
        string SessionId,
        string AgentId,
        string GrantedVia,
        IReadOnlyList<ConsentRecorded> Consents,
        string? AgentOwner = null,
        Guid? ClaimId = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] TaskOutline? Outline = null) : UserEvent
    {
        /// <summary>The only place where a task's output is kept.</summary>
        [JsonIgnore]
        public Personal? Output { get; init; }
    }

    public sealed record TaskCompleted(Guid CommandId, TaskDone Done) : UserEvent;

    public sealed record TaskRefused(Guid CommandId, Guid CompletionId, Rejection Refused) : UserEvent;

    /// <param name="CampaignId">Was asked to count it and must be told; null: the completion had never come here.</param>
    public sealed record TaskVoided(Guid CompletionId, string? CampaignId) : UserEvent;

    public sealed record CompletionReleased(Guid CompletionId) : UserEvent;

    public sealed record ConsentWithdrawn(string ConsentId, string CampaignId, DateTimeOffset WithdrawnAt) : UserEvent;

    // Rewards.

    /// <summary>The campaign is asked to hold its reward until then.</summary>
    public sealed record RewardAsked(Guid CommandId, Guid ClaimId, Guid RequestId, string CampaignId, string AgentId, string? AgentOwner, DateTimeOffset ExpiresAt) : UserEvent;

    /// <summary>Answers the command that asked.</summary>
    public sealed record RewardClaimed(Guid CommandId, TaskClaim Claim) : UserEvent;

    public sealed record ClaimRefused(Guid CommandId, string CampaignId, Guid ClaimId, Rejection Refused) : UserEvent;

    /// <summary>It is over unused, and the campaign is told.</summary>
    public sealed record ClaimEnded(string CampaignId, Guid ClaimId) : UserEvent;

    /// <param name="Withdrawn">It was told that a consent is withdrawn; else, that the completion is for good.</param>
    public sealed record RewardTold(Guid CompletionId, bool Withdrawn) : UserEvent;

    /// <summary>A campaign was told that this claim or completion will never be.</summary>
    public sealed record RewardDisowned(string CampaignId, Guid Id) : UserEvent;

    // Holds.

    /// <param name="Lines">On the limits; what is held of the candidate in turn follows from <paramref name="Candidates"/>.</param>
    /// <param name="Candidates">Those that could pay, in order; empty for a free run.</param>
    public sealed record HoldReserved(
        Guid HoldId,
        string Owner,
        Guid RunId,
        string AgentId,
        long AmountMicros,
        IReadOnlyList<HoldLine> Lines,
        IReadOnlyList<Candidate> Candidates,
        string Why,
        long? RemainingMicros = null,
        IReadOnlyList<NearLimit>? Near = null) : UserEvent
    {
        [JsonIgnore]
        public Personal? Attributes { get; init; }
    }

    /// <param name="Next">Null: none is left.</param>
    /// <param name="Exhausted">The refusal that follows when none is left.</param>
    public sealed record FundPassed(Guid HoldId, string CampaignId, string Refused, Candidate? Next, string? Why, Rejection? Exhausted) : UserEvent
    {
        [JsonIgnore]
        public Personal? Attributes { get; init; }
    }

    /// <param name="Near">Caps of which this spends so much that whoever watches is told, and of which run; null: none.</param>
    public sealed record HoldPosted(Guid HoldId, long AmountMicros, IReadOnlyList<NearLimit>? Near = null, Guid? RunId = null) : UserEvent;

    /// <summary>Also of a hold that had not come yet: it never will.</summary>
    public sealed record HoldVoided(Guid HoldId) : UserEvent;

    /// <summary>So much less was spent on these limits, as far as they are still known; the id is remembered until it is released.</summary>
    public sealed record RefundTaken(Guid TellId, Guid RunId, string Accounts, long AmountMicros) : UserEvent;

    public sealed record RefundReleased(Guid TellId) : UserEvent;
}

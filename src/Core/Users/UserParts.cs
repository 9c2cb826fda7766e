using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Agora.Core.Access;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Users;

/// <summary>A profile, read once: what every Reserve needs of it.</summary>
/// <param name="Zone">As it was given; null: UTC.</param>
public sealed record KnownProfile(Personal Whole, Personal Attributes, IReadOnlyList<UserAttribute> Known, string? Zone)
{
    public static KnownProfile Of(Personal whole)
    {
        var profile = whole.Read<Profile>();
        Invariant.Check(profile is not null, "profile_is_an_object");
        return new(whole, Personal.Of(profile.Attributes), profile.Attributes, profile.TimeZone);
    }
}

/// <summary>How (agent, this user) stands.</summary>
/// <param name="InRow">Violations without an attempt in scope between them; at most the limit of the process.</param>
/// <param name="Suspension">The last one, in force or over; null after a resumption.</param>
/// <param name="AnomalyAt">The last suspension that no operator asked for: a second within <see cref="Limits.SuspensionMemory"/> is for ever.</param>
/// <param name="Revision">Rises with whatever changes what sessions of the pair may do.</param>
/// <param name="Stopped">An operator has stopped the agent, for every user.</param>
/// <param name="AgentRevision">Of the agent's own stream, which said so last.</param>
public sealed record Pair(
    ImmutableArray<Violation> InRow,
    Suspension? Suspension,
    DateTimeOffset? AnomalyAt,
    long Revision,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Stopped = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long AgentRevision = 0)
{
    public static readonly Pair Good = new([], null, null, 0);

    public bool IsSuspended(DateTimeOffset now) => Stopped || IsSuspendedHere(now);

    /// <summary>By this user's own stream, whatever the agent's says.</summary>
    public bool IsSuspendedHere(DateTimeOffset now) => Suspension is { } s && (s.Until is not { } until || now < until);

    public Standing Standing(DateTimeOffset now) =>
        !IsSuspended(now) ? new(false, null, InRow.Length, Revision)
        : new(true, !Stopped && Suspension?.Until is { } until ? Seconds.Left(until, now) : null, InRow.Length, Revision);
}

public sealed record Violation(Guid CommandId, DateTimeOffset At);

/// <summary>Minutes in a row in which an agent asked far more often than it may.</summary>
/// <param name="Since">When the last of them began, by its session's clock.</param>
public sealed record Flood(DateTimeOffset Since, int Minutes)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>A minute that began before the last one was over is of another session, and the same.</summary>
    public static Flood With(Flood? before, DateTimeOffset since) => before is null || since - before.Since >= 2 * Minute ? new(since, 1)
        : since - before.Since < Minute ? before
        : new(since, before.Minutes + 1);
}

/// <param name="Until">Null: until an operator resumes.</param>
public sealed record Suspension(DateTimeOffset At, DateTimeOffset? Until);

/// <param name="Opening">The command whose answer it is.</param>
/// <param name="Ended">Why this stream has ended it (<see cref="EndReasons"/>); it stays until the session itself says that it is over. Null: it lives.</param>
/// <param name="Narrowed">A grant has changed what it may do: from then on it is told what the grant of the day leaves it, also where that is all again.</param>
public sealed record LiveSession(
    SessionOpened Terms,
    Guid Opening,
    bool Begun,
    string? Ended = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Narrowed = false);

/// <param name="Reply">What is answered; null: the standing.</param>
public sealed record Announcement(Guid CommandId, long Revision, Standing Standing, ImmutableSortedSet<string> Awaited, AccessReply? Reply = null)
{
    public object Answer => Reply?.Value ?? Standing;
}

/// <summary>What is answered to whoever changed what sessions may do: one of them, or nothing.</summary>
public sealed record AccessReply(
    GrantView? Grant = null,
    GrantEnded? GrantEnded = null,
    UserErased? Erased = null,
    UserStanding? User = null)
{
    public object Value => (object?)Grant ?? (object?)GrantEnded ?? (object?)Erased ?? (object?)User ?? Nothing.Value;
}

/// <summary>What a grant_exceeded says is exceeded, where whoever reads it acts on that.</summary>
public static class Exceeded
{
    public const string MaxLiveSessions = "max_live_sessions";
}

public sealed record Claim(
    Guid CommandId,
    Guid CompletionId,
    string CampaignId,
    string SessionId,
    string AgentId,
    string GrantedVia,
    IReadOnlyList<ConsentRecorded> Consents,
    string? AgentOwner = null,
    Guid? ClaimId = null);

/// <summary>A reward that is held for a task still to be done.</summary>
/// <param name="CommandId">Whose answer it is.</param>
/// <param name="AmountMicros">Null: the campaign has not said yet that it holds it.</param>
public sealed record RewardClaim(
    Guid CommandId, Guid ClaimId, Guid RequestId, string CampaignId, string AgentId, string? AgentOwner, DateTimeOffset ExpiresAt, long? AmountMicros = null);

/// <summary>What a campaign that holds a reward for a completion has yet to hear.</summary>
public sealed record RewardNews(string CampaignId, bool Withdrawn);

/// <param name="CommandId">Of the entry that holds the output.</param>
public sealed record Completion(
    Guid CommandId,
    Guid CompletionId,
    string CampaignId,
    string SessionId,
    string AgentId,
    string GrantedVia,
    DateTimeOffset CompletedAt,
    ImmutableArray<Consent> Consents,
    EarnedReward? Reward = null)
{
    /// <summary>Every consent that the task asked for still stands.</summary>
    public bool Consented
    {
        get
        {
            foreach (var consent in Consents)
            {
                if (consent.WithdrawnAt is not null) return false;
            }

            return true;
        }
    }

    /// <summary>The account of runs that the campaign has paid for this user.</summary>
    public string RunsKey { get; } = AccountKeys.Runs(CampaignId);

    /// <summary>The account of what they came to.</summary>
    public string MicrosKey { get; } = AccountKeys.Micros(CampaignId);

    public TaskDone Done => new(CompletionId, CampaignId, [.. Consents.Select(c => new ConsentRecorded(c.ConsentId, c.Type))], CompletedAt, Reward);
}

public sealed record Consent(string ConsentId, string Type, DateTimeOffset GrantedAt, DateTimeOffset? WithdrawnAt);

/// <param name="Turn">Index of the candidate that is held; past the end: none is.</param>
/// <param name="Exhausted">The refusal that was given when none was left.</param>
public sealed record FundQueue(ImmutableArray<Candidate> Candidates, int Turn, string Why, Rejection? Exhausted = null)
{
    public Candidate? Current => Turn < Candidates.Length ? Candidates[Turn] : null;
}

/// <summary>Durations travel between streams in whole seconds, rounded up: a suspension is never told too short.</summary>
internal static class Seconds
{
    public static long Left(DateTimeOffset until, DateTimeOffset now) => (until - now).Ticks <= 0 ? 0 : ((until - now).Ticks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond;
}

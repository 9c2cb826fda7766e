using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;

namespace Agora.Core.Users;

/// <summary>
/// What a user's stream knows. Dictionaries are ordinal, so that every process enumerates them alike.
/// <para>Invariants: <c>task_completed_once</c> (a campaign is claimed or completed, once), <c>funds_have_holds</c>, and of a loaded
/// state <c>held_is_sum_of_lines</c> and <c>session_owes_an_answer</c>.</para>
/// <para>Bounds: live sessions of an agent ≤ <see cref="Limits.MaxLiveSessions"/>; expired ones go when the next is opened; accounts
/// of past days and months when a new period begins. Completions stay for ever: a task is done once.</para>
/// </summary>
public sealed partial record UserState(StreamId Stream)
{
    /// <summary>Put by an operator, or vouched for by the platform key.</summary>
    public bool Exists { get; init; }

    public DateTimeOffset? ErasedAt { get; init; }

    /// <summary>Null: never given, or erased.</summary>
    public KnownProfile? Profile { get; init; }

    public long? DailyCapMicros { get; init; }

    public long? MonthlyCapMicros { get; init; }

    /// <summary>By agent.</summary>
    public ImmutableSortedDictionary<string, Grant> Grants { get; init; } = Ordinal<Grant>();

    /// <summary>By agent; no entry: nothing was ever amiss.</summary>
    public ImmutableSortedDictionary<string, Pair> Pairs { get; init; } = Ordinal<Pair>();

    public ImmutableSortedDictionary<string, LiveSession> Sessions { get; init; } = Ordinal<LiveSession>();

    /// <summary>Live sessions that have something to hear from this stream: that they begin, or how their pair stands.</summary>
    public ImmutableSortedSet<string> Unheard { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Changes of standing whose answers wait for sessions to be told.</summary>
    public ImmutableArray<Announcement> Announcements { get; init; } = [];

    /// <summary>By campaign.</summary>
    public ImmutableSortedDictionary<string, Completion> Completions { get; init; } = Ordinal<Completion>();

    /// <summary>Completions that their campaigns have yet to count, by id.</summary>
    public ImmutableSortedDictionary<Guid, Claim> Claims { get; init; } = ImmutableSortedDictionary<Guid, Claim>.Empty;

    /// <summary>Completions that will never be: the book is used for its outcomes only, so a late CompleteTask meets its tombstone.</summary>
    public HoldBook VoidedTasks { get; init; } = HoldBook.Empty;

    /// <summary>Voided completions that their campaigns may still count, with the campaign.</summary>
    public ImmutableSortedDictionary<Guid, string> Uncounting { get; init; } = ImmutableSortedDictionary<Guid, string>.Empty;

    /// <summary>By the keys of <see cref="AccountKeys"/>; each has the limit that was in force when it was last reserved.</summary>
    public ImmutableSortedDictionary<string, Account> Accounts { get; init; } = Ordinal<Account>();

    public HoldBook Holds { get; init; } = HoldBook.Empty;

    /// <summary>Of the open holds that need a fund: whose turn it is.</summary>
    public ImmutableSortedDictionary<Guid, FundQueue> Funds { get; init; } = ImmutableSortedDictionary<Guid, FundQueue>.Empty;

    public UserView View => new(Stream.Id, Profile?.Whole, DailyCapMicros, MonthlyCapMicros, GrantViews, ErasedAt is not null);

    public IReadOnlyList<GrantView> GrantViews => [.. Grants.Select(g => new GrantView(g.Key, g.Value))];

    public Sponsorship Sponsorship => new([.. Completions.Values.Select(Completed)]);

    public Pair PairOf(string agentId) => Pairs.GetValueOrDefault(agentId, Pair.Good);

    /// <summary>The account under a limit that may have changed since it was last used.</summary>
    public Account Node(string key, long? limit) => Accounts.GetValueOrDefault(key, Account.Unlimited).SetLimit(limit);

    public bool HasRoom(Candidate candidate, long amount) =>
        Node(AccountKeys.Runs(candidate.CampaignId), candidate.RunsPerCompletion).CanReserve(1)
        && Node(AccountKeys.Micros(candidate.CampaignId), candidate.MaxMicrosPerUser).CanReserve(amount);

    /// <summary>Sessions of the agent that would notice a change of its standing.</summary>
    public IEnumerable<string> Listening(string agentId, DateTimeOffset now) =>
        Sessions.Values.Where(s => s.Terms.AgentId == agentId && s.Begun && s.Terms.ExpiresAt > now).Select(s => s.Terms.SessionId);

    public void CheckInvariants(bool thorough)
    {
        foreach (var claim in Claims.Values)
        {
            Invariant.Check(!Completions.ContainsKey(claim.CampaignId), "task_completed_once");
        }

        Invariant.Check(Funds.Count <= Holds.Open.Count, "funds_have_holds");
        if (!thorough)
        {
            return;
        }

        var held = Holds.Open.Values.SelectMany(h => h.Lines).GroupBy(l => l.Account, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Sum(l => l.Amount), StringComparer.Ordinal);
        foreach (var (key, account) in Accounts)
        {
            account.CheckInvariants();
            Invariant.Check(account.Held == held.GetValueOrDefault(key), "held_is_sum_of_lines");
        }

        Invariant.Check(held.Keys.All(Accounts.ContainsKey), "held_is_sum_of_lines");
        Invariant.Check(Funds.Keys.All(Holds.Open.ContainsKey), "funds_have_holds");
        Invariant.Check(Unheard.All(Sessions.ContainsKey), "session_owes_an_answer");
        Invariant.Check(Sessions.Values.All(s => s.Begun || Unheard.Contains(s.Terms.SessionId)), "session_owes_an_answer");
        Invariant.Check(Claims.Values.Select(c => c.CampaignId).Distinct(StringComparer.Ordinal).Count() == Claims.Count, "task_completed_once");
    }

    private CompletedCampaign Completed(Completion completion)
    {
        var runs = Node(AccountKeys.Runs(completion.CampaignId), null);
        var micros = Node(AccountKeys.Micros(completion.CampaignId), null);
        return new(completion.CampaignId, completion.CompletionId, completion.CompletedAt, (int)(runs.Posted + runs.Held), micros.Posted + micros.Held, completion.Consented);
    }

    private static ImmutableSortedDictionary<string, T> Ordinal<T>() => ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal);
}

/// <summary>A profile, read once: what every Reserve needs of it.</summary>
/// <param name="Zone">UTC where none was given, or the one given is no longer known.</param>
public sealed record KnownProfile(Personal Whole, Personal Attributes, IReadOnlyList<UserAttribute> Known, TimeZoneInfo Zone)
{
    public static KnownProfile Of(Personal whole)
    {
        var profile = whole.Read<Profile>();
        Invariant.Check(profile is not null, "profile_is_an_object");
        return new(whole, Personal.Of(profile.Attributes), profile.Attributes, ZoneOf(profile.TimeZone) ?? TimeZoneInfo.Utc);
    }

    public static TimeZoneInfo? ZoneOf(string? id) =>
        id is null ? TimeZoneInfo.Utc : TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) ? zone : null;
}

/// <summary>How (agent, this user) stands.</summary>
/// <param name="InRow">Violations without an attempt in scope between them; at most the limit of the process.</param>
/// <param name="Suspension">The last one, in force or over; null after a resumption.</param>
/// <param name="AnomalyAt">The last suspension that no operator asked for: a second within <see cref="Limits.SuspensionMemory"/> is for ever.</param>
public sealed record Pair(ImmutableArray<Violation> InRow, Suspension? Suspension, DateTimeOffset? AnomalyAt, long Revision)
{
    public static readonly Pair Good = new([], null, null, 0);

    public bool IsSuspended(DateTimeOffset now) => Suspension is { } s && (s.Until is not { } until || now < until);

    public Standing Standing(DateTimeOffset now) =>
        IsSuspended(now) ? new(true, Suspension?.Until is { } until ? Seconds.Left(until, now) : null, InRow.Length, Revision) : new(false, null, InRow.Length, Revision);
}

public sealed record Violation(Guid CommandId, DateTimeOffset At);

/// <param name="Until">Null: until an operator resumes.</param>
public sealed record Suspension(DateTimeOffset At, DateTimeOffset? Until);

/// <param name="Opening">The command whose answer it is.</param>
public sealed record LiveSession(SessionOpened Terms, Guid Opening, bool Begun);

public sealed record Announcement(Guid CommandId, long Revision, Standing Standing, ImmutableSortedSet<string> Awaited);

public sealed record Claim(
    Guid CommandId,
    Guid CompletionId,
    string CampaignId,
    string SessionId,
    string AgentId,
    string GrantedVia,
    IReadOnlyList<ConsentRecorded> Consents);

/// <param name="CommandId">Of the entry that holds the output.</param>
public sealed record Completion(
    Guid CommandId,
    Guid CompletionId,
    string CampaignId,
    string SessionId,
    string AgentId,
    string GrantedVia,
    DateTimeOffset CompletedAt,
    ImmutableArray<Consent> Consents)
{
    /// <summary>Every consent that the task asked for still stands.</summary>
    [JsonIgnore]
    public bool Consented => Consents.All(c => c.WithdrawnAt is null);

    [JsonIgnore]
    public TaskDone Done => new(CompletionId, CampaignId, [.. Consents.Select(c => new ConsentRecorded(c.ConsentId, c.Type))], CompletedAt);
}

public sealed record Consent(string ConsentId, string Type, DateTimeOffset GrantedAt, DateTimeOffset? WithdrawnAt);

/// <param name="Turn">Index of the candidate that is held; past the end: none is.</param>
/// <param name="Exhausted">The refusal that was given when none was left.</param>
public sealed record FundQueue(ImmutableArray<Candidate> Candidates, int Turn, string Why, Rejection? Exhausted = null)
{
    [JsonIgnore]
    public Candidate? Current => Turn < Candidates.Length ? Candidates[Turn] : null;
}

/// <summary>Durations travel between streams in whole seconds, rounded up: a suspension is never told too short.</summary>
internal static class Seconds
{
    public static long Left(DateTimeOffset until, DateTimeOffset now) => (until - now).Ticks <= 0 ? 0 : ((until - now).Ticks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond;
}

using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;

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
    public string PersonalKey { get; } = PersonalKeyOf(Stream.Tenant, Stream.Id);

    /// <summary>The id of the key with which all that is personal of a user is sealed.</summary>
    public static string PersonalKeyOf(string tenant, string userId) => $"user/{tenant}/{userId}";

    /// <summary>Put by an operator, or vouched for by the platform key.</summary>
    public bool Exists { get; init; }

    public DateTimeOffset? ErasedAt { get; init; }

    /// <summary>Null: never given, or erased.</summary>
    public KnownProfile? Profile { get; init; }

    public long? DailyCapMicros { get; init; }

    public long? MonthlyCapMicros { get; init; }

    /// <summary>Null: none.</summary>
    public IReadOnlyList<PartCap>? Parts { get; init; }

    /// <summary>A cap of a service or category was put for this user once.</summary>
    public bool CountsParts { get; init; }

    /// <summary>By agent.</summary>
    public ImmutableSortedDictionary<string, Grant> Grants { get; init; } = Ordinal<Grant>();

    /// <summary>By agent; no entry: nothing was ever amiss.</summary>
    public ImmutableSortedDictionary<string, Pair> Pairs { get; init; } = Ordinal<Pair>();

    /// <summary>How the user stands as a whole: suspended here is every pair, and revisions of sessions count this one's too.</summary>
    public Pair Pause { get; init; } = Pair.Good;

    /// <summary>A link of a former one opens nothing.</summary>
    public long LinkGeneration { get; init; }

    /// <summary>How long the longest link of this generation opens; null: none was made.</summary>
    public DateTimeOffset? LinksUntil { get; init; }

    /// <summary>Soft, by agent: floods that have not suspended.</summary>
    [JsonIgnore]
    public ImmutableSortedDictionary<string, Flood> Floods { get; init; } = Ordinal<Flood>();

    /// <summary>Soft, by agent: how many sessions it has asked for in its current minute. Minutes that are over go with the next opening.</summary>
    [JsonIgnore]
    public ImmutableSortedDictionary<string, RateWindow> Openings { get; init; } = Ordinal<RateWindow>();

    /// <summary>Soft: who waits at this user's limits.</summary>
    [JsonIgnore]
    public WaitingRoom Room { get; init; } = WaitingRoom.Empty;

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

    /// <summary>Rewards held for tasks that are still to be done, by campaign; at most <see cref="Limits.LiveClaims"/>.</summary>
    public ImmutableSortedDictionary<string, RewardClaim> RewardClaims { get; init; } = Ordinal<RewardClaim>();

    /// <summary>Completions with a reward whose campaigns have yet to hear of them, by id.</summary>
    public ImmutableSortedDictionary<Guid, RewardNews> Untold { get; init; } = ImmutableSortedDictionary<Guid, RewardNews>.Empty;

    /// <summary>By the keys of <see cref="AccountKeys"/>; each has the limit that was in force when it was last reserved.</summary>
    public ImmutableSortedDictionary<string, Account> Accounts { get; init; } = Ordinal<Account>();

    public HoldBook Holds { get; init; } = HoldBook.Empty;

    /// <summary>Of the open holds that need a fund: whose turn it is.</summary>
    public ImmutableSortedDictionary<Guid, FundQueue> Funds { get; init; } = ImmutableSortedDictionary<Guid, FundQueue>.Empty;

    public UserView View => new(Stream.Id, Profile?.Whole, DailyCapMicros, MonthlyCapMicros, GrantViews, ErasedAt is not null, Pause.Suspension is not null, Parts: Parts);

    public IReadOnlyList<GrantView> GrantViews => [.. Grants.Select(g => new GrantView(g.Key, g.Value))];

    public Sponsorship Sponsorship => new([.. Completions.Values.Select(Completed)]);

    public Pair PairOf(string agentId) => Pairs.GetValueOrDefault(agentId, Pair.Good);

    /// <summary>Whose violations those of a session are: of a delegated one, the agent's at the root.</summary>
    public string AnswersFor(string sessionId, string agentId) =>
        Sessions.TryGetValue(sessionId, out var session) && session.Terms.Path is { Count: > 0 } path ? path[0].AgentId : agentId;

    /// <summary>The account under a limit that may have changed since it was last used.</summary>
    public Account Node(string key, long? limit) => Accounts.GetValueOrDefault(key, Account.Unlimited).SetLimit(limit);

    public bool HasRoom(Completion done, Candidate candidate, long amount) =>
        Node(done.RunsKey, candidate.RunsPerCompletion).CanReserve(1) && Node(done.MicrosKey, candidate.MaxMicrosPerUser).CanReserve(amount);

    /// <summary>As the session is to stand: suspended while the user, or any pair on its path, is. An agent stands on a path once, so revisions add up and only rise.</summary>
    public Standing StandingOf(SessionOpened terms, DateTimeOffset now)
    {
        var standing = PairOf(terms.AgentId).Standing(now);
        if (Pause.Revision > 0)
        {
            standing = Under(standing, Pause.Standing(now));
        }

        foreach (var node in terms.Path ?? []) standing = Under(standing, PairOf(node.AgentId).Standing(now));
        return standing;
    }

    /// <summary>Telling the session under this revision has told it all that there is: only the newest counts.</summary>
    public bool IsHeard(string sessionId, long revision) =>
        !Sessions.TryGetValue(sessionId, out var session) || revision >= StandingOf(session.Terms, DateTimeOffset.MinValue).Revision;

    /// <summary>Sessions of the agent, and those below them, that would notice a change of its standing.</summary>
    public IEnumerable<string> Listening(string agentId, DateTimeOffset now) =>
        Sessions.Values.Where(s => s.Terms.IsUnder(agentId) && s.Begun && s.Terms.ExpiresAt > now).Select(s => s.Terms.SessionId);

    public void CheckInvariants(bool thorough)
    {
        foreach (var (_, claim) in Claims)
        {
            Invariant.Check(!Completions.ContainsKey(claim.CampaignId), "task_completed_once");
        }

        Invariant.Check(RewardClaims.Count <= Limits.LiveClaims, "few_claims");
        Invariant.Check(Funds.Count <= Holds.Open.Count, "funds_have_holds");
        if (!thorough) return;

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

    /// <summary>A completion that is under way is about to use it up.</summary>
    public bool IsInUse(RewardClaim claim)
    {
        foreach (var (_, completing) in Claims)
        {
            if (completing.ClaimId == claim.ClaimId) return true;
        }

        return false;
    }

    private static Standing Under(Standing standing, Standing above) =>
        new(standing.Suspended || above.Suspended, Longer(standing, above), standing.Violations, standing.Revision + above.Revision);

    private static long? Longer(Standing one, Standing other) =>
        !one.Suspended ? other.ForSeconds : !other.Suspended ? one.ForSeconds : one.ForSeconds is { } a && other.ForSeconds is { } b ? Math.Max(a, b) : null;

    private CompletedCampaign Completed(Completion completion)
    {
        var runs = Node(AccountKeys.Runs(completion.CampaignId), null);
        var micros = Node(AccountKeys.Micros(completion.CampaignId), null);
        return new(completion.CampaignId, completion.CompletionId, completion.CompletedAt, (int)(runs.Posted + runs.Held), micros.Posted + micros.Held, completion.Consented);
    }

    private static ImmutableSortedDictionary<string, T> Ordinal<T>() => ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal);
}

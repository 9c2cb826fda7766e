using System.Collections.Immutable;
using System.Text.Json;
using Agora.Core.Kernel;

namespace Agora.Core.Users;

/// <summary>
/// The saved form of a state: flat, ordered lists. The profile is in it, so the host seals the whole of it with the user's key.
/// Outcomes of holds and tombstones are not: a snapshot is used only when everything that they could still refuse is too old.
/// </summary>
internal static class UserSnapshot
{
    /// <summary>Version 1 does not know whom agents may talk to.</summary>
    public const int Version = 2;

    public static byte[] Save(UserState s) => JsonSerializer.SerializeToUtf8Bytes(
        new Saved(
            s.Stream.ToString(),
            s.Exists,
            s.ErasedAt,
            s.Profile?.Whole,
            s.Raise?.DailyCapMicros ?? s.DailyCapMicros, // as events have it (OwnCaps)
            s.Raise?.MonthlyCapMicros ?? s.MonthlyCapMicros,
            [.. s.Grants.Select(g => new GrantView(g.Key, s.GrantRaises.TryGetValue(g.Key, out var raise) ? g.Value with { TotalLimitMicros = raise.TotalLimitMicros } : g.Value))],
            [.. s.Pairs.Select(p => new SavedPair(p.Key, p.Value))],
            [.. s.Sessions.Values],
            [.. s.Unheard],
            [.. s.Announcements.Select(a => new SavedAnnouncement(a.CommandId, a.Revision, a.Standing, [.. a.Awaited], a.Reply))],
            [.. s.Completions.Values],
            [.. s.Claims.Values],
            [.. s.Uncounting.Select(u => new SavedUncounting(u.Key, u.Value))],
            [.. s.Accounts.Select(a => new SavedAccount(a.Key, a.Value))],
            [.. s.Holds.Open.Values],
            [.. s.Funds.Select(f => new SavedFunds(f.Key, f.Value))],
            s.Refunds.Open.IsEmpty ? null : [.. s.Refunds.Open.Values],
            s.RewardClaims.IsEmpty ? null : [.. s.RewardClaims.Values],
            s.Untold.IsEmpty ? null : [.. s.Untold.Select(u => new SavedNews(u.Key, u.Value))],
            s.IsCounted ? true : null,
            s.Begun,
            s.Pause.Revision == 0 ? null : s.Pause,
            s.Parts,
            s.CountsParts ? true : null,
            s.Raise is { } raise ? new(raise.Until, s.DailyCapMicros, s.MonthlyCapMicros) : null,
            s.GrantRaises.IsEmpty ? null : [.. s.GrantRaises.Select(r => new SavedRaise(r.Key, new(r.Value.Until, s.Grants[r.Key].TotalLimitMicros!.Value)))],
            s is { LinkGeneration: 0, LinksUntil: null } ? null : new(s.LinkGeneration, s.LinksUntil)),
        StoredJson.Options);

    public static UserState Restore(ReadOnlyMemory<byte> saved)
    {
        var s = JsonSerializer.Deserialize<Saved>(saved.Span, StoredJson.Options) ?? throw new UndecodableException(nameof(UserState), Version);
        var empty = new UserState(StreamId.Parse(s.Stream));
        return empty with
        {
            Exists = s.Exists,
            ErasedAt = s.ErasedAt,
            Profile = s.Profile is { } profile ? KnownProfile.Of(profile) : null,
            DailyCapMicros = s.Own is null ? s.DailyCapMicros : s.Own.DailyCapMicros,
            MonthlyCapMicros = s.Own is null ? s.MonthlyCapMicros : s.Own.MonthlyCapMicros,
            Raise = s.Own?.Raise(s.DailyCapMicros, s.MonthlyCapMicros),
            Grants = empty.Grants.AddRange(s.Grants.Select(g => KeyValuePair.Create(g.AgentId, g.Grant)))
                .SetItems((s.Raised ?? []).Select(r => KeyValuePair.Create(r.AgentId, Granted(s, r.AgentId) with { TotalLimitMicros = r.Own.TotalLimitMicros }))),
            GrantRaises = empty.GrantRaises.AddRange((s.Raised ?? []).Select(r => KeyValuePair.Create(r.AgentId, new GrantRaise(r.Own.Until, Granted(s, r.AgentId).TotalLimitMicros!.Value)))),
            Pairs = empty.Pairs.AddRange(s.Pairs.Select(p => KeyValuePair.Create(p.AgentId, p.Pair))),
            Sessions = empty.Sessions.AddRange(s.Sessions.Select(live => KeyValuePair.Create(live.Terms.SessionId, live))),
            Unheard = empty.Unheard.Union(s.Unheard),
            Announcements = [.. s.Announcements.Select(a => new Announcement(a.CommandId, a.Revision, a.Standing, empty.Unheard.Union(a.Awaited), a.Reply))],
            Completions = empty.Completions.AddRange(s.Completions.Select(c => KeyValuePair.Create(c.CampaignId, c))),
            Claims = empty.Claims.AddRange(s.Claims.Select(c => KeyValuePair.Create(c.CompletionId, c))),
            Uncounting = empty.Uncounting.AddRange(s.Uncounting.Select(u => KeyValuePair.Create(u.CompletionId, u.CampaignId))),
            Accounts = empty.Accounts.AddRange(s.Accounts.Select(a => KeyValuePair.Create(a.Key, a.Account))),
            Holds = HoldBook.Empty with { Open = HoldBook.Empty.Open.AddRange(s.Holds.Select(h => KeyValuePair.Create(h.Id, h))) },
            Funds = empty.Funds.AddRange(s.Funds.Select(f => KeyValuePair.Create(f.HoldId, f.Queue))),
            Refunds = HoldBook.Empty with { Open = HoldBook.Empty.Open.AddRange((s.Refunds ?? []).Select(h => KeyValuePair.Create(h.Id, h))) },
            RewardClaims = empty.RewardClaims.AddRange((s.RewardClaims ?? []).Select(c => KeyValuePair.Create(c.CampaignId, c))),
            Pause = s.Pause ?? Pair.Good,
            Untold = empty.Untold.AddRange((s.Untold ?? []).Select(u => KeyValuePair.Create(u.CompletionId, u.News))),
            IsCounted = s.IsCounted ?? HadLimits(s),
            Begun = s.Begun,
            Parts = s.Parts,
            CountsParts = s.CountsParts ?? false,
            LinkGeneration = s.Links?.Generation ?? 0,
            LinksUntil = s.Links?.Until,
        };
    }

    /// <summary>As far as a snapshot of an earlier release shows.</summary>
    private static bool HadLimits(Saved s) => s is not { DailyCapMicros: null, MonthlyCapMicros: null, Grants.Count: 0 } || s.Accounts.Any(a => AccountKeys.IsLimit(a.Key));

    private static Grant Granted(Saved s, string agentId) => s.Grants.Single(g => g.AgentId == agentId).Grant;

    private sealed record Saved(
        string Stream,
        bool Exists,
        DateTimeOffset? ErasedAt,
        Personal? Profile,
        long? DailyCapMicros,
        long? MonthlyCapMicros,
        IReadOnlyList<GrantView> Grants,
        ImmutableArray<SavedPair> Pairs,
        ImmutableArray<LiveSession> Sessions,
        ImmutableArray<string> Unheard,
        ImmutableArray<SavedAnnouncement> Announcements,
        ImmutableArray<Completion> Completions,
        ImmutableArray<Claim> Claims,
        ImmutableArray<SavedUncounting> Uncounting,
        ImmutableArray<SavedAccount> Accounts,
        ImmutableArray<Hold> Holds,
        ImmutableArray<SavedFunds> Funds,
        IReadOnlyList<Hold>? Refunds = null,
        IReadOnlyList<RewardClaim>? RewardClaims = null,
        IReadOnlyList<SavedNews>? Untold = null,
        bool? IsCounted = null,
        Periods? Begun = null,
        Pair? Pause = null,
        IReadOnlyList<PartCap>? Parts = null,
        bool? CountsParts = null,
        OwnCaps? Own = null,
        IReadOnlyList<SavedRaise>? Raised = null,
        SavedLinks? Links = null);

    private sealed record SavedLinks(long Generation, DateTimeOffset? Until);

    private sealed record SavedRaise(string AgentId, OwnTotal Own);

    private sealed record SavedNews(Guid CompletionId, RewardNews News);

    private sealed record SavedPair(string AgentId, Pair Pair);

    private sealed record SavedAnnouncement(Guid CommandId, long Revision, Standing Standing, ImmutableArray<string> Awaited, AccessReply? Reply = null);

    private sealed record SavedUncounting(Guid CompletionId, string CampaignId);

    private sealed record SavedAccount(string Key, Account Account);

    private sealed record SavedFunds(Guid HoldId, FundQueue Queue);
}

using System.Collections.Concurrent;
using Agora.Core;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Web;

namespace Agora.Api.Admin.Headroom;

/// <summary>
/// Holds that are open, as the journal has them. The oldest of a tenant are found by alarms: whoever holds something wants to be woken, to ask what became of it. They are looked for once in
/// <see cref="Limits.HoldsLookedAgain"/> at most, however many look.
/// </summary>
internal sealed class OpenHolds(IRecordedStates recorded, TimeProvider time)
{
    private static readonly string[] Holding = [Kinds.User, Kinds.Campaign, Kinds.Wallet, Kinds.Session];
    private readonly ConcurrentDictionary<string, (DateTimeOffset At, Task<IReadOnlyList<HoldData>> Found)> _oldest = new(StringComparer.Ordinal);

    /// <summary>Those of one node, the oldest first.</summary>
    public async Task<IReadOnlyList<HoldData>> Of(StreamId node, DateTimeOffset now, CancellationToken cancel) =>
        Shown((await recorded.Newest(node, cancel))?.State is { } state ? OpenIn(node, state) : [], now);

    /// <summary>Those of a tenant, the oldest first.</summary>
    public Task<IReadOnlyList<HoldData>> Oldest(Tenant tenant, DateTimeOffset now)
    {
        var world = time.GetUtcNow();
        return _oldest.AddOrUpdate(
            tenant.Name,
            _ => (world, Look(tenant, now)),
            (_, last) => world - last.At < Limits.HoldsLookedAgain && !last.Found.IsFaulted ? last : (world, Look(tenant, now))).Found;
    }

    // It is shared by all who look, so none of them ends it.
    private async Task<IReadOnlyList<HoldData>> Look(Tenant tenant, DateTimeOffset now)
    {
        var found = new List<(StreamId Holder, Hold Hold)>();
        foreach (var kind in Holding)
        {
            foreach (var stream in await recorded.Waiting(tenant, kind, now + Limits.InquiryPutOffAtMost, Limits.HoldStreams, CancellationToken.None))
            {
                if ((await recorded.Newest(stream, CancellationToken.None))?.State is { } state)
                {
                    found.AddRange(OpenIn(stream, state));
                }
            }
        }

        return Shown(found, now);
    }

    private static IReadOnlyList<HoldData> Shown(IEnumerable<(StreamId Holder, Hold Hold)> open, DateTimeOffset now) =>
    [
        .. open.GroupBy(static one => one.Hold.RunId).Select(run => Of([.. run.OrderBy(static one => one.Hold.OpenedAt)], now)).OrderBy(static hold => hold.OpenedAt).ThenBy(static hold => hold.RunId, StringComparer.Ordinal).Take(Limits.HoldsShown),
    ];

    private static HoldData Of(IReadOnlyList<(StreamId Holder, Hold Hold)> run, DateTimeOffset now)
    {
        var first = run[0].Hold;
        return new(
            first.RunId.ToString("D"),
            StreamId.Parse(first.Owner).Id,
            new(run.Max(static one => AmountOf(one.Hold))),
            first.OpenedAt,
            (int)Math.Max(0, (now - first.OpenedAt).TotalSeconds),
            InquiryTimes.Usual(first.Id),
            [.. run.Select(static one => new HolderData(one.Holder.Kind, one.Holder.Id)).Distinct()]);
    }

    private static long AmountOf(Hold hold) => hold.AmountMicros ?? hold.Lines.Where(static line => !AccountKeys.CountsRuns(line.Account)).Select(static line => line.Amount).DefaultIfEmpty().Max();

    private static IEnumerable<(StreamId Holder, Hold Hold)> OpenIn(StreamId node, object state) => (state switch
    {
        UserState user => user.Holds.Open.Values,
        CampaignState campaign => campaign.Holds.Open.Values,
        WalletState wallet => wallet.Holds.Open.Values,
        SessionState session => session.Holds.Open.Values.Concat(session.Pending.Values.Select(run => new Hold(run.UserHold, session.Stream, run.RunId, [new("budget", run.PriceMicros)], run.RequestedAt))),
        _ => [],
    }).Select(hold => (node, hold));
}

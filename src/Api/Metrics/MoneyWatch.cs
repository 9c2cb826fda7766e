using Agora.Api.Admin.Checks;
using Agora.Api.Admin.Headroom;
using Agora.Api.Admin.Wallets;
using Agora.Core.Kernel;
using Agora.Grains.Clocks;
using Agora.Journal;
using Agora.Web;
using Microsoft.Extensions.Logging;

namespace Agora.Api.Metrics;

/// <summary>What must never be: money that is nowhere or twice, and holds that nothing ends.</summary>
internal sealed class MoneyWatch : LookedUp<MoneyWatch.Found>, ICheckup
{
    private readonly Ledger _ledger;
    private readonly OpenHolds _holds;
    private readonly TenantTimes _times;

    public MoneyWatch(Ledger ledger, OpenHolds holds, TenantTimes times, ApiOptions options, TimeProvider time, ILogger<MoneyWatch> log)
        : base("Agora.Money", "Books", options, time, log)
    {
        (_ledger, _holds, _times) = (ledger, holds, times);
        Meter.CreateObservableGauge("agora.ledger.imbalance.cents", () => Seen(static found => found.ImbalanceCents), "{cent}", "By how much all funds and what is in transit differ from 0, in cents");
        Meter.CreateObservableGauge("agora.holds.oldest.age", () => Seen(static found => found.OldestSeconds), "s", "Age of the oldest open hold; 0: none is open");
    }

    protected override async Task<Found> Look(CancellationToken cancel)
    {
        var found = new Found(0, 0);
        foreach (var tenant in Tenants)
        {
            var off = Math.Abs((decimal)(await _ledger.TrialBalance(tenant, cancel)).SumCents.Micros) / Money.MicrosPerCent;
            var oldest = (await _holds.Oldest(tenant, _times.Now(tenant))) is [var first, ..] ? first.AgeSeconds : 0;
            found = new(found.ImbalanceCents + off, Math.Max(found.OldestSeconds, oldest));
        }

        return found;
    }

    /// <summary>As of the last look, half a minute ago at most.</summary>
    async Task<Checked> ICheckup.Look(CancellationToken cancel)
    {
        try
        {
            return (Latest ?? await Look(cancel)) switch
            {
                { ImbalanceCents: not 0 and var off } => new(Name, CheckState.Unwell, $"All funds and what is in transit differ from 0 by {off:0.####} cents.", "Keep a backup, run check, and go by AgoraLedgerOff in docs/runbooks.md."),
                { OldestSeconds: var age } when age > Limits.HoldOverdue.TotalSeconds => new(Name, CheckState.Unwell, $"A hold is open for {age} s; nothing may keep one so long.", "Look at GET /admin/holds, and go by AgoraHoldOverdue in docs/runbooks.md."),
                { OldestSeconds: var age } => new(Name, CheckState.Well, age == 0 ? "All money adds up; no hold is open." : $"All money adds up; the oldest hold is open for {age} s."),
            };
        }
        catch (JournalUnavailableException)
        {
            return new(Name, CheckState.Unwell, "The books cannot be read.", "Mend the store first.");
        }
    }

    public string Name => "money";

    internal sealed record Found(decimal ImbalanceCents, int OldestSeconds);
}

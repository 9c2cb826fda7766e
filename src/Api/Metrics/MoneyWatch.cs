using System.Diagnostics.Metrics;
using Agora.Api.Admin.Headroom;
using Agora.Api.Admin.Wallets;
using Agora.Core.Kernel;
using Agora.Grains.Clocks;
using Agora.Journal;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Agora.Api.Metrics;

/// <summary>
/// What must never be, of all tenants that have keys: money that is nowhere or twice, and holds that nothing ends. Looked up every <see cref="Limits.UnresolvedLookedUp"/>, not when it is scraped; each
/// process says the same.
/// </summary>
internal sealed partial class MoneyWatch : BackgroundService
{
    private readonly Meter _meter = new("Agora.Money");
    private readonly Ledger _ledger;
    private readonly OpenHolds _holds;
    private readonly TenantTimes _times;
    private readonly Tenant[] _tenants;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private volatile Seen? _seen;

    public MoneyWatch(Ledger ledger, OpenHolds holds, TenantTimes times, ApiOptions options, TimeProvider time, ILogger<MoneyWatch> log)
    {
        (_ledger, _holds, _times, _time, _log) = (ledger, holds, times, time, log);
        _tenants = [.. options.OperatorKeys.Concat(options.PlatformKeys).Select(key => key.Tenant).Concat(options.Issuers.Select(issuer => issuer.Tenant)).Distinct()];
        _meter.CreateObservableGauge("agora.ledger.imbalance.cents", () => Of(static seen => seen.ImbalanceCents), "{cent}", "By how much all funds and what is in transit differ from 0, in cents");
        _meter.CreateObservableGauge("agora.holds.oldest.age", () => Of(static seen => seen.OldestSeconds), "s", "Age of the oldest open hold; 0: none is open");
    }

    public async Task LookUp(CancellationToken cancel)
    {
        var (off, oldest) = (0m, 0m);
        foreach (var tenant in _tenants)
        {
            off += Math.Abs((decimal)(await _ledger.TrialBalance(tenant, cancel)).SumCents.Micros) / Money.MicrosPerCent;
            oldest = Math.Max(oldest, (await _holds.Oldest(tenant, _times.Now(tenant))) is [var first, ..] ? first.AgeSeconds : 0);
        }

        _seen = new(off, oldest);
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Limits.UnresolvedLookedUp, _time);
        do
        {
            try
            {
                await LookUp(stoppingToken);
            }
            catch (Exception e) when (e is JournalUnavailableException or IOException or TimeoutException)
            {
                NotLookedUp(_log, e); // the numbers stay as they were, and readiness says that the store is away
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Nothing before the first look: a 0 would say that all is well.</summary>
    private IEnumerable<Measurement<decimal>> Of(Func<Seen, decimal> value) => _seen is { } seen ? [new(value(seen))] : [];

    private sealed record Seen(decimal ImbalanceCents, decimal OldestSeconds);

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "The books were not looked at")]
    private static partial void NotLookedUp(ILogger log, Exception e);
}

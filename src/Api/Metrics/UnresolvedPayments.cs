using System.Diagnostics.Metrics;
using Agora.Api.Http;
using Agora.Core.Kernel;
using Agora.Core.Wallets;
using Agora.Journal;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Agora.Api.Metrics;

/// <summary>
/// Payments by x402 whose end nobody knows, of all tenants that have keys: an operator is wanted. They are looked up every <see cref="Limits.UnresolvedLookedUp"/>, not when they are scraped: metrics
/// are there also while the store is away. Each process says the same. At most <see cref="Limits.LookedAt"/> of a tenant are counted.
/// </summary>
internal sealed partial class UnresolvedPayments : BackgroundService
{
    private readonly Meter _meter = new("Agora.Settlements");
    private readonly TableReader _tables;
    private readonly Tenant[] _tenants;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private volatile Found? _found;

    public UnresolvedPayments(TableReader tables, ApiOptions options, TimeProvider time, ILogger<UnresolvedPayments> log)
    {
        (_tables, _time, _log) = (tables, time, log);
        _tenants = [.. options.OperatorKeys.Concat(options.PlatformKeys).Select(key => key.Tenant).Concat(options.Issuers.Select(issuer => issuer.Tenant)).Distinct()];
        _meter.CreateObservableGauge("agora.settlements.unresolved", () => Seen(static found => found.Count), "{payment}", "Payments by x402 whose end nobody knows");
        _meter.CreateObservableGauge("agora.settlements.unresolved.cents", () => Seen(static found => found.Cents), "{cent}", "Their amounts in cents");
    }

    public async Task LookUp(CancellationToken cancel)
    {
        var found = new Found(0, 0);
        foreach (var tenant in _tenants)
        {
            var rows = await _tables.In(tenant).First(
                SettlementTables.Settlements, [new("begun_at")], [TableReader.Is("state", IncomingStanding.Unresolved.Name())], Limits.LookedAt, cancel);
            found = new(found.Count + rows.Count, found.Cents + rows.Sum(row => (decimal)row.Number("amount_micros")) / Money.MicrosPerCent);
        }

        _found = found;
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

    /// <summary>Nothing before the first look: a 0 would say that there are none.</summary>
    private IEnumerable<Measurement<decimal>> Seen(Func<Found, decimal> value) => _found is { } found ? [new(value(found))] : [];

    private sealed record Found(int Count, decimal Cents);

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "Unresolved payments were not looked up")]
    private static partial void NotLookedUp(ILogger log, Exception e);
}

using Agora.Application.Reading;
using Agora.Core.Kernel;
using Agora.Core.Wallets;
using Agora.Web;
using Microsoft.Extensions.Logging;

namespace Agora.Api.Metrics;

/// <summary>Payments by x402 whose end nobody knows: an operator is wanted. At most <see cref="Limits.LookedAt"/> of a tenant are counted.</summary>
internal sealed class UnresolvedPayments : LookedUp<UnresolvedPayments.Found>
{
    private readonly TableReader _tables;

    public UnresolvedPayments(TableReader tables, ApiOptions options, TimeProvider time, ILogger<UnresolvedPayments> log)
        : base("Agora.Settlements", "Unresolved payments", options, time, log)
    {
        _tables = tables;
        Meter.CreateObservableGauge("agora.settlements.unresolved", () => Seen(static found => found.Count), "{payment}", "Payments by x402 whose end nobody knows");
        Meter.CreateObservableGauge("agora.settlements.unresolved.cents", () => Seen(static found => found.Cents), "{cent}", "Their amounts in cents");
    }

    protected override async Task<Found> Look(CancellationToken cancel)
    {
        var found = new Found(0, 0);
        foreach (var tenant in Tenants)
        {
            var rows = await _tables.In(tenant).First(
                SettlementTables.Settlements, [new("begun_at")], [TableReader.Is("state", IncomingStanding.Unresolved.Name())], Limits.LookedAt, cancel);
            found = new(found.Count + rows.Count, found.Cents + rows.Sum(row => (decimal)row.Number("amount_micros")) / Money.MicrosPerCent);
        }

        return found;
    }

    internal sealed record Found(int Count, decimal Cents);
}

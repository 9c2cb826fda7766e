using Agora.Application.Calls;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Webhooks;
using Agora.Grains.Clocks;
using Agora.Web;
using Microsoft.Extensions.Logging;

namespace Agora.Api.Metrics;

/// <summary>What campaigns have to spend, and what webhooks have not been told, of live tenants. At most <see cref="Limits.LookedAt"/> campaigns of a tenant are added up.</summary>
internal sealed class MarketWatch : LookedUp<MarketWatch.Found>
{
    private readonly TableReader _tables;
    private readonly IEntities _entities;
    private readonly TenantTimes _times;

    public MarketWatch(TableReader tables, IEntities entities, TenantTimes times, ApiOptions options, TimeProvider time, ILogger<MarketWatch> log)
        : base("Agora.Market", "Escrow and webhooks", options, time, log)
    {
        (_tables, _entities, _times) = (tables, entities, times);
        Meter.CreateObservableGauge("agora.escrow.cents", () => Seen(static found => found.EscrowCents), "{cent}", "What campaigns have, in cents");
        Meter.CreateObservableGauge("agora.webhooks.waiting", () => Seen(static found => found.Waiting), "{subject}", "Subjects of which a webhook has yet to be told something");
        Meter.CreateObservableGauge("agora.webhooks.waiting.age", () => Seen(static found => found.WaitingSeconds), "s", "For how long the oldest of them has waited; 0: none waits");
    }

    protected override async Task<Found> Look(CancellationToken cancel)
    {
        var found = new Found(0, 0, 0);
        foreach (var tenant in Tenants.Where(static tenant => !tenant.IsTest))
        {
            var funds = await _tables.In(tenant).First(FundTables.Funds, [], [TableReader.Is("kind", Kinds.Campaign)], Limits.LookedAt, cancel);
            found = found with { EscrowCents = found.EscrowCents + (funds.Sum(fund => (decimal)fund.Number("balance_micros")) / Money.MicrosPerCent) };
            foreach (var webhook in await _tables.In(tenant).First(WebhookTables.Webhooks, [], [TableReader.Is("delivers", 1L)], Limits.Webhooks, cancel))
            {
                var answer = await _entities.In(tenant).Webhook(webhook.Text("webhook_id")).Send(new WebhookCommand.Get(), Commands.Fresh(_times.Of(tenant)), cancel);
                if (answer.Reply is not WebhookView { Waiting: > 0, WaitingSince: { } since } view) continue;

                found = found with { Waiting = found.Waiting + view.Waiting, WaitingSeconds = Math.Max(found.WaitingSeconds, (int)Math.Max(0, (_times.Now(tenant) - since).TotalSeconds)) };
            }
        }

        return found;
    }

    internal sealed record Found(decimal EscrowCents, int Waiting, int WaitingSeconds);
}

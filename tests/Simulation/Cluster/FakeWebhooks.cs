using System.Text;
using System.Text.Json;
using Agora.Core.Webhooks;
using Agora.Grains.Webhooks;

namespace Agora.Simulation.Cluster;

/// <summary>
/// Operators' receivers outside, as one process sees them: they take a message, refuse it, hang, or take it and say nothing. Some subjects are refused as long as it storms.
/// What they took they remember; whether that is all and in order is for the checker to say.
/// </summary>
public sealed class FakeWebhooks(SimCluster cluster, TimeProvider clock) : IWebhookPost
{
    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Hangs = TimeSpan.FromSeconds(15);
    private readonly Random _random = new(unchecked((cluster.Options.Seed * 83) + 41));

    public async Task<WebhookAnswer> Post(WebhookMessage message, CancellationToken cancel)
    {
        if (InboxWebhooks.IsOfAgent(message.Endpoint.Id)) return await Page(message);

        var json = JsonDocument.Parse(message.Body).RootElement;
        var (type, subject, seq) = (json.GetProperty("type").GetString()!, json.GetProperty("data").GetProperty("subject").GetString()!, json.GetProperty("data").GetProperty("sequence").GetInt64());
        await Task.Delay(Usual * _random.NextDouble(), clock, CancellationToken.None);
        var trouble = cluster.Closing ? 0 : IsRefused(subject) ? 1 : _random.Next(12);
        switch (trouble)
        {
            case 1:
                return new(500, DeliveryErrors.Status, "later");
            case 2:
                await Task.Delay(Hangs, clock, CancellationToken.None);
                return new(null, DeliveryErrors.Timeout, null);
        }

        cluster.History.CatchUp();
        cluster.Tell($"told {message.Endpoint.Tenant} {subject} {seq} {type} {message.Id}");
        cluster.Tenants.Single(tenant => tenant.Name == message.Endpoint.Tenant).Webhooks.Took(message.Id, Encoding.UTF8.GetString(message.Body.Span), type, subject, seq);
        var whose = cluster.ToldTo.TryAdd(message.Id, message.Endpoint.Tenant) ? message.Endpoint.Tenant : cluster.ToldTo[message.Id];
        cluster.Findings.Expect(whose == message.Endpoint.Tenant, $"{message.Id} was told to {whose}, and to {message.Endpoint.Tenant}.");
        return trouble == 3 ? new(null, DeliveryErrors.Connection, null) : new(204, null, null);
    }

    /// <summary>Of an agent's inbox: its receiver fails more often than it takes, for there is only one page at a time.</summary>
    private async Task<WebhookAnswer> Page(WebhookMessage message)
    {
        await Task.Delay(Usual * _random.NextDouble(), clock, CancellationToken.None);
        var trouble = cluster.Closing ? 0 : _random.Next(8);
        switch (trouble)
        {
            case 1 or 2:
                return new(503, DeliveryErrors.Status, null);
            case 3:
                await Task.Delay(Hangs, clock, CancellationToken.None);
                return new(null, DeliveryErrors.Timeout, null);
        }

        cluster.History.CatchUp();
        cluster.Tell($"posted {message.Endpoint} {message.Id} {message.Body.Length}");
        cluster.Tenants.Single(tenant => tenant.Name == message.Endpoint.Tenant).Posted.Took(InboxWebhooks.AgentOf(message.Endpoint.Id), message.Id, message.Body);
        return trouble == 4 ? new(null, DeliveryErrors.Connection, null) : new(204, null, null);
    }

    private static bool IsRefused(string subject) => subject.Sum(c => c) % 7 == 0;
}

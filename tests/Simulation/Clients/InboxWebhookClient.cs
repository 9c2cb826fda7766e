using Agora.Core;
using Agora.Core.Agents;
using Agora.Core.Kernel;
using Agora.Core.Webhooks;

namespace Agora.Simulation.Clients;

/// <summary>An agent that has its inbox posted, from the first entry on, by a key of its own; and what each process does for it: it is woken again and again.</summary>
public sealed class InboxWebhookClient(Tenant tenant) : Caller(tenant, new Random(unchecked((tenant.Cluster.Options.Seed * 167) + 127 + (1_000_003 * tenant.Number))))
{
    private static readonly string Agent = TalkClient.Agents[0];

    private StreamId Webhook => Stream(Kinds.Webhook, InboxWebhooks.IdOf(Agent));

    /// <summary>Before anything happens.</summary>
    public async Task SetUp()
    {
        var issued = (KeyIssued)(await Insist(Entities.Of<AgentCommand>(Stream(Kinds.Agent, Agent)), new AgentCommand.IssueKey(new string('b', 64), null))).Reply!;
        Tenant.Posted.Begins(Agent);
        await Insist(Entities.Of<WebhookCommand>(Webhook), new WebhookCommand.PutInbox("https://peer.example/", $"agent:{Agent}:{issued.KeyId}", "start", "start", Personal.Of("c2VlZA=="), "whpk_"));
    }

    public async Task Wake()
    {
        while (true)
        {
            await Cluster.Outside.Wake(Webhook, Cluster.NewId());
            await Task.Delay(Limits.WokenEvery, Cluster.Time);
        }
    }
}

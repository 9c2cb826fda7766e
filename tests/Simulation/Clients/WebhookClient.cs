using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Webhooks;

namespace Agora.Simulation.Clients;

/// <summary>An operator who has an endpoint that is told of runs, tasks and refunds; and what each process does for it: it is woken again and again.</summary>
public sealed class WebhookClient(Tenant tenant) : Caller(tenant, new Random(unchecked((tenant.Cluster.Options.Seed * 89) + 43 + (1_000_003 * tenant.Number))))
{
    private const string Id = "books";
    private static readonly WebhookDefinition Books = new("https://books.example/", ["refund.accepted", "run.failed", "run.succeeded", "task.completed"], null, Active: true);

    /// <summary>Before anything happens.</summary>
    public async Task SetUp()
    {
        await Send(new WebhookCommand.Put(Books, "start"));
        await Send(new WebhookCommand.IssueSecret(Personal.Of("c2VlZA=="), "whpk_", 0));
    }

    private Task Send(WebhookCommand command) => Insist(Entities.Of<WebhookCommand>(Stream(Kinds.Webhook, Id)), command);

    public async Task Wake()
    {
        while (true)
        {
            if (Tenant.Webhooks.IsDisabled)
            {
                await Send(new WebhookCommand.Put(Books, "start"));
            }

            await Cluster.Outside.Wake(Stream(Kinds.Webhook, Id), Cluster.NewId());
            await Task.Delay(Limits.WokenEvery, Cluster.Time);
        }
    }
}

using Agora.Grains.Webhooks;

namespace Agora.Simulation.Cluster;

/// <summary>What one process posts, by its own inboxes. It does not wait at the feed, whose waiters are woken on other threads: it looks, and pauses where there is nothing.</summary>
internal sealed class PostedPages(Func<Listening> listening, TimeProvider clock) : IInboxPages
{
    public async Task<InboxLook?> Look(Core.Kernel.Tenant tenant, string agentId, string after, TimeSpan patience, CancellationToken ending)
    {
        var look = await listening().Look(tenant, agentId, after, ending);
        if (look is { IsPage: false })
        {
            await Task.Delay(patience, clock, ending);
        }

        return look;
    }

    public Task<InboxPageText?> Read(Core.Kernel.Tenant tenant, string agentId, string from, string upTo, CancellationToken ending) => listening().Read(tenant, agentId, from, upTo, ending);
}

using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Sessions;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Clients;

/// <summary>
/// A node that asks what became of a hold long before it has to, often before the run's request is durable. A session that says <c>void</c> has
/// said so for ever.
/// </summary>
public sealed class HastyNode(Tenant tenant) : Caller(tenant)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    public async Task Live()
    {
        while (await GoesOn(Look))
        {
            while (LiveStates.Held.TryDequeue(out var held))
            {
                if (Random.Next(4) == 0)
                {
                    _ = Inquire(held);
                }
            }
        }
    }

    private async Task Inquire(HeldAt held)
    {
        var owner = StreamId.Parse(held.Owner);
        if (owner.Kind == Kinds.Session
            && await Ask(Cluster.Tenants.Single(t => t.Name == owner.Tenant).Entities.Session(owner.Id), (SessionCommand)new NodeCommand.Inquire(held.RunId, held.HoldId), NewSending(), "An early inquiry", static _ => null) is { Reply: Inquired { Open: false, Posted: false } })
        {
            Cluster.History.CatchUp();
            Cluster.Tenants.Single(t => t.Name == owner.Tenant).Runs.Disowned(held.HoldId);
        }
    }
}

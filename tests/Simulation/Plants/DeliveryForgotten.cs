using Agora.Core.Kernel;
using Agora.Core.Webhooks;

namespace Agora.Simulation.Plants;

/// <summary>What an endpoint did not take is forgotten: its cursor goes on, and nothing waits.</summary>
public sealed class DeliveryForgotten : Plant
{
    public override string Name => "delivery-forgotten";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<WebhookState, WebhookCommand, WebhookEvent> webhook => webhook with
        {
            Evolve = static (state, happened, at) => state.Evolve(happened is WebhookEvent.Told told ? told with { Waits = null } : happened, at),
        },
        _ => entity,
    };
}

using Agora.Core.Kernel;
using Agora.Core.Webhooks;

namespace Agora.Simulation.Plants;

/// <summary>The cursor of an inbox that is posted moves before the page was taken: what a receiver refuses never comes again.</summary>
public sealed class PageForgotten : Plant
{
    public override string Name => "page-forgotten";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<WebhookState, WebhookCommand, WebhookEvent> webhook => webhook with
        {
            Evolve = static (state, happened, at) => happened is WebhookEvent.PageWaits { Page: { Attempts: > 0 } page }
                ? state.Evolve(happened, at).Evolve(new WebhookEvent.PageTaken(page.EventId, at), at)
                : state.Evolve(happened, at),
        },
        _ => entity,
    };
}

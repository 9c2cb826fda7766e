using Agora.Grains.Webhooks;

namespace Agora.Simulation.Plants;

/// <summary>A delivery is noted, and the cursor moves, while it is still on its way: what an endpoint does not take is lost.</summary>
public sealed class NotedBeforeTaken : Plant
{
    public override string Name => "noted-before-taken";

    public override bool IsWide => true;

    public override IWebhookPost Posting(IWebhookPost post) => new Hasty(post);

    private sealed class Hasty(IWebhookPost post) : IWebhookPost
    {
        public Task<WebhookAnswer> Post(WebhookMessage message, CancellationToken cancel)
        {
            _ = post.Post(message, cancel);
            return Task.FromResult(new WebhookAnswer(204, null, null));
        }
    }
}

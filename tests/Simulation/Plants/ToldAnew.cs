using Agora.Grains.Webhooks;

namespace Agora.Simulation.Plants;

/// <summary>What is told again, after a crash or because somebody asked for it, has another id: whoever counts it counts it twice.</summary>
public sealed class ToldAnew : Plant
{
    public override string Name => "told-anew";

    public override bool IsWide => true;

    public override IWebhookPost Posting(IWebhookPost post) => new Renaming(post);

    private sealed class Renaming(IWebhookPost post) : IWebhookPost
    {
        private int _number;

        public Task<WebhookAnswer> Post(WebhookMessage message, CancellationToken cancel) =>
            post.Post(new(message.Endpoint, message.Url, $"{message.Id}{++_number}", message.Body, message.Seeds), cancel);
    }
}

using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Webhooks;
using Agora.Grains.Clocks;

namespace Agora.Grains.Webhooks;

/// <summary>Posts what a webhook is told. Where it goes and what signs is looked up as it is sent: it may have changed since.</summary>
/// <param name="post">Null: nothing is posted here.</param>
internal sealed class Posting(Entities entities, IWebhookPost? post, TenantTimes times)
{
    private int _asked;

    /// <summary>What was begun is waited for: whether it was taken is known then.</summary>
    /// <returns>Null: it has no secret, or tells what is asked for no more.</returns>
    public async Task<WebhookAnswer?> Post(OutsideContext context, string id, ReadOnlyMemory<byte> body, WebhookCommand.GetSecrets ask)
    {
        var answer = await entities.In(Tenant.Of(context.From)).Webhook(context.From.Id).Send(ask, Asked(context));
        if (answer.Reply is not WebhookSecrets { Seeds.Count: > 0 } secrets) return null;

        return post is null ? new(null, DeliveryErrors.Refused, null) : await post.Post(new(context.From, secrets.Url, id, body, secrets.Seeds), CancellationToken.None);
    }

    /// <summary>Of something that is asked for a call.</summary>
    public CommandContext Asked(OutsideContext context) => new(Ids.Derive(times.Now(Tenant.Of(context.From)), context.CommandId, Interlocked.Increment(ref _asked)), context.Trace);
}

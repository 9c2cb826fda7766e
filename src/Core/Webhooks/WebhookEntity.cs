using Agora.Core.Kernel;

namespace Agora.Core.Webhooks;

/// <summary>An endpoint that is told what happens. It is at work as long as it is there, so no alarm says so: whoever starts processes wakes them all.</summary>
public static class WebhookEntity
{
    public const string Kind = Kinds.Webhook;

    public static Entity<WebhookState, WebhookCommand, WebhookEvent> Entity { get; } = new(Kind)
    {
        Events = WebhookCodec.Events,
        Commands = WebhookCodec.Commands,
        Answers = new UnionCodec<object>()
            .Case<WebhookView>("answer.webhook")
            .Case<WebhookDeleted>("answer.webhook_deleted")
            .Case<WebhookSecretView>("answer.webhook_secret")
            .Case<WebhookSecrets>("answer.webhook_secrets")
            .Case<Delivery>("answer.webhook_delivery")
            .Case<WebhookReplay>("answer.webhook_replay"),
        Tables = [WebhookTables.Webhooks, WebhookTables.Deliveries, WebhookTables.Inboxes],
        Snapshots = new(1, WebhookCodec.Save, WebhookCodec.Restore),
        Initial = WebhookState.Initial,
        Decide = WebhookDecider.Decide,
        Evolve = static (state, happened, at) => state.Evolve(happened, at),
        CheckInvariants = static (state, _) => state.CheckInvariants(),
        Unfinished = WebhookDecider.Unfinished,
        IsUnfinished = static state => !state.Sends.IsEmpty,
        Ongoing = WebhookDecider.Ongoing,
        Recall = WebhookDecider.Recall,
        Rows = WebhookTables.Rows,
        Made = static happened => (happened as WebhookEvent.SecretIssued)?.Secret.SecretId,
        PersonalKey = static state => $"webhook/{state.Stream.Tenant}/{state.Stream.Id}",
        Tick = new WebhookCommand.Tick(),
    };
}

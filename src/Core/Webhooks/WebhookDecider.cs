using System.Diagnostics;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Webhooks.WebhookState, Agora.Core.Webhooks.WebhookEvent>;

namespace Agora.Core.Webhooks;

/// <summary>
/// An endpoint that is told what happens.
/// <para>Rules. A definition is absolute; the same one again changes nothing, unless the endpoint was disabled: putting it enables it, and it goes on where it was. One that is made is
/// told what came after. Nothing is told before it has a secret. A new secret signs beside the former one for as long as it is asked for.</para>
/// <para>What it is told is decided in WebhookDecider.Telling.cs; what an agent is told of its inbox in WebhookDecider.Inbox.cs.</para>
/// </summary>
public static partial class WebhookDecider
{
    public static Decided Decide(WebhookState state, WebhookCommand command, Context context) => command switch
    {
        WebhookCommand.Put c => Put(state, c, context),
        WebhookCommand.Delete => state.Definition is null ? Decided.Reject(WebhookRejection.NotFound) : Decided.Accept(new WebhookDeleted(state.Stream.Id), new WebhookEvent.Deleted(state.Stream.Id)),
        WebhookCommand.Get => state.Definition is { } definition ? Decided.Query(state.View(definition)) : Decided.Reject(WebhookRejection.NotFound),
        WebhookCommand.IssueSecret c => IssueSecret(state, c, context),
        WebhookCommand.GetSecrets c => GetSecrets(state, c, context),
        WebhookCommand.WindowDone c => WindowDone(state, c, context),
        WebhookCommand.SubjectDone c => SubjectDone(state, c, context),
        WebhookCommand.Test => Send(state, new(context.CommandId, $"evt_{context.NewId(0):N}", context.Now), context),
        WebhookCommand.Resend c => Send(state, new(context.CommandId, c.EventId, context.Now, c.Stream, c.Place), context),
        WebhookCommand.SendDone c => SendDone(state, c),
        WebhookCommand.Replay c => Replay(state, c, context),
        WebhookCommand.PutInbox c => PutInbox(state, c, context),
        WebhookCommand.InboxDone c => InboxDone(state, c, context),
        WebhookCommand.Tick => Decided.NoChange,
        _ => throw new UnreachableException(),
    };

    private static Decided Put(WebhookState state, WebhookCommand.Put c, Context context)
    {
        var known = state.Definition is { } before ? state.View(before) : null;
        if (c.Replacing?.If?.Refusal(known?.Etag) is { } failed) return Decided.Reject(failed);
        if (known is { Disabled: null } && known.Etag == EntityTags.Of(c.Definition)) return Decided.Accept(known);

        var view = state.Enabled(context.Now).View(c.Definition) with
        {
            UpdatedAt = context.Now,
            Dropped = c.Replacing?.Dropped(known?.Definition.Given(), c.Definition.Given()),
        };
        return Going(state, context, Decided.Accept(view, new WebhookEvent.DefinitionPut(view, known is null ? c.From : null)));
    }

    private static Decided IssueSecret(WebhookState state, WebhookCommand.IssueSecret c, Context context)
    {
        if (state.Definition is null) return Decided.Reject(WebhookRejection.NotFound);
        if (c.OverlapSeconds is < 0 or > Limits.WebhookOverlapSeconds) return Decided.Reject(WebhookRejection.OverlapOutOfRange);

        var secret = new WebhookSecretView(context.NewId(0).ToString("N"), c.PublicKey, context.Now, null);
        var formerUntil = state.Secrets.IsEmpty || c.OverlapSeconds == 0 ? (DateTimeOffset?)null : context.Now.AddSeconds(c.OverlapSeconds);
        return Going(state, context, Decided.Accept(secret, new WebhookEvent.SecretIssued(secret, formerUntil) { Seed = c.Seed }));
    }

    private static Decided GetSecrets(WebhookState state, WebhookCommand.GetSecrets c, Context context) => state.Definition is { } definition && c.EventId == state.Page?.EventId
        ? Decided.Query(new WebhookSecrets(definition.Url, [.. state.Secrets.Where(secret => secret.Signs(context.Now)).Select(secret => secret.Seed).OfType<Personal>()]))
        : Decided.Reject(WebhookRejection.NotFound);

    public static LateAnswer? Recall(WebhookEvent happened, Guid commandId) => happened switch
    {
        WebhookEvent.DefinitionPut e => new(commandId, Answer.Of(e.View)),
        WebhookEvent.SecretIssued e => new(commandId, Answer.Of(e.Secret)),
        WebhookEvent.Deleted e => new(commandId, Answer.Of(new WebhookDeleted(e.WebhookId))),
        WebhookEvent.Sent e => new(e.CommandId, Answer.Of(e.Delivery)),
        WebhookEvent.ReplayBegun e => new(commandId, Answer.Of(e.Replay)),
        WebhookEvent.InboxPut e => new(commandId, Answer.Of(e.View)),
        WebhookEvent.PageWaits or WebhookEvent.PageTaken or WebhookEvent.Told or WebhookEvent.Disabled or WebhookEvent.Rewound or WebhookEvent.SendAsked or WebhookEvent.ReplayEnded => null,
        _ => throw new UnreachableException(),
    };
}

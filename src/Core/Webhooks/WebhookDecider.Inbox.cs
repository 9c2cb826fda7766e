using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Webhooks.WebhookState, Agora.Core.Webhooks.WebhookEvent>;

namespace Agora.Core.Webhooks;

/// <summary>
/// Telling an agent its inbox, page by page.
/// <para>A page's bounds and id are durable before it is told, and the cursor moves when it was taken: so a page is repeated whole and under its id, and the next one begins where it ended.
/// One page is under way at a time, so the order is the inbox's.</para>
/// <para>It is tried like any event, for <see cref="Limits.WebhookTriedFor"/>; then, or where 410 is answered, the agent is told nothing more until it asks for it again, and goes on where it was.</para>
/// </summary>
public static partial class WebhookDecider
{
    private static Decided PutInbox(WebhookState state, WebhookCommand.PutInbox c, Context context)
    {
        var (isThere, isSame) = (state.Definition is not null, state.Definition?.Url == c.Url && state.By == c.By && state.Disabled is null && c.From is null);
        if (isSame) return Decided.Accept(state.View(state.Definition!));

        var secret = state.Secrets.IsEmpty ? new WebhookSecretView(context.NewId(0).ToString("N"), c.PublicKey, context.Now, null) : null;
        var definition = new WebhookDefinition(c.Url, null, null, Active: true);
        var put = new WebhookEvent.InboxPut(state.View(definition), c.By, c.From ?? (isThere ? null : c.End), secret) { Seed = secret is null ? null : c.Seed };
        put = put with { View = state.Evolve(put, context.Now).View(definition) };
        return Going(state, context, Decided.Accept(put.View, put));
    }

    private static Step TellInbox(WebhookState state, DateTimeOffset now, TimeSpan rest)
    {
        var (course, due) = (state.Course, state.Page is { } page && page.NextAt - now > rest ? page.NextAt - now : rest);
        var call = new WebhookInbox(state.By!, state.ReadTo ?? state.Cursor!, state.Page, due <= Limits.WebhookPatience, due <= Limits.WebhookPatience ? due : Limits.WebhookPatience);
        return new(Phase.AfterCommit, new StepTarget.Outside(call), outcome => new WebhookCommand.InboxDone(course, outcome as WebhookOutcome), WindowKey) { IsSole = true };
    }

    private static Decided InboxDone(WebhookState state, WebhookCommand.InboxDone c, Context context)
    {
        if (!state.Delivers || c.Course != state.Course) return Going(state, context, Decided.NoChange);

        return c.Outcome switch
        {
            WebhookOutcome.Looked { IsPage: true } found => Going(state, context, Decided.Did(new WebhookEvent.PageWaits(
                new($"msg_{context.NewId(0):N}", state.ReadTo ?? state.Cursor!, found.Cursor, 0, context.Now, context.Now)))),
            WebhookOutcome.Looked looked => Going(state, context, Decided.NoChange.WithSoft(state with { ReadTo = looked.Cursor })),
            WebhookOutcome.PageSent { Error: null } taken => Going(state, context, Decided.Did(new WebhookEvent.PageTaken(state.Page!.EventId, taken.SentAt))),
            WebhookOutcome.PageSent failed => PageFailed(state, state.Page!, failed, context),
            WebhookOutcome.InboxOver over => Decided.Did(new WebhookEvent.Disabled(new(context.Now, over.Reason))),
            _ => Decided.NoChange.Then(TellInbox(state, context.Now, Limits.WebhookRest)),
        };
    }

    private static Decided PageFailed(WebhookState state, PendingPage page, WebhookOutcome.PageSent failed, Context context)
    {
        var since = page.Attempts == 0 ? context.Now : page.Since;
        var waits = page with { Attempts = page.Attempts + 1, Since = since, NextAt = context.Now + PauseAfter(page.Attempts + 1), Error = failed.Error, Status = failed.Status };
        var over = failed.Status == Gone ? WantsNothing(context.Now)
            : context.Now - since >= Limits.WebhookTriedFor ? new(new(context.Now, TookNothing(since)))
            : null;
        return over is null ? Going(state, context, Decided.Did(new WebhookEvent.PageWaits(waits))) : Decided.Did(new WebhookEvent.PageWaits(waits), over);
    }
}

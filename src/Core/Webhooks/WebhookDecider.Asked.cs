using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Webhooks.WebhookState, Agora.Core.Webhooks.WebhookEvent>;

namespace Agora.Core.Webhooks;

/// <summary>
/// What operators have sent: a test or one event, once and beside all that is told in order, whose answer they are told; and a span of time that is told again. A span is told as what is
/// new is: in order of each subject, by the same cursor, which then goes back to where it was; what happens meanwhile is told after it.
/// </summary>
public static partial class WebhookDecider
{
    public static IEnumerable<Step> Unfinished(WebhookState state, DateTimeOffset now) => state.Sends.Select(SendOne);

    private static Decided Send(WebhookState state, PendingSend send, Context context)
    {
        if (state.Sends.Any(pending => pending.CommandId == context.CommandId)) return Decided.Later();
        if (state.Definition is null) return Decided.Reject(WebhookRejection.NotFound);
        if (!state.Secrets.Any(secret => secret.Signs(context.Now))) return Decided.Reject(WebhookRejection.NoSecret);
        if (state.Sends.Length >= Limits.WebhookSends) return Decided.Reject(WebhookRejection.Crowded);

        return Decided.Later(new WebhookEvent.SendAsked(send)).Then(SendOne(send));
    }

    private static Step SendOne(PendingSend send) => new(
        Phase.AfterCommit,
        new StepTarget.Outside(new WebhookSend(send)),
        outcome => outcome is WebhookOutcome.Sent sent ? new WebhookCommand.SendDone(send.CommandId, sent.Delivery) : null,
        send.CommandId);

    private static Decided SendDone(WebhookState state, WebhookCommand.SendDone c) => state.Sends.Any(pending => pending.CommandId == c.CommandId)
        ? Decided.Did(new WebhookEvent.Sent(c.CommandId, c.Delivery)).Answering(c.CommandId, Answer.Of(c.Delivery))
        : Decided.NoChange;

    private static Decided Replay(WebhookState state, WebhookCommand.Replay c, Context context)
    {
        var until = c.Until is { } given && given < context.Now ? given : context.Now;
        if (state.Definition is null) return Decided.Reject(WebhookRejection.NotFound);
        if (c.Since > until) return Decided.Reject(WebhookRejection.EmptySpan);
        if (state.Replay is not null) return Decided.Reject(WebhookRejection.Replaying);

        var replay = new WebhookReplay(c.Since, until, state.ReadTo ?? state.Cursor);
        return Going(state, context, Decided.Accept(replay, new WebhookEvent.ReplayBegun(replay)));
    }
}

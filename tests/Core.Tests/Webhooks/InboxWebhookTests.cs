using Agora.Core.Kernel;
using Agora.Core.Webhooks;
using Webhook = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Webhooks.WebhookState, Agora.Core.Webhooks.WebhookCommand, Agora.Core.Webhooks.WebhookEvent>;

namespace Agora.Core.Tests.Webhooks;

/// <summary>What an agent is told of its inbox: one page at a time, decided before it is told, and behind it only when it was taken.</summary>
public sealed class InboxWebhookTests
{
    [Fact]
    public void A_page_is_decided_before_it_is_told_and_the_cursor_moves_when_it_was_taken()
    {
        var webhook = Done(Working(), new WebhookOutcome.Looked("c1", IsPage: false)).Then();
        Assert.Equal(("end", "c1", null), (webhook.State.Cursor, Call(webhook).After, Call(webhook).Page));

        Done(webhook, new WebhookOutcome.Looked("c2", IsPage: true));
        var page = webhook.State.Page!;
        Assert.Equal(("c1", "c2", "c1", 0), (page.From, page.UpTo, webhook.State.Cursor, page.Attempts));
        Assert.Equal(page, Call(webhook).Page);

        Done(webhook, Sent(webhook));
        Assert.Equal(("c2", null, webhook.Now), (webhook.State.Cursor, webhook.State.Page, webhook.State.TookAt));
        Assert.Equal(("c2", null), (Call(webhook).After, Call(webhook).Page));
    }

    [Fact]
    public void A_page_that_is_not_taken_comes_again_as_it_was_and_each_try_waits_longer()
    {
        var webhook = Paged();
        var page = webhook.State.Page!;
        for (var attempt = 1; attempt < Limits.WebhookPauses.Count + 3; attempt++)
        {
            Done(webhook.At(webhook.State.Page!.NextAt), Sent(webhook, 503, DeliveryErrors.Status));
            var pause = Limits.WebhookPauses[Math.Min(attempt, Limits.WebhookPauses.Count) - 1];
            Assert.Equal((page.EventId, page.From, page.UpTo, attempt, webhook.Now + pause, 503), (webhook.State.Page!.EventId, webhook.State.Page.From, webhook.State.Page.UpTo, webhook.State.Page.Attempts, webhook.State.Page.NextAt, webhook.State.Page.Status));
            Assert.Equal((pause <= Limits.WebhookPatience, Limits.WebhookPatience), (Call(webhook).IsDue, Call(webhook).Pause));
            Assert.Equal(page.From, webhook.State.Cursor);
        }
    }

    [Fact]
    public void Who_took_nothing_for_a_day_is_disabled_and_put_again_goes_on_with_the_same_page()
    {
        var webhook = Paged();
        var page = webhook.State.Page!;
        while (webhook.State.Disabled is null)
        {
            Done(webhook.At(webhook.State.Page!.NextAt), Sent(webhook, null, DeliveryErrors.Timeout));
        }

        Assert.InRange(webhook.Now - webhook.State.Page!.Since, Limits.WebhookTriedFor, Limits.WebhookTriedFor + Limits.WebhookPauses[^1]);
        Assert.Empty(WebhookDecider.Ongoing(webhook.State, webhook.Now));

        webhook.When(Put()).ThenAnswered<WebhookView>(view => Assert.Null(view.Disabled));
        Assert.Equal((page.EventId, 0, webhook.Now), (webhook.State.Page!.EventId, webhook.State.Page.Attempts, webhook.State.Page.NextAt));
        Assert.Equal(webhook.State.Page, Call(webhook).Page);
    }

    [Fact]
    public void Who_answers_that_it_is_gone_is_disabled_at_once_and_put_again_is_told_the_same_page()
    {
        var webhook = Paged();
        var page = webhook.State.Page!;
        Done(webhook, Sent(webhook, 410, DeliveryErrors.Status));
        Assert.Equal(webhook.Now, webhook.State.Disabled!.At);
        Assert.Empty(WebhookDecider.Ongoing(webhook.State, webhook.Now));

        webhook.When(Put());
        Assert.Equal((page.EventId, page.From, page.UpTo), (Call(webhook).Page!.EventId, Call(webhook).Page!.From, Call(webhook).Page!.UpTo));
    }

    [Fact]
    public void Put_again_as_it_is_it_changes_nothing_and_with_a_cursor_it_begins_there_by_the_same_secret()
    {
        var webhook = Paged();
        webhook.When(Put()).Then();
        var under = Step(webhook);
        webhook.When(Put(from: "c0")).ThenAnswered<WebhookView>(view => Assert.Equal(("c0", null, "whpk_1"), (view.Inbox!.Cursor, view.Inbox.Page, Assert.Single(view.Secrets).PublicKey)));

        webhook.When((WebhookCommand)under.Then(Sent(webhook))!).Then();
        Assert.Equal(("c0", null), (Call(webhook).After, Call(webhook).Page));
    }

    [Fact]
    public void Where_it_goes_is_said_for_the_page_that_is_to_be_told_and_for_no_other()
    {
        var webhook = Paged();
        webhook.When(new WebhookCommand.GetSecrets("msg_other")).ThenRejected(WebhookRejection.NotFound)
            .When(new WebhookCommand.GetSecrets(webhook.State.Page!.EventId)).ThenAnswered<WebhookSecrets>(secrets => Assert.Equal(("https://agent.example/", 1), (secrets.Url, secrets.Seeds.Count)));
    }

    [Fact]
    public void Whose_agent_may_act_no_more_is_disabled_with_the_reason_and_what_is_not_known_is_looked_at_again()
    {
        var webhook = Done(Paged(), new StepOutcome.Unreachable()).Then();
        Assert.Equal(Limits.WebhookRest, ((WebhookInbox)((StepTarget.Outside)Assert.Single(webhook.Last.Steps).Target).Call).Pause);

        Done(webhook, new WebhookOutcome.InboxOver("The agent is stopped.")).Then(new WebhookEvent.Disabled(new(webhook.Now, "The agent is stopped.")));
        Assert.Empty(WebhookDecider.Ongoing(webhook.State, webhook.Now));
    }

    [Fact]
    public void One_that_is_deleted_is_told_nothing_and_made_anew_it_begins_at_the_end_with_another_secret()
    {
        var webhook = Paged();
        var under = Step(webhook);
        webhook.When(new WebhookCommand.Delete()).When((WebhookCommand)under.Then(Sent(webhook))!).Then();
        Assert.Empty(WebhookDecider.Ongoing(webhook.State, webhook.Now));

        webhook.When(Put(key: "whpk_2")).ThenAnswered<WebhookView>(view => Assert.Equal(("end", "whpk_2"), (view.Inbox!.Cursor, Assert.Single(view.Secrets).PublicKey)));
    }

    private static Webhook Working() =>
        Webhook.Of(new(StreamId.DefaultTenant, Kinds.Webhook, InboxWebhooks.IdOf("agent-1"))).Natural(static command => command is WebhookCommand.Get or WebhookCommand.PutInbox { From: null }).When(Put());

    private static Webhook Paged() => Done(Working(), new WebhookOutcome.Looked("c2", IsPage: true));

    private static WebhookCommand Put(string? from = null, string key = "whpk_1") => new WebhookCommand.PutInbox("https://agent.example/", "agent:agent-1:k1", from, "end", Personal.Of("c2VlZA=="), key);

    private static WebhookOutcome Sent(Webhook webhook, int? status = 200, string? error = null) => new WebhookOutcome.PageSent(webhook.Now, status, error);

    private static Webhook Done(Webhook webhook, StepOutcome outcome) => webhook.When((WebhookCommand)Step(webhook).Then(outcome)!);

    private static Step Step(Webhook webhook) => Assert.Single(WebhookDecider.Ongoing(webhook.State, webhook.Now));

    private static WebhookInbox Call(Webhook webhook) => (WebhookInbox)((StepTarget.Outside)Step(webhook).Target).Call;
}

using Agora.Core.Kernel;
using Agora.Core.Webhooks;
using Webhook = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Webhooks.WebhookState, Agora.Core.Webhooks.WebhookCommand, Agora.Core.Webhooks.WebhookEvent>;

namespace Agora.Core.Tests.Webhooks;

/// <summary>What operators have sent to an endpoint.</summary>
public sealed class AskedTests
{
    [Fact]
    public void A_test_is_answered_with_what_came_of_it_and_taken_up_again_until_then()
    {
        var webhook = WebhookTests.Working().When(new WebhookCommand.Test()).ThenLater();
        var (send, step) = (webhook.State.Sends[0], Assert.Single(WebhookDecider.Unfinished(webhook.State, webhook.Now)));
        Assert.Null(step.Then(new StepOutcome.Unreachable()));

        var taken = new Delivery(send.EventId, NoticeTypes.Test, webhook.State.Stream.ToString(), default, webhook.Now, webhook.Now, 1, 204, 3);
        webhook.When((WebhookCommand)step.Then(new WebhookOutcome.Sent(taken))!).ThenAnsweredLate(send.CommandId, answer => Assert.Equal(taken, answer.Reply));
        Assert.Equal((0, 1L), (webhook.State.Sends.Length, webhook.State.Number));
    }

    [Fact]
    public void Nothing_is_sent_to_what_is_not_there_or_has_no_secret_nor_too_much_at_once()
    {
        var webhook = WebhookTests.New().When(new WebhookCommand.Test()).ThenRejected(WebhookRejection.NotFound)
            .When(new WebhookCommand.Replay(Webhook.Start, null)).ThenRejected(WebhookRejection.NotFound)
            .When(WebhookTests.Put(new("https://books.example/agora", null, null, Active: true)))
            .When(new WebhookCommand.Test()).ThenRejected(WebhookRejection.NoSecret);

        webhook = WebhookTests.Working();
        for (var i = 0; i < Limits.WebhookSends; i++)
        {
            webhook.When(new WebhookCommand.Resend("evt_1", "default/session/s1", new(1, 0)));
        }

        webhook.When(new WebhookCommand.Test()).ThenRejected(WebhookRejection.Crowded);
    }

    [Fact]
    public void A_span_is_told_from_the_first_row_and_then_the_feed_goes_on_where_it_was()
    {
        var webhook = WebhookTests.Working().After(TimeSpan.FromHours(1));
        webhook.When(new WebhookCommand.Replay(webhook.Now.AddMinutes(1), null)).ThenRejected(WebhookRejection.EmptySpan)
            .When(new WebhookCommand.Replay(Webhook.Start, webhook.Now.AddDays(1))).ThenAnswered(new WebhookReplay(Webhook.Start, webhook.Now, "start"))
            .When(new WebhookCommand.Replay(Webhook.Start, null)).ThenRejected(WebhookRejection.Replaying);
        Assert.Equal((null, Webhook.Start), (webhook.State.Cursor, webhook.State.NotBefore));

        var window = Assert.Single(WebhookDecider.Ongoing(webhook.State, webhook.Now));
        webhook.When((WebhookCommand)window.Then(new WebhookOutcome.Window("end", IsCutOff: false, 1, [], [], IsOver: true))!);
        Assert.Equal(("start", null, null), (webhook.State.Cursor, webhook.State.NotBefore, webhook.State.Replay));
    }
}

using Agora.Core.Kernel;
using Agora.Core.Webhooks;
using Webhook = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Webhooks.WebhookState, Agora.Core.Webhooks.WebhookCommand, Agora.Core.Webhooks.WebhookEvent>;

namespace Agora.Core.Tests.Webhooks;

public sealed class TellingTests
{
    private const string First = "default/session/s1";
    private const string Second = "default/session/s2";

    [Fact]
    public void What_was_taken_moves_the_cursor_in_the_row_that_says_so()
    {
        var webhook = Read(WebhookTests.Working(), Window("c1", [Taken(First, 3)]));
        Assert.Equal(("c1", 1L, 0), (webhook.State.Cursor, webhook.State.Number, webhook.State.Waiting.Count));
        Assert.Equal(webhook.Now, webhook.State.TookAt);
    }

    [Fact]
    public void A_window_that_tells_nothing_writes_nothing_until_much_was_passed()
    {
        var webhook = Read(WebhookTests.Working(), Window("c1", passed: 10)).Then();
        Read(webhook, Window("c2", passed: Limits.WebhookPassed)).Then(new WebhookEvent.Told("c2", []));
    }

    [Fact]
    public void A_subject_that_did_not_take_an_event_waits_and_the_others_go_on()
    {
        var webhook = Read(WebhookTests.Working(), Window("c1", [Failed(First, 3), Taken(Second, 7)], Left(First, 3, upTo: 4, tried: true)));
        Assert.Equal(new WaitingSubject(First, new(3, 0), 4, 1, webhook.Now, webhook.Now + Limits.WebhookPauses[0]), Assert.Single(webhook.State.Waiting).Value);
        Assert.Equal([Window(webhook)], Steps(webhook));

        webhook.After(Limits.WebhookPauses[0]);
        Assert.Equal([First, Window(webhook)], Steps(webhook));
    }

    [Fact]
    public void What_is_met_of_a_subject_that_waits_waits_behind_it()
    {
        var webhook = Read(Waiting(upTo: 3), Window("c2", [], Left(First, 5, upTo: 6)));
        Assert.Equal((new Place(3, 0), 6L, 1), (webhook.State.Waiting[First].From, webhook.State.Waiting[First].UpTo, webhook.State.Waiting[First].Attempts));
    }

    [Fact]
    public void A_subject_is_free_when_all_that_was_met_of_it_was_taken_and_not_when_more_was_met_meanwhile()
    {
        var webhook = Due(Waiting(upTo: 4));
        var under = Subject(webhook);
        Read(webhook, Window("c2", [], Left(First, 5, upTo: 6))).When(Done(under, [Taken(First, 3), Taken(First, 4)]));
        Assert.Equal((new Place(5, 0), 0), (webhook.State.Waiting[First].From, webhook.State.Waiting[First].Attempts));

        webhook.When(Done(Subject(webhook), [Taken(First, 5)]));
        Assert.Empty(webhook.State.Waiting);
        Assert.Equal("c2", webhook.State.Cursor);
    }

    [Fact]
    public void What_was_met_after_a_subject_became_free_waits_anew()
    {
        var webhook = Due(Waiting(upTo: 3));
        Read(webhook.When(Done(Subject(webhook), [Taken(First, 3)])), Window("c2", [], Left(First, 5, upTo: 5)));
        Assert.Equal((new Place(5, 0), 5L, 0, webhook.Now), (webhook.State.Waiting[First].From, webhook.State.Waiting[First].UpTo, webhook.State.Waiting[First].Attempts, webhook.State.Waiting[First].NextAt));
    }

    [Fact]
    public void Each_try_of_an_event_waits_longer_than_the_one_before_up_to_the_longest()
    {
        var webhook = Waiting(upTo: 3);
        for (var attempt = 1; attempt < Limits.WebhookPauses.Count + 3; attempt++)
        {
            Assert.Equal((attempt, webhook.Now + Limits.WebhookPauses[Math.Min(attempt, Limits.WebhookPauses.Count) - 1]), (webhook.State.Waiting[First].Attempts, webhook.State.Waiting[First].NextAt));
            Due(webhook).When(Done(Subject(webhook), [Failed(First, 3)], new(3, 0)));
        }
    }

    [Fact]
    public void An_endpoint_that_took_nothing_for_a_day_is_disabled_and_put_again_goes_on_where_it_was()
    {
        var webhook = TriedForADay(Waiting(upTo: 3));
        webhook.When(new WebhookCommand.Get()).ThenAnswered<WebhookView>(view => Assert.Equal((webhook.Now, 1), (view.Disabled!.At, view.Waiting)));
        Assert.Empty(Steps(webhook));

        webhook.When(WebhookTests.Put(webhook.State.Definition!)).ThenAnswered<WebhookView>(view => Assert.Null(view.Disabled));
        Assert.Equal((new Place(3, 0), 0, webhook.Now), (webhook.State.Waiting[First].From, webhook.State.Waiting[First].Attempts, webhook.State.Waiting[First].NextAt));
        Assert.Equal([First, Window(webhook)], Steps(webhook));
    }

    [Fact]
    public void An_endpoint_that_answers_that_it_is_gone_is_disabled_at_once_and_put_again_goes_on_where_it_was()
    {
        var webhook = WebhookTests.Working();
        Read(webhook, Window("c1", [Failed(First, 3) with { Status = 410 }], Left(First, 3, upTo: 3, tried: true)));
        Assert.Equal(webhook.Now, webhook.State.Disabled!.At);
        Assert.Empty(Steps(webhook));

        webhook.When(WebhookTests.Put(webhook.State.Definition!)).ThenAnswered<WebhookView>(view => Assert.Null(view.Disabled));
        Assert.Equal((new Place(3, 0), 0, webhook.Now), (webhook.State.Waiting[First].From, webhook.State.Waiting[First].Attempts, webhook.State.Waiting[First].NextAt));
    }

    [Fact]
    public void An_event_that_fails_for_a_day_while_others_are_taken_is_given_up_and_its_subject_goes_on()
    {
        var webhook = Waiting(upTo: 4);
        Read(webhook.After(TimeSpan.FromSeconds(1)), Window("c2", [Taken(Second, 1) with { SentAt = webhook.Now }]));
        TriedForADay(webhook);
        Assert.Null(webhook.State.Disabled);
        Assert.Equal((new Place(3, 1), 0, webhook.Now), (webhook.State.Waiting[First].From, webhook.State.Waiting[First].Attempts, webhook.State.Waiting[First].NextAt));
        Assert.True(Assert.IsType<WebhookEvent.Told>(Assert.Single(webhook.Last.Events)).Deliveries[^1].GivenUp);
    }

    /// <summary>What it took before that says nothing of the day.</summary>
    [Fact]
    public void An_endpoint_that_took_something_only_before_that_day_is_disabled_and_nothing_is_given_up()
    {
        var webhook = Read(WebhookTests.Working(), Window("c1", [Taken(Second, 1) with { SentAt = Webhook.Start }]));
        Read(webhook.After(TimeSpan.FromSeconds(1)), Window("c2", [Failed(First, 3)], Left(First, 3, upTo: 3, tried: true)));
        TriedForADay(webhook);
        Assert.NotNull(webhook.State.Disabled);
        Assert.Equal((new Place(3, 0), "c2"), (webhook.State.Waiting[First].From, webhook.State.Cursor));
        Assert.DoesNotContain(webhook.Last.Events.OfType<WebhookEvent.Told>().SelectMany(told => told.Deliveries), delivery => delivery.GivenUp);
    }

    [Fact]
    public void When_an_endpoint_that_was_down_is_back_all_that_waits_is_due()
    {
        var webhook = WebhookTests.Working();
        var failed = Enumerable.Range(0, Limits.WebhookDown).Select(i => $"default/session/t{i:D2}").ToList();
        Read(webhook, Window("c1", [.. failed.Select(stream => Failed(stream, 1))], [.. failed.Select(stream => Left(stream, 1, upTo: 1, tried: true))]));
        Read(webhook.After(TimeSpan.FromSeconds(1)), Window("c2", [Taken(Second, 1)]));
        Assert.All(webhook.State.Waiting.Values, subject => Assert.Equal(webhook.Now, subject.NextAt));
    }

    [Fact]
    public void Where_too_much_waits_nothing_new_is_read()
    {
        var webhook = WebhookTests.Working();
        var left = Enumerable.Range(0, Limits.WebhookWaiting).Select(i => Left($"default/session/t{i:D3}", 1, upTo: 1)).ToArray();
        Read(webhook, Window("c1", [], left));
        var steps = WebhookDecider.Ongoing(webhook.State, webhook.Now).Select(step => ((StepTarget.Outside)step.Target).Call).ToList();
        Assert.Equal(Limits.WebhookCallsAtOnce, steps.OfType<WebhookSubject>().Count());
        Assert.False(Assert.Single(steps.OfType<WebhookWindow>()).Reads);
    }

    [Fact]
    public void A_place_that_a_fail_over_cut_off_is_read_anew_from_the_last_day_on()
    {
        var webhook = WebhookTests.Working();
        var under = WindowOf(webhook);
        Read(webhook, new(null, IsCutOff: true, 0, [], []));
        Assert.Equal((null, webhook.Now - Limits.WebhookTriedFor), (webhook.State.Cursor, webhook.State.NotBefore));
        webhook.When((WebhookCommand)under.Then(Window("old", passed: Limits.WebhookPassed))!).Then();
        Assert.Null(webhook.State.ReadTo ?? webhook.State.Cursor);
    }

    /// <summary>What was read meanwhile was read for what it wanted before: what it wants now may be among it, and came after the put.</summary>
    [Fact]
    public void What_is_read_while_another_definition_is_put_is_read_again_for_that_one()
    {
        var webhook = Read(WebhookTests.Working(), Window("c1", [Taken(First, 3)]));
        var under = WindowOf(webhook);
        webhook.When(WebhookTests.Put(webhook.State.Definition! with { Types = null }));
        webhook.When((WebhookCommand)under.Then(Window("c2", passed: Limits.WebhookPassed))!).Then();

        var next = Assert.IsType<WebhookWindow>(Assert.IsType<StepTarget.Outside>(WindowOf(webhook).Target).Call);
        Assert.Equal(("c1", null), (next.Cursor, next.Definition.Types));
    }

    private static Webhook Waiting(long upTo) => Read(WebhookTests.Working(), Window("c1", [Failed(First, 3)], Left(First, 3, upTo, tried: true)));

    private static Webhook TriedForADay(Webhook webhook)
    {
        var until = webhook.State.Waiting[First].Since + Limits.WebhookTriedFor;
        while (webhook.Now < until)
        {
            Due(webhook).When(Done(Subject(webhook), [Failed(First, 3)], new(3, 0)));
        }

        return webhook;
    }

    private static WebhookOutcome.Window Window(string cursor, IReadOnlyList<Delivery>? deliveries = null, params IReadOnlyList<LeftSubject> left) => new(cursor, IsCutOff: false, 1, deliveries ?? [], left);

    private static WebhookOutcome.Window Window(string cursor, int passed) => new(cursor, IsCutOff: false, passed, [], []);

    private static Webhook Read(Webhook webhook, WebhookOutcome.Window window) => webhook.When((WebhookCommand)WindowOf(webhook).Then(window)!);

    private static Webhook Due(Webhook webhook) => webhook.At(webhook.State.Waiting[First].NextAt);

    private static WebhookCommand Done(Step subject, IReadOnlyList<Delivery> deliveries, Place? next = null) => (WebhookCommand)subject.Then(new WebhookOutcome.Subject(deliveries, next))!;

    private static Step WindowOf(Webhook webhook) => Assert.Single(WebhookDecider.Ongoing(webhook.State, webhook.Now), step => step.Target is StepTarget.Outside { Call: WebhookWindow });

    private static Step Subject(Webhook webhook) => Assert.Single(WebhookDecider.Ongoing(webhook.State, webhook.Now), step => step.Target is StepTarget.Outside { Call: WebhookSubject { Subject.Stream: First } });

    private static LeftSubject Left(string stream, long from, long upTo, bool tried = false) => new(stream, new(from, 0), upTo, tried);

    private static Delivery Taken(string stream, long seq) => new("evt_1", "run.succeeded", stream, new(seq, 0), Webhook.Start, Webhook.Start, 1, 200, 5);

    private static Delivery Failed(string stream, long seq) => Taken(stream, seq) with { Status = 500, Error = DeliveryErrors.Status };

    private static string Window(Webhook webhook) => webhook.State.Cursor!;

    /// <summary>What would be under way now: the streams that are told, and the cursor that is read from.</summary>
    private static List<string> Steps(Webhook webhook) => [.. WebhookDecider.Ongoing(webhook.State, webhook.Now).Select(step => ((StepTarget.Outside)step.Target).Call switch
    {
        WebhookSubject told => told.Subject.Stream,
        WebhookWindow window => window.Cursor!,
        var other => throw new InvalidOperationException(other.ToString()),
    })];
}

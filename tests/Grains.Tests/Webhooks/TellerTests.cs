using System.Security.Cryptography;
using System.Text.Json;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Webhooks;
using Agora.Grains.Webhooks;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Journal.Personal;
using Sample = Agora.Core.Tests.Kernel.Samples;

namespace Agora.Grains.Tests.Webhooks;

/// <summary>What is read of the feed for one endpoint, and what becomes of what it was not told.</summary>
public sealed class TellerTests
{
    private static readonly StreamId Books = new(StreamId.DefaultTenant, Kinds.Webhook, "books");
    private readonly MemoryJournal _journal = new(TimeProvider.System);
    private readonly Taking _post = new();
    private int _asked;

    /// <summary>Which question of where it goes, and what signs, gets no answer; 0: none.</summary>
    private int OutOfReachAt { get; set; }

    /// <summary>Receivers know by the id what they have seen: events of one row with one id would be one to them.</summary>
    [Fact]
    public async Task Each_event_of_a_row_has_an_id_of_its_own_and_the_same_one_whenever_it_is_told()
    {
        await Happen("default/session/s1", Run(BudgetSpent), Run(BudgetSpent));

        var (first, again) = (await Told(), await Told());

        Assert.Equal(["run.succeeded", "cap.near", "cap.reached", "run.succeeded", "cap.near", "cap.reached"], first.Select(told => told.Type));
        Assert.Equal(6, first.Select(told => told.Id).Distinct().Count());
        Assert.Equal(first, again);
    }

    [Fact]
    public async Task What_happens_at_another_tenant_is_told_to_nobody_here_also_where_its_name_begins_alike()
    {
        await Happen("default-2/session/s1", Run(BudgetLeft));
        await Happen("default/session/s2", Run(BudgetLeft));

        Assert.Equal(["session/s2"], (await Told()).Select(told => told.Subject));
    }

    /// <summary>The cursor moves past the whole window, so whatever is not left behind in it is lost.</summary>
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    public async Task What_could_not_be_told_because_nobody_said_where_it_goes_waits_untried_with_all_behind_it(int outOfReachAt, int index)
    {
        await Happen("default/session/s1", Run(BudgetSpent));
        OutOfReachAt = outOfReachAt;

        var window = await Window();

        Assert.Equal(new LeftSubject("default/session/s1", new(1, index), 1, Tried: false), Assert.Single(window.Left));
        Assert.Equal(index, window.Deliveries.Count);
    }

    /// <summary>Who takes something now and then is not away.</summary>
    [Fact]
    public async Task So_many_failures_in_a_row_end_a_window_and_not_so_many_in_all()
    {
        const int Subjects = 4 * Limits.WebhookDown;
        for (var i = 0; i < Subjects; i++)
        {
            await Happen($"default/session/s{i}", Run(BudgetLeft));
        }

        _post.Refuses = subject => int.Parse(subject["session/s".Length..], System.Globalization.CultureInfo.InvariantCulture) % 2 == 0;
        var window = await Window();
        Assert.Equal((Subjects, Subjects / 2), (window.Deliveries.Count, window.Left.Count(left => left.Tried)));

        _post.Refuses = static _ => true;
        window = await Window();
        Assert.Equal((Limits.WebhookDown, Subjects), (window.Deliveries.Count, window.Left.Count));
    }

    [Fact]
    public async Task A_try_of_what_waits_is_counted_on_and_those_of_what_waited_behind_it_from_one()
    {
        await Happen("default/session/s1", Run(BudgetLeft), Run(BudgetLeft));

        var outcome = await With(teller => teller.Subject(new(Endpoint, new("default/session/s1", new(1, 0), 1, 3, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow)), Context()));

        Assert.Equal([4, 1], Assert.IsType<WebhookOutcome.Subject>(outcome).Deliveries.Select(delivery => delivery.Attempt));
    }

    /// <summary>After a fail-over another row may stand in the place of the one that was told.</summary>
    [Fact]
    public async Task What_is_sent_once_more_is_that_very_event_or_nothing()
    {
        await Happen("default/session/s1", Run(BudgetLeft));
        var id = Assert.Single(await Told()).Id;

        Assert.Equal((204, null), await Sent(id));
        _post.Taken.Clear();
        Assert.Equal((null, DeliveryErrors.Gone), await Sent("evt_another"));
        Assert.Empty(_post.Taken);

        async Task<(int?, string?)> Sent(string eventId) =>
            Assert.IsType<WebhookOutcome.Sent>(await With(teller => teller.Send(new(new(Guid.NewGuid(), eventId, DateTimeOffset.UtcNow, "default/session/s1", new(1, 0))), Context()))).Delivery is var sent ? (sent.Status, sent.Error) : default;
    }

    /// <summary>A campaign's stream is no user's, but its notice names one.</summary>
    [Fact]
    public async Task What_an_endpoint_said_of_a_reward_is_sealed_as_its_user_is_named_in_it()
    {
        var paid = CampaignCodec.Events.Encode((CampaignEvent)Sample.Of(typeof(CampaignEvent.RewardPaid)));
        await Happen("default/campaign/c1", [paid]);
        _post.Says = "noted for Anna";

        var told = Assert.Single((await Window()).Deliveries);

        Assert.Equal(NoticeTypes.RewardPaid, told.Type);
        Assert.NotNull(told.Answer);
        Assert.DoesNotContain("Anna", told.Answer, StringComparison.Ordinal);
    }

    private static WebhookDefinition Endpoint { get; } = new("https://books.example/", null, null, Active: true);

    private static Budget BudgetSpent { get; } = new(100, 100, 0, 0);

    private static Budget BudgetLeft { get; } = new(1_000, 100, 0, 900);

    private static RunEvent Run(Budget after) => (RunEvent.Concluded)Sample.Of(typeof(RunEvent.Concluded)) with { Posted = true, FailureCode = null, Model = null, AmountMicros = 100, BudgetAfter = after };

    /// <summary>Together, in one row.</summary>
    private Task Happen(string stream, params IReadOnlyList<RunEvent> events) => Happen(stream, events.Select(static happened => SessionCodec.Events.Encode(happened)));

    private async Task Happen(string stream, IEnumerable<EncodedCase> events)
    {
        var now = DateTimeOffset.UtcNow.ToMicros();
        var entries = events.Select(stored => new JournalEntry(Guid.NewGuid(), now, default, [new(stored.Name, stored.Version, stored.Payload)])).ToList();
        Assert.Equal(AppendOutcome.Written, Assert.Single(await _journal.Append([new(stream, StreamHead.Empty, RowCodec.Next(stream, StreamHead.Empty, entries), now, [], [], null)], again: false, default)));
    }

    private async Task<IReadOnlyList<(string Id, string Type, string Subject)>> Told()
    {
        _post.Taken.Clear();
        await Window();
        return [.. _post.Taken];
    }

    private async Task<WebhookOutcome.Window> Window()
    {
        var call = new WebhookWindow(Endpoint, Reads: true, Cursor: null, NotBefore: null, new Dictionary<string, Place>(), Pause: TimeSpan.Zero, Patience: TimeSpan.Zero);
        return Assert.IsType<WebhookOutcome.Window>(await With(teller => teller.Window(call, Context())));
    }

    private async Task<StepOutcome> With(Func<Teller, Task<StepOutcome>> act)
    {
        var entities = new Entities(null!, _ => Secrets());
        using var keys = new PersonalKeys(_journal, new byte[32], RandomNumberGenerator.Fill, TimeProvider.System);
        return await act(new(entities, _journal, _journal, keys, _post, new(entities, TimeProvider.System, alone: true)));
    }

    private static OutsideContext Context() => new(Books, Guid.NewGuid(), null, static _ => { }, static () => { });

    private Task<Envelope> Secrets() => Task.FromResult(new Envelope(
        Guid.NewGuid(), null, ++_asked == OutOfReachAt ? new OperatingFailure(FailureKind.Timeout) : Answer.Of(new WebhookSecrets("https://books.example/", [Personal.Of("c2VlZA==")]))));

    private sealed class Taking : IWebhookPost
    {
        public List<(string Id, string Type, string Subject)> Taken { get; } = [];

        public string? Says { get; set; }

        public Func<string, bool> Refuses { get; set; } = static _ => false;

        public Task<WebhookAnswer> Post(WebhookMessage message, CancellationToken cancel)
        {
            var json = JsonElement.Parse(message.Body.Span);
            var subject = json.GetProperty("data").GetProperty("subject").GetString()!;
            if (Refuses(subject)) return Task.FromResult(new WebhookAnswer(500, DeliveryErrors.Status, null));

            Taken.Add((message.Id, json.GetProperty("type").GetString()!, subject));
            return Task.FromResult(new WebhookAnswer(204, null, Says));
        }
    }
}

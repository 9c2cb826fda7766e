using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Webhooks;
using Agora.Web;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Webhooks;

/// <summary>What was told to a webhook and what it answered; and what an operator has sent to it: a test, one event again, or a span.</summary>
internal sealed class WebhookDeliveryEndpoints(IEntities entities, TableReader tables, OperatorLists lists, IJournalReader journal, IPersonalTexts texts) : IFeature
{
    public static readonly Operation<(string WebhookId, ListRequest Asked)> List = new(Audience.Operators, "list_webhook_deliveries", "GET /admin/webhooks/{webhook_id}/deliveries", "Deliveries to a webhook and what it answered, newest first; the last thousand")
    {
        Read = static call => (call.Id("webhook_id"), ListRequest.Read(call, static filters => filters
            .Id("event_id", "Only of this event.").OneOf("type", "Only of this type.", [.. NoticeTypes.All, NoticeTypes.Test]).OneOf("state", "Only those.", DeliveryData.States).Times("sent_at"))),
        IsList = true,
        Data = typeof(DeliveriesData),
        Codes = [Codes.NotFound],
        DataExample = $$"""{"deliveries":[{{DeliveryData.Example}}],"total_count":1,"total_count_unknown":null,"limit":50,"has_more":false,"next_cursor":null,"empty_because":null}""",
    };

    public static readonly Operation<string> Test = new(Audience.Operators, "test_webhook", "POST /admin/webhooks/{webhook_id}/test", "Send a webhook a test event, now and once, and say what it answered")
    {
        Read = static call => call.Id("webhook_id"),
        Data = typeof(DeliveryData),
        Codes = AdminFlow.Mutation,
        DataExample = DeliveryData.Example,
    };

    public static readonly Operation<(string WebhookId, string EventId)> Resend = new(Audience.Operators, "resend_webhook_event", "POST /admin/webhooks/{webhook_id}/events/{event_id}/resend", "Send a webhook an event again, now and once, and say what it answered")
    {
        Read = static call => (call.Id("webhook_id"), call.Id("event_id")),
        Data = typeof(DeliveryData),
        Codes = AdminFlow.Mutation,
        DataExample = DeliveryData.Example,
    };

    public static readonly Operation<(string WebhookId, DateTimeOffset Since, DateTimeOffset? Until)> Replay = new(Audience.Operators, "replay_webhook", "POST /admin/webhooks/{webhook_id}/replay", "Tell a webhook again what happened in a span of time; what happens meanwhile is told after it")
    {
        Read = static call => (call.Id("webhook_id"), call.Body.Time("since", "Events from then on.", required: true) ?? default, call.Body.Time("until", "Events up to then; absent: up to now.")),
        Data = typeof(WebhookReplayData),
        Codes = AdminFlow.Mutation,
        BodyExample = """{"since":"2030-01-01T00:00:00Z","until":"2030-01-02T00:00:00Z"}""",
        DataExample = """{"webhook_id":"books","since":"2030-01-01T00:00:00.000000Z","until":"2030-01-02T00:00:00.000000Z"}""",
    };

    private static readonly Rejection NoSuchEvent = new(Codes.NotFound, "No delivery that is still listed is of such an event; POST /admin/webhooks/{webhook_id}/replay tells a span again.");

    private const string IssueFirst = "Issue a secret for the webhook, then send the same again.";

    private static readonly ListTable Rows = new(WebhookTables.Deliveries, "sent_at", "webhook_id");

    public void Map(Routes routes) => routes.Map(List, ListDeliveries).Map(Test, SendTest).Map(Resend, SendAgain).Map(Replay, ReplaySpan);

    private async Task<Reply> ListDeliveries(OperatorCall call, (string WebhookId, ListRequest Asked) asked)
    {
        var webhook = await tables.In(call.Tenant).One(WebhookTables.Webhooks, call.Cancel, TableReader.Is("webhook_id", asked.WebhookId));
        if (webhook is null) return Reply.Refused(WebhookRejection.NotFound);

        var source = new ListSource<DeliveryData>(Rows, (_, rows, cancel) => Shown(call.Tenant, rows, cancel), ListReasons.NoDeliveries) { Always = [TableReader.Is("webhook_id", asked.WebhookId)] };
        return await lists.Answer(call, List, asked.Asked, source, static deliveries => new DeliveriesData(deliveries));
    }

    private Task<Reply> SendTest(OperatorCall call, string webhookId) => Send(call, webhookId, new WebhookCommand.Test());

    private async Task<Reply> SendAgain(OperatorCall call, (string WebhookId, string EventId) asked)
    {
        var row = await tables.In(call.Tenant).One(WebhookTables.Deliveries, call.Cancel, TableReader.Is("event_id", asked.EventId), TableReader.Is("webhook_id", asked.WebhookId));
        if (row is not { } delivery || delivery.Text("type") == NoticeTypes.Test) return Reply.Refused(NoSuchEvent);

        var place = new Place(delivery.Number("event_seq"), (int)delivery.Number("event_index"));
        return await Send(call, asked.WebhookId, new WebhookCommand.Resend(asked.EventId, delivery.Text("event_stream"), place));
    }

    private Task<Reply> ReplaySpan(OperatorCall call, (string WebhookId, DateTimeOffset Since, DateTimeOffset? Until) asked) => call.Send<WebhookCommand, WebhookReplay>(
        entities.In(call.Tenant).Webhook(asked.WebhookId), new WebhookCommand.Replay(asked.Since, asked.Until), replay => new WebhookReplayData(asked.WebhookId, replay.Since, replay.Until));

    private async Task<Reply> Send(OperatorCall call, string webhookId, WebhookCommand command)
    {
        var reply = await call.Send<WebhookCommand, Delivery>(
            entities.In(call.Tenant).Webhook(webhookId), command, async (told, _) => Reply.Ok(DeliveryData.Of(told, await texts.Open(call.Tenant, told.Answer, call.Cancel))));
        return reply.Refusal is { } refused && WebhookRejection.IsNoSecret(refused)
            ? reply with { NextActions = [NextAction.Of(WebhookEndpoints.Issue, [webhookId]) with { Description = IssueFirst }], AdviceStands = true }
            : reply;
    }

    // What was answered stands in the journal: many deliveries in one row.
    private async Task<IReadOnlyList<DeliveryData>> Shown(Tenant tenant, IReadOnlyList<NamedRow> rows, CancellationToken cancel)
    {
        var (shown, read) = (new List<DeliveryData>(rows.Count), new Dictionary<(string, long), IReadOnlyList<Delivery>>());
        foreach (var row in rows)
        {
            if (!read.TryGetValue((row.Stream, row.Seq), out var told))
            {
                read.Add((row.Stream, row.Seq), told = await journal.Deliveries(row.Stream, row.Seq, cancel));
            }

            var said = told.FirstOrDefault(delivery => delivery.EventId == row.Text("event_id") && delivery.Attempt == row.Number("attempt"))?.Answer;
            shown.Add(DeliveryData.Of(row, await texts.Open(tenant, said, cancel)));
        }

        return shown;
    }
}

internal sealed record DeliveriesData(IReadOnlyList<DeliveryData> Deliveries) : ListData;

internal sealed record WebhookReplayData(string WebhookId, DateTimeOffset Since, DateTimeOffset Until);

/// <param name="Answer">The first bytes of what the endpoint said; null: nothing, or the user whom it was told of was erased.</param>
internal sealed record DeliveryData(
    string EventId, string Type, string Subject, long Sequence, DateTimeOffset HappenedAt, DateTimeOffset SentAt, int Attempt, string State, int? ResponseStatus, int TookMs, string? Error, string? Answer)
{
    public const string Example =
        """{"event_id":"evt_3q2-7wAAAAAAAAAAAAAAAAAA","type":"run.succeeded","subject":"session/0198c0de","sequence":12,"happened_at":"2030-01-01T00:00:00.000000Z","sent_at":"2030-01-01T00:00:00.100000Z","attempt":1,"state":"taken","response_status":204,"took_ms":35,"error":null,"answer":null}""";

    public static readonly IReadOnlyList<string> States = ["taken", "failed", "given_up"];

    public static DeliveryData Of(Delivery told, string? answer) => new(
        told.EventId, told.Type, WebhookTables.Subject(StreamId.Parse(told.Stream)), told.Place.Seq, told.HappenedAt, told.SentAt, told.Attempt, WebhookTables.State(told), told.Status, told.TookMs, told.Error, answer);

    public static DeliveryData Of(NamedRow row, string? answer) => new(
        row.Text("event_id"), row.Text("type"), row.Text("subject"), row.Number("event_seq"), row.Time("happened_at"), row.Time("sent_at"), (int)row.Number("attempt"), row.Text("state"),
        (int?)row.OptionalNumber("status"), (int)row.Number("took_ms"), row.OptionalText("error"), answer);
}

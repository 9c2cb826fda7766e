using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Testing;

namespace Agora.Api.Tests.Webhooks;

/// <summary>What operators do with webhooks, and what becomes of it at a receiver.</summary>
public sealed class WebhookTests
{
    private static readonly TimeSpan Patience = Hang.Timeout;

    [Theory]
    [InlineData("""{}""", "required")]
    [InlineData("""{"url":"ftp://books.example/"}""", "format")]
    [InlineData("""{"url":"https://user:word@books.example/"}""", "format")]
    [InlineData("""{"url":"https://books.example/","types":[]}""", "minItems")]
    [InlineData("""{"url":"https://books.example/","types":["run.began"]}""", "enum")]
    [InlineData("""{"url":"https://books.example/","types":["run.failed","run.failed"]}""", "uniqueItems")]
    [InlineData("""{"url":"https://books.example/","secret":"mine"}""", "additionalProperties")]
    public async Task A_webhook_that_cannot_be_is_refused_by_what_is_wrong(string body, string keyword)
    {
        await using var api = await RunningApi.Start();
        var refused = (await api.Client.Admin(HttpMethod.Put, "/admin/webhooks/books", body)).Refused(422, Codes.ValidationFailed);
        Assert.Equal(keyword, refused.Json.GetProperty("error").GetProperty("details")[0].GetProperty("keyword").GetString());
        (await api.Client.Admin(HttpMethod.Get, "/admin/webhooks/books")).Refused(404, Codes.NotFound);
    }

    [Fact]
    public async Task A_test_event_comes_at_once_and_its_answer_is_told_and_listed()
    {
        await using var receiver = new WebhookReceiver { Answers = static _ => (202, "thanks, \u0007 that\u202e is\u2028 ours\u200b") };
        await using var api = await RunningApi.Start(tells: true);
        (await api.Client.Admin(HttpMethod.Put, "/admin/webhooks/books", $$"""{"url":"{{receiver.Address}}","types":["refund.accepted"]}""")).Expect(200);
        var secret = await Secret(api);

        var sent = (await api.Client.Admin(HttpMethod.Post, "/admin/webhooks/books/test", "{}")).Expect(200).Data;

        Assert.Equal(("webhook.test", "taken", 202, "thanks,  that is ours"), (Text(sent, "type"), Text(sent, "state"), sent.GetProperty("response_status").GetInt32(), Text(sent, "answer")));
        var came = Assert.Single(receiver.Received);
        Assert.Equal(("webhook.test", Text(sent, "event_id")), (came.Type, came.Id));
        Assert.True(came.IsSignedBy(secret));
        Assert.Equal(sent.GetRawText(), Assert.Single(await Deliveries(api)).GetRawText());
    }

    [Fact]
    public async Task A_test_without_a_secret_is_refused_until_the_next_action_has_issued_one()
    {
        await using var receiver = new WebhookReceiver();
        await using var api = await RunningApi.Start(tells: true);
        (await api.Client.Admin(HttpMethod.Put, "/admin/webhooks/books", $$"""{"url":"{{receiver.Address}}"}""")).Expect(200);

        var refused = (await api.Client.Admin(HttpMethod.Post, "/admin/webhooks/books/test", "{}", ("Idempotency-Key", "test-1"))).Refused(422, Codes.ValidationFailed);
        var (error, next) = (refused.Json.GetProperty("error"), refused.Json.GetProperty("error").GetProperty("next_actions"));
        Assert.Equal(("never", false), (Text(error, "retry"), error.GetProperty("retry_allowed").GetBoolean()));
        Assert.Equal(("issue_webhook_secret", "POST", "/admin/webhooks/books/secrets"), (Text(next[0], "action"), Text(next[0], "method"), Text(next[0], "endpoint")));
        Assert.Equal(1, next.GetArrayLength());

        (await api.Client.Admin(HttpMethod.Post, Text(next[0], "endpoint"), "{}")).Expect(201);
        (await api.Client.Admin(HttpMethod.Post, "/admin/webhooks/books/test", "{}", ("Idempotency-Key", "test-1"))).Expect(200);
    }

    [Fact]
    public async Task What_happened_is_told_and_can_be_told_again_alone_or_with_all_of_a_span()
    {
        await using var receiver = new WebhookReceiver();
        await using var api = await RunningApi.Start(tells: true);
        (await api.Client.Admin(HttpMethod.Put, "/admin/webhooks/books", $$"""{"url":"{{receiver.Address}}","types":["run.succeeded","task.completed"]}""")).Expect(200);
        await Secret(api);
        var token = await Sponsored(api);
        (await api.Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input)).Expect(200);
        await Eventually(() => receiver.Received.Count == 2);
        Assert.Equal(["run.succeeded", "task.completed"], receiver.Received.Select(message => message.Type).Order(StringComparer.Ordinal));
        var run = receiver.Received.Single(message => message.Type == "run.succeeded");
        Assert.Equal(("succeeded", 25), (run.Data.GetProperty("state").GetString(), run.Data.GetProperty("amount_cents").GetInt32()));
        await Eventually(async () => (await Deliveries(api)).Count == 2);

        var again = (await api.Client.Admin(HttpMethod.Post, $"/admin/webhooks/books/events/{run.Id}/resend", "{}")).Expect(200).Data;
        Assert.Equal((run.Id, "taken"), (Text(again, "event_id"), Text(again, "state")));
        Assert.Equal(run.Body, receiver.Received.Last().Body);
        (await api.Client.Admin(HttpMethod.Post, "/admin/webhooks/books/events/evt_none/resend", "{}")).Refused(404, Codes.NotFound);

        (await api.Client.Admin(HttpMethod.Post, "/admin/webhooks/books/replay", """{"since":"2020-01-01T00:00:00Z","until":"2019-01-01T00:00:00Z"}""")).Refused(422, Codes.ValidationFailed);
        (await api.Client.Admin(HttpMethod.Post, "/admin/webhooks/books/replay", """{"since":"2020-01-01T00:00:00Z"}""")).Expect(200);
        await Eventually(() => receiver.Received.Count == 5);
        Assert.Equal(2, receiver.Received.Select(message => message.Id).Distinct().Count());
        await Eventually(async () => (await Webhook(api)).GetProperty("replays_until").ValueKind == JsonValueKind.Null);

        (await api.Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input.Replace("Agora", "Again", StringComparison.Ordinal), ("Idempotency-Key", "second"))).Expect(200);
        await Eventually(() => receiver.Received.Select(message => message.Id).Distinct().Count() == 3);
    }

    [Fact]
    public async Task Both_secrets_sign_while_they_overlap_and_a_secret_is_shown_once()
    {
        await using var receiver = new WebhookReceiver();
        await using var api = await RunningApi.Start(tells: true);
        (await api.Client.Admin(HttpMethod.Put, "/admin/webhooks/books", $$"""{"url":"{{receiver.Address}}"}""")).Expect(200);
        var first = await Secret(api);
        var issued = await api.Client.Admin(HttpMethod.Post, "/admin/webhooks/books/secrets", """{"overlap_seconds":600}""", ("Idempotency-Key", "second"));
        var second = Text(issued.Expect(201).Data, "secret");
        Assert.Equal(JsonValueKind.Null, (await api.Client.Admin(HttpMethod.Post, "/admin/webhooks/books/secrets", """{"overlap_seconds":600}""", ("Idempotency-Key", "second"))).Expect(201).Data.GetProperty("secret").ValueKind);

        (await api.Client.Admin(HttpMethod.Post, "/admin/webhooks/books/test", "{}")).Expect(200);
        Assert.True(receiver.Received.Last().IsSignedBy(first) && receiver.Received.Last().IsSignedBy(second));

        var third = Text((await api.Client.Admin(HttpMethod.Post, "/admin/webhooks/books/secrets", """{"overlap_seconds":0}""")).Expect(201).Data, "secret");
        (await api.Client.Admin(HttpMethod.Post, "/admin/webhooks/books/test", "{}")).Expect(200);
        Assert.True(receiver.Received.Last().IsSignedBy(third) && !receiver.Received.Last().IsSignedBy(second));
    }

    [Fact]
    public async Task An_answer_without_end_is_cut_off_and_a_redirect_is_not_followed()
    {
        await using var receiver = new WebhookReceiver { IsEndless = true };
        await using var api = await RunningApi.Start(tells: true);
        (await api.Client.Admin(HttpMethod.Put, "/admin/webhooks/books", $$"""{"url":"{{receiver.Address}}","types":["refund.accepted"]}""")).Expect(200);
        await Secret(api);
        var taken = (await api.Client.Admin(HttpMethod.Post, "/admin/webhooks/books/test", "{}")).Expect(200).Data;
        Assert.Equal("taken", Text(taken, "state"));
        Assert.InRange(receiver.Written, 0, 32L << 20);

        (receiver.IsEndless, receiver.Answers) = (false, static _ => (307, null));
        var redirected = (await api.Client.Admin(HttpMethod.Post, "/admin/webhooks/books/test", "{}")).Expect(200).Data;
        Assert.Equal(("failed", "redirect", 307), (Text(redirected, "state"), Text(redirected, "error"), redirected.GetProperty("response_status").GetInt32()));
        Assert.Equal(2, receiver.Received.Count);
    }

    [Fact]
    public async Task A_cap_that_refuses_runs_is_told_once_of_each_session()
    {
        await using var receiver = new WebhookReceiver();
        await using var api = await RunningApi.Start(tells: true);
        (await api.Client.Admin(HttpMethod.Put, "/admin/webhooks/books", $$"""{"url":"{{receiver.Address}}","types":["cap.refused","run.succeeded"]}""")).Expect(200);
        await Secret(api);
        var token = await Sponsored(api);
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"daily_cap_cents":40}""")).Expect(200);
        (await Run(api, token, "0")).Expect(200);
        for (var i = 1; i <= 3; i++)
        {
            (await Run(api, token, $"{i}")).Refused(403, Codes.BudgetExceeded);
        }

        var other = await api.Client.OpenSession();
        (await Run(api, other, "4")).Refused(403, Codes.BudgetExceeded);

        // What came before in the order of its subject has been told when these are.
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", "{}")).Expect(200);
        (await Run(api, token, "5")).Expect(200);
        await Eventually(() => receiver.Received.Count == 4);
        Assert.Equal(["cap.refused", "cap.refused", "run.succeeded", "run.succeeded"], receiver.Received.Select(message => message.Type).Order(StringComparer.Ordinal));
        var told = receiver.Received.Where(message => message.Type == "cap.refused").ToList();
        Assert.Equal(2, told.Select(message => message.Subject).Distinct().Count());
        Assert.All(told, message => Assert.Equal(("daily_cap", "user", "user-1", 25, 15), (
            Text(message.Data, "limit"), Text(message.Data, "kind"), Text(message.Data, "id"), message.Data.GetProperty("asked_cents").GetInt32(), message.Data.GetProperty("free_cents").GetInt32())));
    }

    [Fact]
    public async Task What_an_endpoint_said_when_it_was_told_of_a_user_is_sealed_and_gone_with_the_user()
    {
        await using var receiver = new WebhookReceiver { Answers = static _ => (200, "noted for Anna Smith") };
        var journal = new Journal.Memory.MemoryJournal(TimeProvider.System);
        await using var api = await RunningApi.Start(tells: true, store: journal);
        (await api.Client.Admin(HttpMethod.Put, "/admin/webhooks/books", $$"""{"url":"{{receiver.Address}}","types":["run.succeeded","task.completed","refund.accepted"]}""")).Expect(200);
        await Secret(api);
        var paid = (await Run(api, await Sponsored(api), "first")).Expect(200).Data.GetProperty("payment");
        (await api.Client.Admin(HttpMethod.Post, $"/admin/payments/{Text(paid, "payment_id")}/refund", """{"reason":"r"}""", ("Idempotency-Key", "back"))).Expect(200);
        await Eventually(async () => (await Deliveries(api)).Count == 3);
        Assert.All(await Deliveries(api), delivery => Assert.Equal("noted for Anna Smith", Text(delivery, "answer")));
        var run = receiver.Received.Single(message => message.Type == "run.succeeded");
        var again = (await api.Client.Admin(HttpMethod.Post, $"/admin/webhooks/books/events/{run.Id}/resend", "{}")).Expect(200).Data;
        Assert.Equal("noted for Anna Smith", Text(again, "answer"));
        var rows = await journal.Read("default/webhook/books", 0, 100, default);
        Assert.NotEmpty(rows);
        Assert.DoesNotContain(rows, row => System.Text.Encoding.UTF8.GetString(row.Body.Span).Contains("Anna", StringComparison.Ordinal));

        (await api.Client.Admin(HttpMethod.Delete, "/admin/users/user-1/personal-data")).Expect(200);

        Assert.All(await Deliveries(api), delivery => Assert.Equal(JsonValueKind.Null, delivery.GetProperty("answer").ValueKind));
        var resent = (await api.Client.Admin(HttpMethod.Post, $"/admin/webhooks/books/events/{run.Id}/resend", "{}")).Expect(200).Data;
        Assert.Equal(("taken", JsonValueKind.Null), (Text(resent, "state"), resent.GetProperty("answer").ValueKind));
        Assert.Equal(run.Body, receiver.Received.Last().Body);
    }

    [Fact]
    public async Task There_are_no_more_webhooks_than_there_may_be()
    {
        await using var api = await RunningApi.Start();
        for (var i = 0; i < Limits.Webhooks; i++)
        {
            (await api.Client.Admin(HttpMethod.Put, $"/admin/webhooks/w{i}", """{"url":"https://books.example/"}""")).Expect(200);
        }

        (await api.Client.Admin(HttpMethod.Put, "/admin/webhooks/more", """{"url":"https://books.example/"}""")).Refused(422, Codes.ValidationFailed);
        (await api.Client.Admin(HttpMethod.Put, "/admin/webhooks/w0", """{"url":"https://other.example/"}""")).Expect(200);
        (await api.Client.Admin(HttpMethod.Delete, "/admin/webhooks/w1")).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/webhooks/more", """{"url":"https://books.example/"}""")).Expect(200);
        Assert.Equal(Limits.Webhooks, (await api.Client.Admin(HttpMethod.Get, "/admin/webhooks")).Expect(200).Data.GetProperty("webhooks").GetArrayLength());
    }

    private static async Task<string> Secret(RunningApi api) => Text((await api.Client.Admin(HttpMethod.Post, "/admin/webhooks/books/secrets", "{}")).Expect(201).Data, "secret");

    private static async Task<JsonElement> Webhook(RunningApi api) => (await api.Client.Admin(HttpMethod.Get, "/admin/webhooks/books")).Expect(200).Data;

    private static async Task<List<JsonElement>> Deliveries(RunningApi api) => [.. (await api.Client.Admin(HttpMethod.Get, "/admin/webhooks/books/deliveries")).Expect(200).Data.GetProperty("deliveries").EnumerateArray()];

    private static async Task<string> Sponsored(RunningApi api)
    {
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/summary", Support.Catalogue.Service)).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/campaigns/survey", Support.Catalogue.Campaign)).Expect(200);
        (await api.Client.Admin(HttpMethod.Post, "/admin/campaigns/survey/fund", """{"amount_cents":1000}""", ("Idempotency-Key", "fund"))).Expect(200);
        var token = await api.Client.OpenSession();
        await api.Client.Complete(token);
        return token;
    }

    private static Task<Received> Run(RunningApi api, string token, string key) => api.Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input.Replace("long", $"long {key}", StringComparison.Ordinal), ("Idempotency-Key", key));

    private static string Text(JsonElement data, string name) => data.GetProperty(name).GetString()!;

    private static Task Eventually(Func<bool> isSo) => Eventually(() => Task.FromResult(isSo()));

    // Another process, or a step behind the reply, is waited for.
    private static async Task Eventually(Func<Task<bool>> isSo)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var until = DateTime.UtcNow + Patience; !await isSo();)
        {
            Assert.True(DateTime.UtcNow < until, "It did not come to be so in time.");
            await timer.WaitForNextTickAsync();
        }
    }
}

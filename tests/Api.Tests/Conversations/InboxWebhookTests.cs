using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Application.Conversations;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Webhooks;
using Agora.Journal.Memory;
using Agora.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Conversations;

/// <summary>An agent has its inbox posted: all that comes is what a long poll from the same cursor tells, in order, and nothing is lost while the receiver is away.</summary>
public sealed class InboxWebhookTests
{
    private static readonly TimeSpan Patience = Hang.Timeout;

    [Fact]
    public async Task What_an_agent_is_told_is_posted_signed_and_is_what_a_poll_from_the_same_cursor_tells()
    {
        await using var receiver = new WebhookReceiver();
        await using var talk = await Posting("a", "b", "c");
        var (one, two) = (await talk.Open("a", ["b"]), await talk.Open("c", ["b"]));
        var (_, from) = await talk.Told("b", 2);
        var secret = Text((await Put(talk, "b", receiver)).Expect(200).Data, "secret");
        for (var n = 0; n < 20; n++) await talk.Say(n % 2 == 0 ? "a" : "c", n % 2 == 0 ? one : two, $"{n}");

        var told = await Came(receiver, 20);

        Assert.Equal(await Polled(talk, "b", from, 20), told);
        Assert.All(receiver.Received, message => Assert.True(message.IsSignedBy(secret) && message.Type == "inbox.entries" && message.Id.StartsWith("msg_", StringComparison.Ordinal)));
        Assert.Equal(receiver.Received.Count, receiver.Received.Select(message => message.Id).Distinct().Count());
        Assert.All(receiver.Received, message => Assert.Contains("data.entries[].content", message.Json.GetProperty("untrusted_fields").EnumerateArray().Select(field => field.GetString())));
        Assert.Empty((await talk.Inbox("b", Text(receiver.Received.Last().Data, "next_cursor"))).Told);
    }

    [Fact]
    public async Task It_begins_at_the_cursor_that_is_given_and_goes_on_where_it_is_when_only_the_address_changes()
    {
        await using var receiver = new WebhookReceiver();
        await using var other = new WebhookReceiver();
        await using var talk = await Posting("a", "b");
        var id = await talk.Open("a", ["b"]);
        var (_, first) = await talk.Inbox("b", limit: 1);
        await talk.Say("a", id, "1");
        (await Put(talk, "b", receiver, first)).Expect(200);
        Assert.Equal(["a:1"], (await Came(receiver, 1)).TakeLast(1));
        await Eventually(async () => (await Webhook(talk, "b")).GetProperty("took_at").ValueKind == JsonValueKind.String);

        var moved = (await Put(talk, "b", other)).Expect(200).Data;
        Assert.Equal(JsonValueKind.Null, moved.GetProperty("secret").ValueKind);
        await talk.Say("a", id, "2");
        Assert.Equal(["a:2"], await Came(other, 1));

        (await Put(talk, "b", other, first)).Expect(200);
        Assert.Equal(["a:2", "a:1", "a:2"], (await Came(other, 3)).Where(word => word.Contains(':', StringComparison.Ordinal)).Take(3));
    }

    [Fact]
    public async Task A_page_that_is_not_taken_comes_again_under_its_id_with_the_same_words_and_what_follows_after_it()
    {
        var down = true;
        await using var receiver = new WebhookReceiver { Answers = _ => (Volatile.Read(ref down) ? 503 : 204, null) };
        await using var talk = await Posting("a", "b");
        var id = await talk.Open("a", ["b"]);
        var (_, from) = await talk.Told("b", 1);
        (await Put(talk, "b", receiver)).Expect(200);
        await talk.Say("a", id, "1");
        await Eventually(async () => (await Webhook(talk, "b")).GetProperty("attempts").GetInt32() == 1);
        var waits = await Webhook(talk, "b");
        Assert.Equal(("delivering", 503, "status"), (Text(waits, "state"), waits.GetProperty("response_status").GetInt32(), Text(waits, "error")));
        for (var n = 2; n < 10; n++) await talk.Say("a", id, $"{n}");
        Volatile.Write(ref down, false);

        await Came(receiver, 9, taken: true);

        var page = receiver.Received.First();
        var again = receiver.Received.ElementAt(1);
        Assert.Equal((page.Id, Words([page]).Single()), (again.Id, Words([again]).Single()));
        Assert.NotEqual(page.Timestamp, again.Timestamp);
        Assert.Equal(await Polled(talk, "b", from, 9), Words(receiver.Taken));
        await Eventually(async () => (await Webhook(talk, "b")).GetProperty("attempts").GetInt32() == 0);
    }

    [Fact]
    public async Task While_a_receiver_is_slow_one_page_is_under_way_and_none_is_larger_than_a_page()
    {
        using var goes = new ManualResetEventSlim();
        var (now, most) = (0, 0);
        await using var receiver = new WebhookReceiver
        {
            Answers = _ =>
            {
                most = Math.Max(most, Interlocked.Increment(ref now));
                goes.Wait(TimeSpan.FromSeconds(10));
                Interlocked.Decrement(ref now);
                return (200, null);
            },
        };
        await using var talk = await Posting("a", "b");
        var id = await talk.Open("a", ["b"], ""","limits":{"messages_per_minute":1000000,"unacknowledged":10000}""");
        var (_, from) = await talk.Told("b", 1);
        (await Put(talk, "b", receiver)).Expect(200);
        await talk.Say("a", id, "first");
        await Eventually(() => Volatile.Read(ref now) == 1);
        var large = new string('x', 60_000);
        for (var n = 0; n < 20; n++) await talk.Say("a", id, large);
        await Task.WhenAll(Enumerable.Range(0, 2 * Limits.PageMax).Select(n => talk.Say("a", id, $"{n}")));
        goes.Set();

        var told = await Came(receiver, 21 + (2 * Limits.PageMax));

        Assert.Equal(1, most);
        Assert.Equal(await Polled(talk, "b", from, told.Count), told);
        Assert.All(receiver.Received, message => Assert.True(message.Data.GetProperty("entries").GetArrayLength() <= Limits.PageMax && message.Body.Length < Limits.WebhookBytes + 100_000));
    }

    [Fact]
    public async Task After_a_restart_it_goes_on_with_the_page_that_was_under_way_and_loses_nothing()
    {
        var answer = 500;
        await using var receiver = new WebhookReceiver { Answers = _ => (Volatile.Read(ref answer), null) };
        var store = new MemoryJournal(TimeProvider.System);
        string key, from, id;
        await using (var talk = await Posting(store, "a", "b"))
        {
            (key, id) = (talk.Key("b"), await talk.Open("a", ["b"]));
            (_, from) = await talk.Told("b", 1);
            (await Put(talk, "b", receiver)).Expect(200);
            await talk.Say("a", id, "1");
            await Eventually(async () => (await Webhook(talk, "b")).GetProperty("attempts").GetInt32() == 1);
            await talk.Say("a", id, "2");
        }

        Volatile.Write(ref answer, 200);
        await using var api = await RunningApi.Start(tells: true, store: store);
        (await api.Client.Get("/agent/webhook", key)).Expect(200); // as whoever starts processes wakes it

        Assert.Equal(["a:1", "a:2"], await Came(receiver, 2, taken: true));
        Assert.Equal(receiver.Received.First().Id, receiver.Taken.First().Id);
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("key")]
    public async Task Who_may_act_no_more_is_told_nothing_further_until_it_asks_again(string how)
    {
        await using var receiver = new WebhookReceiver();
        await using var talk = await Posting("a", "b");
        var id = await talk.Open("a", ["b"]);
        await talk.Told("b", 1);
        (await Put(talk, "b", receiver)).Expect(200);
        await talk.Say("a", id, "1");
        await Came(receiver, 1);
        var admin = talk.Api.Client;
        var keyId = Text((await admin.Admin(HttpMethod.Get, "/admin/agents/b/keys")).Expect(200).Data.GetProperty("keys")[0], "key_id");
        (how == "stop" ? await admin.Admin(HttpMethod.Post, "/admin/agents/b/stop", """{"reason":"test"}""") : await admin.Admin(HttpMethod.Delete, $"/admin/agents/b/keys/{keyId}")).Expect(200);

        await talk.Say("a", id, "2");
        if (how == "stop")
        {
            (await talk.Get("b", "/agent/webhook")).Refused(403, Codes.SessionSuspended);
            var entity = talk.Api.Services.GetRequiredService<IEntities>();
            await Eventually(async () => (await entity.In(Tenant.Default).Webhook("~b").Send(new WebhookCommand.Get(), new(Guid.CreateVersion7()))).Reply is WebhookView { Disabled: not null });
            (await admin.Admin(HttpMethod.Post, "/admin/agents/b/start", """{"reason":"test"}""")).Expect(200);
        }

        var fresh = Text((await admin.Admin(HttpMethod.Post, "/admin/agents/b/keys", "{}", ("Idempotency-Key", "fresh"))).Expect(201).Data, "key");
        await Eventually(async () => Text((await admin.Get("/agent/webhook", fresh)).Expect(200).Data, "state") == "disabled");
        Assert.Equal(["a:1"], Words(receiver.Received));

        (await admin.Send(HttpMethod.Put, "/agent/webhook", fresh, $$"""{"url":"{{receiver.Address}}"}""")).Expect(200);
        Assert.Equal(["a:1", "a:2"], await Came(receiver, 2));
    }

    [Fact]
    public async Task What_was_erased_before_it_was_taken_is_told_without_its_words()
    {
        var answer = 500;
        await using var receiver = new WebhookReceiver { Answers = _ => (Volatile.Read(ref answer), null) };
        await using var talk = await Posting("a", "b");
        var id = await talk.Open("a", ["b"]);
        await talk.Told("b", 1);
        (await Put(talk, "b", receiver)).Expect(200);
        await talk.Say("a", id, "secret");
        await Eventually(async () => (await Webhook(talk, "b")).GetProperty("attempts").GetInt32() == 1);
        (await talk.Delete("a", $"/conversations/{id}")).Expect(200);
        Volatile.Write(ref answer, 200);

        await Eventually(() => receiver.Taken.Count > 0);

        Assert.All(receiver.Taken, message => Assert.DoesNotContain("secret", System.Text.Encoding.UTF8.GetString(message.Body), StringComparison.Ordinal));
        Assert.Equal(receiver.Received.First().Id, receiver.Taken.First().Id);
    }

    [Fact]
    public async Task A_redirect_and_an_address_that_may_not_be_called_are_failures_and_nothing_is_followed()
    {
        await using var receiver = new WebhookReceiver { Answers = static _ => (307, null) };
        await using var talk = await Posting("a", "b", "c");
        var id = await talk.Open("a", ["b", "c"]);
        await talk.Told("b", 1);
        (await Put(talk, "b", receiver)).Expect(200);
        (await talk.Api.Client.Send(HttpMethod.Put, "/agent/webhook", talk.Key("c"), """{"url":"http://10.0.0.1/inbox"}""")).Expect(200);
        await talk.Say("a", id, "1");

        await Eventually(async () => (await Webhook(talk, "b")).GetProperty("attempts").GetInt32() == 1 && (await Webhook(talk, "c")).GetProperty("attempts").GetInt32() == 1);
        Assert.Equal(("redirect", 307), (Text(await Webhook(talk, "b"), "error"), (await Webhook(talk, "b")).GetProperty("response_status").GetInt32()));
        Assert.Equal("refused", Text(await Webhook(talk, "c"), "error"));
        Assert.Single(receiver.Received);
    }

    [Theory]
    [InlineData("""{}""", "required")]
    [InlineData("""{"url":"ftp://b.example/"}""", "format")]
    [InlineData($$"""{"url":"https://{{RunningApi.OperatorsOwn}}/"}""", "not")]
    [InlineData("""{"url":"https://b.example/","after":"tomorrow"}""", "pattern")]
    [InlineData("""{"url":"https://b.example/","after":"OTHERS"}""", "pattern")]
    [InlineData("""{"url":"https://b.example/","after":"FUTURE"}""", "pattern")]
    [InlineData("""{"url":"https://b.example/","secret":"mine"}""", "additionalProperties")]
    public async Task A_webhook_that_cannot_be_is_refused_by_what_is_wrong_and_is_not_there(string body, string keyword)
    {
        await using var talk = await Posting("a", "b");
        var cursors = talk.Api.Services.GetRequiredService<FeedCursors>();
        var others = InboxPlace.Start.Mint(cursors, RunningApi.Second);
        body = body.Replace("FUTURE", await Talk.CursorAhead(), StringComparison.Ordinal).Replace("OTHERS", others, StringComparison.Ordinal);

        var refused = (await talk.Api.Client.Send(HttpMethod.Put, "/agent/webhook", talk.Key("b"), body)).Refused(422, Codes.ValidationFailed);

        Assert.Equal(keyword, refused.Json.GetProperty("error").GetProperty("details")[0].GetProperty("keyword").GetString());
        (await talk.Get("b", "/agent/webhook")).Refused(404, Codes.NotFound);
    }

    [Fact]
    public async Task A_webhook_is_its_agents_alone_its_secret_is_shown_once_and_once_deleted_it_is_told_nothing()
    {
        await using var receiver = new WebhookReceiver();
        await using var talk = await Posting("a", "b");
        var id = await talk.Open("a", ["b"]);
        await talk.Told("b", 1);
        var (body, once) = ($$"""{"url":"{{receiver.Address}}"}""", ("Idempotency-Key", "once"));
        var put = (await talk.Api.Client.Send(HttpMethod.Put, "/agent/webhook", talk.Key("b"), body, once)).Expect(200).Data;
        var again = (await talk.Api.Client.Send(HttpMethod.Put, "/agent/webhook", talk.Key("b"), body, once)).Expect(200).Data;
        Assert.StartsWith("whsec_", Text(put, "secret"), StringComparison.Ordinal);
        Assert.Equal((JsonValueKind.Null, Text(put, "public_key")), (again.GetProperty("secret").ValueKind, Text(again, "public_key")));
        (await talk.Get("a", "/agent/webhook")).Refused(404, Codes.NotFound);
        (await talk.Delete("a", "/agent/webhook")).Refused(404, Codes.NotFound);
        (await talk.Api.Client.Get("/agent/webhook", RunningApi.PlatformKey)).Refused(401, Codes.Unauthorized);
        Assert.Empty((await talk.Api.Client.Admin(HttpMethod.Get, "/admin/webhooks")).Expect(200).Data.GetProperty("webhooks").EnumerateArray());
        (await talk.Api.Client.Admin(HttpMethod.Get, "/admin/webhooks/~b")).Refused(400, "malformed_request");

        (await talk.Delete("b", "/agent/webhook")).Expect(200);
        (await talk.Get("b", "/agent/webhook")).Refused(404, Codes.NotFound);
        await talk.Say("a", id, "unheard");
        var anew = (await Put(talk, "b", receiver)).Expect(200).Data;
        await talk.Say("a", id, "heard");

        Assert.Equal(["a:heard"], await Came(receiver, 1));
        Assert.NotEqual(Text(put, "secret"), Text(anew, "secret"));
        Assert.True(receiver.Received.Single().IsSignedBy(Text(anew, "secret")));
    }

    /// <summary>A step that waits for the next page ends with its process.</summary>
    [Fact]
    public async Task A_process_ends_at_once_while_a_webhook_waits_for_the_next_page()
    {
        await using var receiver = new WebhookReceiver();
        var talk = await Posting("a", "b");
        await talk.Open("a", ["b"]);
        (await Put(talk, "b", receiver)).Expect(200);

        await talk.DisposeAsync().AsTask().WaitAsync(Limits.WebhookPatience);
    }

    private static Task<Talk> Posting(params string[] agents) => Posting(null, agents);

    private static async Task<Talk> Posting(MemoryJournal? store, params string[] agents) => await Talk.Of(await RunningApi.Start(tells: true, store: store), agents);

    private static Task<Received> Put(Talk talk, string agent, WebhookReceiver receiver, string? after = null) => talk.Api.Client.Send(
        HttpMethod.Put, "/agent/webhook", talk.Key(agent), after is null ? $$"""{"url":"{{receiver.Address}}"}""" : $$"""{"url":"{{receiver.Address}}","after":"{{after}}"}""", ("Idempotency-Key", Guid.NewGuid().ToString("N")));

    private static async Task<JsonElement> Webhook(Talk talk, string agent) => (await talk.Get(agent, "/agent/webhook")).Expect(200).Data;

    private static async Task<IReadOnlyList<string>> Polled(Talk talk, string agent, string from, int count) => (await talk.Told(agent, count, from)).Told;

    /// <summary>As a receiver has them: what comes again under an id that it has seen is left out.</summary>
    private static IReadOnlyList<string> Words(IEnumerable<ReceivedMessage> messages) => [.. messages.DistinctBy(message => message.Id).SelectMany(message => message.Data.GetProperty("entries").EnumerateArray()).Select(Talk.Short)];

    /// <summary>So many entries came, or a few more.</summary>
    private static async Task<IReadOnlyList<string>> Came(WebhookReceiver receiver, int count, bool taken = false)
    {
        await Eventually(() => Words(taken ? receiver.Taken : receiver.Received).Count >= count);
        return Words(taken ? receiver.Taken : receiver.Received);
    }

    private static string Text(JsonElement data, string name) => data.GetProperty(name).GetString()!;

    private static Task Eventually(Func<bool> isSo) => Eventually(() => Task.FromResult(isSo()));

    // A step behind the reply is waited for.
    private static async Task Eventually(Func<Task<bool>> isSo)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var late = new CancellationTokenSource(Patience);
        while (!await isSo()) await timer.WaitForNextTickAsync(late.Token);
    }
}

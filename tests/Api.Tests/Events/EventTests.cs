using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Agora.Api.Tests.Events;

/// <summary>Operators follow what happens: page by page, each waiting for something to tell.</summary>
public sealed class EventTests
{
    private const string Route = "/admin/events";

    public static TheoryData<string> Stores => Store.Names;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task What_happened_is_told_in_order_each_once_however_small_the_pages_are(string name)
    {
        await using var store = await Store.Open(name);
        await using var api = await RunningApi.Start(store: store.Journal);
        var begun = (await Page(api)).Cursor;
        var token = await Sponsored(api);
        for (var i = 0; i < 2; i++)
        {
            await Run(api, token, $"run-{i}");
        }

        var whole = await All(api, begun, limit: 50);
        var one = await All(api, begun, limit: 1);

        Assert.Equal(["run.succeeded", "run.succeeded", "task.completed"], whole.Select(Type).Order(StringComparer.Ordinal));
        Assert.Equal(whole.Select(told => told.GetRawText()), one.Select(told => told.GetRawText()));
        Assert.Equal(3, whole.Select(Id).Distinct().Count());
        var runs = whole.Where(told => Type(told) == "run.succeeded").Select(told => told.GetProperty("data").GetProperty("sequence").GetInt64()).ToList();
        Assert.Equal(runs.Order(), runs);
        Assert.Equal(2, (await All(api, begun, limit: 1, types: "&types=run.failed,run.succeeded")).Count);
    }

    [Fact]
    public async Task A_page_waits_until_something_is_told_and_says_what_a_webhook_says()
    {
        await using var receiver = new WebhookReceiver();
        await using var api = await RunningApi.Start(tells: true);
        (await api.Client.Admin(HttpMethod.Put, "/admin/webhooks/books", $$"""{"url":"{{receiver.Address}}","types":["run.succeeded"]}""")).Expect(200);
        (await api.Client.Admin(HttpMethod.Post, "/admin/webhooks/books/secrets", "{}")).Expect(201);
        var token = await Sponsored(api);
        var from = (await Page(api)).Cursor;

        var waiting = Page(api, $"?cursor={from}&types=run.succeeded&wait_seconds=20");
        Assert.False(waiting.IsCompleted);
        await Run(api, token, "run-1");

        var told = Assert.Single((await waiting).Events);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (receiver.Received.Count == 0)
        {
            await timer.WaitForNextTickAsync();
        }

        var came = receiver.Received.Single();
        Assert.Equal((came.Id, came.Type, came.Data.GetRawText()), (Id(told), Type(told), told.GetProperty("data").GetRawText()));
        Assert.Equal(came.Json.GetProperty("timestamp").GetString(), told.GetProperty("timestamp").GetString());
    }

    [Fact]
    public async Task A_tenant_is_told_what_is_its_own_and_its_cursor_says_nothing_of_others()
    {
        await using var api = await RunningApi.Start();
        var (first, second) = ((await Page(api)).Cursor, (await Page(api, "", RunningApi.SecondAdminKey)).Cursor);
        await Run(api, await Sponsored(api), "run-1");

        Assert.Equal(2, (await Page(api, $"?cursor={first}")).Events.Count);
        var other = await Page(api, $"?cursor={second}", RunningApi.SecondAdminKey);
        Assert.Empty(other.Events);
        Assert.NotEqual(second, other.Cursor);
        (await api.Client.Send(HttpMethod.Get, $"{Route}?cursor={first}", RunningApi.SecondAdminKey)).Refused(422, Codes.ValidationFailed);
        Assert.DoesNotContain("default/", System.Text.Encoding.Latin1.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(first)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?cursor=x", "pattern")]
    [InlineData("?cursor=start", "pattern")]
    [InlineData("?cursor=%00", "pattern")]
    [InlineData("?cursor=q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA", "pattern")]
    [InlineData("?types=run.began", "enum")]
    [InlineData("?types=", "enum")]
    [InlineData("?types=run.failed,", "enum")]
    [InlineData("?types=run.failed&types=run.succeeded", "uniqueItems")]
    [InlineData("?wait_seconds=21", "range")]
    [InlineData("?wait_seconds=-1", "range")]
    [InlineData("?wait_seconds=long", "range")]
    [InlineData("?limit=0", "range")]
    [InlineData("?after=x", "additionalProperties")]
    public async Task What_cannot_be_asked_is_refused_by_what_is_wrong(string query, string keyword)
    {
        await using var api = await RunningApi.Start();
        var refused = (await api.Client.Admin(HttpMethod.Get, $"{Route}{query}")).Refused(422, Codes.ValidationFailed);
        Assert.Equal(keyword, refused.Json.GetProperty("error").GetProperty("details")[0].GetProperty("keyword").GetString());
    }

    [Fact]
    public async Task So_many_of_one_operator_wait_at_once_and_another_operator_and_another_tenant_and_the_next_one_after_them_are_let_in_unavailable()
    {
        await using var api = await RunningApi.Start();
        var from = (await Page(api)).Cursor;
        using var gone = new CancellationTokenSource();
        using var http = new HttpClient { BaseAddress = api.Client.Address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", RunningApi.AdminKey);
        var waiting = Enumerable.Range(0, Limits.EventsFollowed * 2 / 3).Select(_ => Follow(http, from, gone.Token)).ToList();

        var refused = await Until(api, status => status == 503);
        refused.Refused(503, Codes.Unavailable);
        (await api.Client.Send(HttpMethod.Get, Route, RunningApi.KeyOf(Role.Viewer))).Expect(200);
        (await api.Client.Send(HttpMethod.Get, Route, RunningApi.SecondAdminKey)).Expect(200);

        await gone.CancelAsync(); // they leave: their places are free
        await Task.WhenAll(waiting);
        (await Until(api, status => status == 200)).Expect(200);
    }

    [Fact]
    public async Task Who_waits_while_the_process_ends_is_answered_at_once_with_where_to_go_on()
    {
        await using var api = await RunningApi.Start();
        var from = (await Page(api)).Cursor;
        var waiting = Page(api, $"?cursor={from}&wait_seconds=20");
        await Until(api, static status => status == 200);

        var began = TimeProvider.System.GetTimestamp();
        api.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        Assert.Empty((await waiting).Events);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(18)); // it would have waited for 20
    }

    /// <summary>Keeps its place: asks again when it was answered, whether with nothing or that another had the place just then.</summary>
    private static async Task Follow(HttpClient http, string from, CancellationToken gone)
    {
        try
        {
            for (; ; )
            {
                using var answered = await http.GetAsync($"{Route}?cursor={from}&wait_seconds=20", gone);
                await Task.Delay(5, gone);
            }
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
        }
    }

    private static async Task<Received> Until(RunningApi api, Func<int, bool> isSo)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var left = 1_500; ; left--)
        {
            var received = await api.Client.Admin(HttpMethod.Get, Route);
            if (isSo(received.Status)) return received;

            Assert.True(left > 0, "It did not come to be so in time.");
            await timer.WaitForNextTickAsync();
        }
    }

    private static async Task<List<JsonElement>> All(RunningApi api, string cursor, int limit, string types = "")
    {
        var all = new List<JsonElement>();
        for (; ; )
        {
            var page = await Page(api, $"?cursor={cursor}&limit={limit}{types}");
            Assert.InRange(page.Events.Count, 0, limit);
            if (page.Events.Count == 0) return all;

            all.AddRange(page.Events);
            cursor = page.Cursor;
        }
    }

    private static async Task<(List<JsonElement> Events, string Cursor)> Page(RunningApi api, string query = "", string key = RunningApi.AdminKey)
    {
        var data = (await api.Client.Send(HttpMethod.Get, $"{Route}{query}", key)).Expect(200).Data;
        return ([.. data.GetProperty("events").EnumerateArray()], data.GetProperty("next_cursor").GetString()!);
    }

    private static async Task<string> Sponsored(RunningApi api)
    {
        await api.Client.Load();
        var token = await api.Client.OpenSession();
        await api.Client.Complete(token);
        return token;
    }

    private static async Task Run(RunningApi api, string token, string key) =>
        (await api.Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input.Replace("long", key, StringComparison.Ordinal), ("Idempotency-Key", key))).Expect(200);

    private static string Type(JsonElement told) => told.GetProperty("type").GetString()!;

    private static string Id(JsonElement told) => told.GetProperty("id").GetString()!;
}

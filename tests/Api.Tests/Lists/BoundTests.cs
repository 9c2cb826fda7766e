using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Testing;

namespace Agora.Api.Tests.Lists;

/// <summary>No page looks at more rows than its bound: one that ends before it is full says so, and its cursor goes on.</summary>
public sealed class BoundTests
{
    /// <summary>The oldest match: they stand behind what one page looks at.</summary>
    private const int There = Limits.LookedAt + 40, Matching = 60, Rare = 40;

    public static TheoryData<string> Stores => Store.Names;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task What_stands_behind_all_that_one_page_looks_at_is_met_by_going_on_and_by_an_export_while_rows_come(string name)
    {
        await using var store = await Store.Open(name);
        await using var api = await RunningApi.Start(store: store.Journal);
        await store.Journal.Write([.. Enumerable.Range(0, There).Select(number => Rows.Paid(number, number, changed: [("amount_micros", number < Matching ? 990_000L : 250_000L), ("payer", number < Rare ? "Rare" : "Acme")]))], default);
        const string Dear = "payments?min_amount_cents=99&user_id=user-1", OfRare = "payments?payer=Rare&user_id=user-1";

        var first = await Page(api, $"{Dear}&limit=50");
        Assert.Equal((Matching - Rare, true), (Ids(first).Count, HasMore(first)));
        Uncounted(first, "Not all entries were looked at");
        var empty = await Page(api, OfRare);
        Assert.Equal((0, true), (Ids(empty).Count, HasMore(empty)));
        Assert.StartsWith("Nothing matches among the entries that were looked at, and there are more: go on with next_cursor", empty.GetProperty("empty_because").GetString(), StringComparison.Ordinal);
        var newest = await Page(api, $"{Dear}&from={Rows.Time(Matching)}&limit=7");
        Assert.Equal((0, false, 0), (Ids(newest).Count, HasMore(newest), newest.GetProperty("total_count").GetInt32()));

        await store.Journal.Write([.. Enumerable.Range(There, 30).Select(number => Rows.Paid(number, number, changed: [("amount_micros", 990_000L), ("payer", "Rare")]))], default);
        var there = Enumerable.Range(0, Matching).Reverse().Select(number => Rows.RunId(number)).ToList();
        Assert.Equal(there, await All(api, Dear, first));
        Assert.Equal(there[^Rare..], await All(api, OfRare, empty));
        Uncounted(await Page(api, $"{Dear}&cursor={Cursor(first)}"), "What follows a cursor is not counted");
        var offset = await Page(api, $"{OfRare}&offset=35&limit=3");
        Assert.Equal((0, true), (Ids(offset).Count, HasMore(offset)));
        Assert.Equal(there[^(Rare - 5)..], await All(api, OfRare, offset)); // the thirty that came are the newest of them
        var deep = await Page(api, $"payments?user_id=user-1&offset={Limits.LookedAt + 5}&limit=3"); // what is left out alone is more than a page looks at
        Assert.Equal((0, true), (Ids(deep).Count, HasMore(deep)));
        Assert.Equal(Enumerable.Range(0, There + 30 - Limits.LookedAt - 5).Reverse().Select(number => Rows.RunId(number)), await All(api, "payments?user_id=user-1", deep));

        foreach (var (form, column) in new[] { ("text/csv", (Func<string, string>)(line => line.Split(',')[1])), ("application/x-ndjson", line => JsonDocument.Parse(line).RootElement.GetProperty("run_id").GetString()!) })
        {
            var sent = (await api.Client.Text($"/admin/{OfRare}&to={Rows.Time(There)}", RunningApi.AdminKey, form)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(there[^Rare..], sent.Skip(form == "text/csv" ? 1 : 0).Select(column));
        }
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_list_of_two_tables_shows_nothing_of_one_before_the_other_was_looked_at_as_far(string name)
    {
        await using var store = await Store.Open(name);
        await using var api = await RunningApi.Start(store: store.Journal);
        // Runs refused with 502 stand among calls of which only the oldest have that status, and the last that a page looks at; each is of the same agent.
        const int Last = There - Limits.LookedAt;
        await store.Journal.Write(
            [
                .. Enumerable.Range(0, There).Select(number => Rows.Called(number, number, ("response_status", number is < 5 or Last ? 502L : 200L), ("user_id", "user-9"))),
                .. Enumerable.Range(0, 9).Select(number => Rows.Paid(number, number * 1_200, changed: [("response_status", 502L), ("failure_code", "service_error"), ("state", "failed"), ("user_id", "user-9")])),
            ],
            default);
        const string List = "audit?user_id=user-9&response_status=502";

        var first = await Page(api, $"{List}&limit=20");
        var met = await All(api, List, first, "id");

        Assert.True(HasMore(first));
        Assert.Equal(15, met.Distinct(StringComparer.Ordinal).Count());
        // Newest first, though a page of the calls ends at their 41st: of equal times the greater id.
        Assert.Equal(
            [.. Enumerable.Range(1, 8).Reverse().Select(number => Rows.RunId(number)), Rows.CallId(Last), .. Enumerable.Range(1, 4).Reverse().Select(number => Rows.CallId(number)), Rows.CallId(0), Rows.RunId(0)],
            met);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_list_by_offset_alone_is_counted_as_far_as_a_page_looks(string name)
    {
        await using var store = await Store.Open(name);
        await using var api = await RunningApi.Start(store: store.Journal);
        await store.Journal.Write([.. Enumerable.Range(1, Limits.LookedAt).Select(number => Rows.User(number, number))], default);
        const string List = "users?limit=2";

        Assert.Equal(Limits.LookedAt, (await Page(api, List)).GetProperty("total_count").GetInt32());
        await store.Journal.Write([Rows.User(Limits.LookedAt + 1, Limits.LookedAt + 1)], default);
        var page = await Page(api, $"{List}&offset={Limits.LookedAt}");
        Uncounted(page, "Too many match to be counted");
        Assert.Equal("u-010001", Assert.Single(Ids(page, "user_id")));
    }

    [Fact]
    public async Task An_export_ends_when_its_reader_goes_away()
    {
        await using var store = await Store.Open("memory");
        await store.Journal.Write([.. Enumerable.Range(0, 10).Select(number => Rows.Paid(number, number))], default);
        var endless = new Endless(store.Journal);
        await using var api = await RunningApi.Start(store: endless);
        using var http = new HttpClient { BaseAddress = api.Client.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/admin/payments?user_id=user-1&payer=Nobody");
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {RunningApi.AdminKey}");
        request.Headers.TryAddWithoutValidation("Accept", "text/csv");
        using (await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        {
            await endless.Asked.Task.WaitAsync(Hang.Timeout);
        }

        await endless.Ended.Task.WaitAsync(Hang.Timeout);
    }

    /// <summary>Of which a page never meets an end: each look says that more follows, and waits until whoever asked is gone.</summary>
    private sealed class Endless(IJournal inner) : DelegatingJournal(inner)
    {
        private int _looks;

        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async Task<TablePage> Query(TableQuery query, CancellationToken cancel)
        {
            if (query.Sieve.Count == 0) return await base.Query(query, cancel);
            if (Interlocked.Increment(ref _looks) < 6) return new([], 0) { LookedTo = [1L, "r"] };

            Asked.TrySetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancel);
            }
            catch (OperationCanceledException)
            {
                Ended.TrySetResult();
                throw;
            }

            throw new InvalidOperationException("It waits for ever.");
        }
    }

    private static void Uncounted(JsonElement page, string why)
    {
        Assert.Equal(JsonValueKind.Null, page.GetProperty("total_count").ValueKind);
        Assert.StartsWith(why, page.GetProperty("total_count_unknown").GetString(), StringComparison.Ordinal);
    }

    /// <summary>The ids of a page and of all that follow it.</summary>
    private static async Task<List<string>> All(RunningApi api, string list, JsonElement page, string id = "run_id")
    {
        var met = Ids(page, id);
        while (HasMore(page))
        {
            page = await Page(api, $"{list}&limit=30&cursor={Cursor(page)}");
            met.AddRange(Ids(page, id));
        }

        Assert.Null(page.GetProperty("next_cursor").GetString());
        return met;
    }

    private static List<string> Ids(JsonElement page, string id = "run_id") => [.. page.EnumerateObject().First().Value.EnumerateArray().Select(item => item.GetProperty(id).GetString()!)];

    private static bool HasMore(JsonElement page) => page.GetProperty("has_more").GetBoolean();

    private static string Cursor(JsonElement page) => page.GetProperty("next_cursor").GetString()!;

    private static async Task<JsonElement> Page(RunningApi api, string list) => (await api.Client.Admin(HttpMethod.Get, $"/admin/{list}")).Expect(200).Data;
}

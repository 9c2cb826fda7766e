using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Journal;

namespace Agora.Api.Tests.Lists;

/// <summary>Operators page through lists, newest first, while rows come.</summary>
public sealed class PagingTests
{
    private const int There = 25;

    public static TheoryData<string> Stores => Store.Names;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Each_list_shows_what_was_there_once_and_newest_first_though_rows_come_between_its_pages(string name)
    {
        await using var store = await Store.Open(name);
        await using var api = await RunningApi.Start(store: store.Journal);
        (string List, string Id, Func<int, int, OwnedUpsert> Row)[] lists =
        [
            ("payments", "payment_id", (number, seconds) => Rows.Paid(number, seconds)), ("runs", "run_id", (number, seconds) => Rows.Paid(number + 1_000, seconds)),
            ("sessions", "session_id", (number, seconds) => Rows.Session(number, seconds)), ("completions", "completion_id", (number, seconds) => Rows.Completion(number, seconds)),
            ("approvals", "run_id", (number, seconds) => Rows.Approval(number, seconds)),
            ("refusals", "refusal_id", (number, seconds) => Rows.Refused(number, seconds)),
            ("audit?user_id=user-9", "id", (number, seconds) => number % 2 == 0 ? Rows.Called(number, seconds, ("user_id", "user-9")) : Rows.Paid(number + 2_000, seconds, changed: ("user_id", "user-9"))),
        ];
        var newer = There;
        foreach (var (path, id, row) in lists)
        {
            var list = path.Contains('?', StringComparison.Ordinal) ? $"{path}&" : $"{path}?";
            // Five share each second: the id decides between them.
            await store.Journal.Write([.. Enumerable.Range(0, There).Select(number => row(number, number / 5))], default);
            var before = (await Page(api, $"{list}limit=100")).Items.Select(item => Text(item, id)).ToList();
            Assert.True(before.Count >= There, list);

            var (met, cursor) = (new List<string>(), (string?)null);
            do
            {
                var page = await Page(api, cursor is null ? $"{list}limit=7" : $"{list}limit=7&cursor={cursor}");
                met.AddRange(page.Items.Select(item => Text(item, id)));
                cursor = page.Next;
                await store.Journal.Write([.. Enumerable.Range(0, 10).Select(_ => row(newer, newer++))], default);
            }
            while (cursor is not null);

            Assert.Equal(before, met);
            Assert.Equal(met.Count, met.Distinct(StringComparer.Ordinal).Count());
        }
    }

    [Fact]
    public async Task Pages_end_with_a_null_cursor_whether_the_last_is_full_or_not()
    {
        await using var store = await Store.Open("memory");
        await using var api = await RunningApi.Start(store: store.Journal);
        await store.Journal.Write([.. Enumerable.Range(0, 4).Select(number => Rows.Session(number, number))], default);

        Assert.Null((await Page(api, "sessions?limit=4")).Next);
        Assert.Null((await Page(api, "sessions?limit=5")).Next);
        var first = await Page(api, "sessions?limit=3");
        Assert.Equal(["s-0003", "s-0002", "s-0001"], first.Items.Select(item => Text(item, "session_id")));
        var last = await Page(api, $"sessions?cursor={first.Next}");
        Assert.Equal(("s-0000", null), (Text(Assert.Single(last.Items), "session_id"), last.Next));
    }

    [Fact]
    public async Task An_offset_goes_on_as_ever_and_counts_all()
    {
        await using var store = await Store.Open("memory");
        await using var api = await RunningApi.Start(store: store.Journal);
        await store.Journal.Write([.. Enumerable.Range(0, 1_200).Select(number => Rows.Session(number, number))], default);

        var page = (await api.Client.Admin(HttpMethod.Get, "/admin/sessions?offset=1199&limit=7")).Expect(200).Data;
        Assert.Equal(("s-0000", 1_200, 1_199, 7), (Text(page.GetProperty("sessions")[0], "session_id"), page.GetProperty("total_count").GetInt32(), page.GetProperty("offset").GetInt32(), page.GetProperty("limit").GetInt32()));

        var uncounted = (await api.Client.Admin(HttpMethod.Get, "/admin/sessions")).Expect(200).Data;
        Assert.Equal((JsonValueKind.Null, 0, 50), (uncounted.GetProperty("total_count").ValueKind, uncounted.GetProperty("offset").GetInt32(), uncounted.GetProperty("limit").GetInt32()));
        Assert.Equal(201, (await api.Client.Admin(HttpMethod.Get, $"/admin/sessions?from={Rows.Time(999)}")).Expect(200).Data.GetProperty("total_count").GetInt32());
        var following = (await api.Client.Admin(HttpMethod.Get, $"/admin/sessions?limit=1&cursor={Text(uncounted, "next_cursor")}")).Expect(200).Data;
        Assert.Equal(("s-1149", JsonValueKind.Null), (Text(following.GetProperty("sessions")[0], "session_id"), following.GetProperty("total_count").ValueKind));
    }

    private static async Task<(IReadOnlyList<JsonElement> Items, string? Next)> Page(RunningApi api, string list)
    {
        var data = (await api.Client.Admin(HttpMethod.Get, $"/admin/{list}")).Expect(200).Data;
        return ([.. data.EnumerateObject().First().Value.EnumerateArray()], data.GetProperty("next_cursor").GetString());
    }

    private static string Text(JsonElement item, string name) => item.GetProperty(name).GetString()!;
}

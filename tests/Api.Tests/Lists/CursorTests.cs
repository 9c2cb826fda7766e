using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Lists;

/// <summary>A cursor is of one list, one tenant and one set of filters, and nobody can write one.</summary>
public sealed class CursorTests : IAsyncLifetime
{
    private Store _store = null!;
    private RunningApi _api = null!;

    public async Task InitializeAsync()
    {
        _store = await Store.Open("memory");
        _api = await RunningApi.Start(store: _store.Journal);
        await _store.Journal.Write([.. Enumerable.Range(0, 9).SelectMany(number => new[] { Rows.Paid(number, number), Rows.Paid(number + 100, number, "second") })], default);
    }

    public async Task DisposeAsync()
    {
        await _api.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task It_goes_on_with_its_filters_in_any_order_and_in_any_spelling_and_with_another_limit()
    {
        var cursor = await Cursor("payments?user_id=user-1&from=2030-01-01T00:00:00Z&limit=2");

        (await Get($"payments?from=2030-01-01T01:00:00%2B01:00&limit=5&user_id=user-1&cursor={cursor}")).Expect(200);
    }

    [Fact]
    public async Task The_header_Link_leads_from_page_to_page_with_the_filters_and_without_the_offset_and_ends_where_the_list_does()
    {
        var all = Ids(await Get("payments?user_id=user-1&from=2030-01-01T01:00:00%2B01:00"));
        var seen = new List<string>();
        var (pages, next) = (0, "/admin/payments?user_id=user-1&from=2030-01-01T01:00:00%2B01:00&offset=1&limit=3");
        while (next is not null)
        {
            var page = (await _api.Client.Admin(HttpMethod.Get, next)).Expect(200);
            seen.AddRange(Ids(page));
            var cursor = page.Data.GetProperty("next_cursor").GetString();
            next = page.Header("Link") is { } link ? link[1..^">; rel=\"next\"".Length] : null;
            Assert.Equal(cursor is null ? null : $"/admin/payments?user_id=user-1&from=2030-01-01T01%3A00%3A00%2B01%3A00&limit=3&cursor={cursor}", next);
            pages++;
        }

        Assert.Equal(all.Skip(1), seen);
        Assert.Equal(3, pages);

        static IEnumerable<string> Ids(Received page) => page.Expect(200).Data.GetProperty("payments").EnumerateArray().Select(payment => payment.GetProperty("payment_id").GetString()!);
    }

    [Theory]
    [InlineData("runs?user_id=user-1&cursor={0}")]
    [InlineData("payments?cursor={0}")]
    [InlineData("payments?user_id=user-2&cursor={0}")]
    [InlineData("payments?agent_id=user-1&cursor={0}")]
    [InlineData("payments?user_id=user-1&agent_id=agent-1&cursor={0}")]
    [InlineData("payments?user_id=user-1&min_amount_cents=0&cursor={0}")]
    [InlineData("sessions?user_id=user-1&cursor={0}")]
    public async Task Of_another_list_or_other_filters_it_is_refused_validation_failed(string path)
    {
        var cursor = await Cursor("payments?user_id=user-1&limit=2");
        (await Get($"payments?user_id=user-1&limit=2&cursor={cursor}")).Expect(200);

        Refused(await Get(string.Format(null, path, cursor)));
    }

    [Fact]
    public async Task Of_another_tenant_it_is_refused_validation_failed()
    {
        var cursor = await Cursor("payments?limit=2");
        var own = (await Second("payments?limit=2")).Expect(200).Data.GetProperty("next_cursor").GetString();

        Refused(await Second($"payments?cursor={cursor}"));
        Refused(await Get($"payments?cursor={own}"));
        (await Second($"payments?cursor={own}")).Expect(200);
    }

    [Fact]
    public async Task With_any_of_its_characters_changed_it_is_refused_validation_failed()
    {
        var cursor = await Cursor("payments?limit=2");
        for (var i = 0; i < cursor.Length; i++)
        {
            Refused(await Get($"payments?cursor={cursor[..i]}{(cursor[i] == 'A' ? 'B' : 'A')}{cursor[(i + 1)..]}"));
        }

        Refused(await Get($"payments?cursor={cursor}A"));
        Refused(await Get($"payments?cursor={cursor[..^1]}"));
        Refused(await Get($"payments?cursor={cursor}%3D"));
    }

    [Fact]
    public async Task It_is_taken_by_every_process_with_the_same_token_key_and_by_no_other()
    {
        var cursor = await Cursor("payments?limit=2");
        await using var same = await RunningApi.Start(store: _store.Journal);
        await using var other = await RunningApi.Start(store: _store.Journal, tokenKey: [.. Enumerable.Repeat((byte)1, 32)]);

        (await same.Client.Admin(HttpMethod.Get, $"/admin/payments?cursor={cursor}")).Expect(200);
        Refused(await other.Client.Admin(HttpMethod.Get, $"/admin/payments?cursor={cursor}"));
    }

    [Fact]
    public async Task It_outlives_the_row_that_it_was_read_from()
    {
        var cursor = await Cursor("payments?limit=3");
        var gone = Rows.Paid(6, 6, changed: ("state", "failed")) with { Seq = 2 };
        await _store.Journal.Write([gone], default);

        var page = (await Get($"payments?cursor={cursor}")).Expect(200).Data.GetProperty("payments").EnumerateArray().ToList();
        Assert.Equal((6, Rows.RunId(5)), (page.Count, page[0].GetProperty("run_id").GetString()));
    }

    private static void Refused(Received received)
    {
        var detail = Assert.Single(received.Refused(422, "validation_failed").Error.GetProperty("details").EnumerateArray());
        Assert.Equal("cursor", detail.GetProperty("path").GetString());
    }

    private async Task<string> Cursor(string list) => (await Get(list)).Expect(200).Data.GetProperty("next_cursor").GetString()!;

    private Task<Received> Get(string list) => _api.Client.Admin(HttpMethod.Get, $"/admin/{list}");

    private Task<Received> Second(string list) => _api.Client.Get($"/admin/{list}", RunningApi.SecondAdminKey);
}

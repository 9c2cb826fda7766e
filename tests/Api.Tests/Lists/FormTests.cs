using System.Net;
using System.Text.Json;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Lists;

/// <summary>A whole list as CSV or NDJSON, by Accept.</summary>
public sealed class FormTests
{
    private const string Header = "payment_id,run_id,session_id,user_id,agent_id,service_id,provider,amount_cents,refunded_cents,payer,source,status,paid_by_kind,paid_by_id,settled_at,related_party,fee_cents\r\n";

    /// <summary>More than are read at once, twice.</summary>
    private const int Many = 2_300;

    public static TheoryData<string> Stores => Store.Names;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task All_that_matches_is_sent_with_one_header_row_and_each_row_once(string name)
    {
        await using var store = await Store.Open(name);
        await using var api = await RunningApi.Start(store: store.Journal);
        await store.Journal.Write([.. Enumerable.Range(0, Many).Select(number => Rows.Paid(number, number / 7)), Rows.Paid(9_000, 1, "second"), Rows.Paid(9_001, 1, changed: ("user_id", "user-2"))], default);

        var lines = (await api.Client.Text("/admin/payments?user_id=user-1", RunningApi.AdminKey, "text/csv")).Split("\r\n");

        Assert.Equal((Header.TrimEnd(), "", Many + 2), (lines[0], lines[^1], lines.Length));
        var ids = lines[1..^1].Select(line => line.Split(',')[1]).ToList();
        Assert.Equal(Enumerable.Range(0, Many).Select(number => Rows.RunId(number)).Reverse(), ids);

        var json = (await api.Client.Text("/admin/payments?user_id=user-1", RunningApi.AdminKey, "application/x-ndjson")).Split('\n');
        Assert.Equal(("", Many + 1), (json[^1], json.Length));
        Assert.Equal(ids, json[..^1].Select(line => JsonDocument.Parse(line).RootElement.GetProperty("run_id").GetString()));
    }

    [Theory]
    [InlineData(null, "application/json")]
    [InlineData("*/*", "application/json")]
    [InlineData("text/csv", "text/csv")]
    [InlineData("text/*", "text/csv")]
    [InlineData("text/csv, */*", "text/csv")]
    [InlineData("text/csv;q=0.5, application/json", "application/json")]
    [InlineData("text/html, application/x-ndjson;q=0.4, application/json;q=0.3", "application/x-ndjson")]
    [InlineData("application/*;q=0.9, application/json;q=0.1", "application/x-ndjson")]
    [InlineData("*/*, application/json;q=0", "text/csv")]
    [InlineData("image/png, text/csv;q=0", null)]
    [InlineData("nonsense", null)]
    public async Task The_form_is_the_one_that_is_wanted_most_or_406(string? accept, string? type)
    {
        await using var api = await RunningApi.Start();
        foreach (var list in new[] { "payments", "runs", "sessions", "completions", "approvals", "audit", "refusals" })
        {
            using var http = new HttpClient { BaseAddress = api.Client.Address };
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/admin/{list}");
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {RunningApi.AdminKey}");
            if (accept is not null)
            {
                request.Headers.TryAddWithoutValidation("Accept", accept);
            }

            using var response = await http.SendAsync(request);

            Assert.Equal((type is null ? HttpStatusCode.NotAcceptable : HttpStatusCode.OK, type ?? "application/json"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        }
    }

    [Fact]
    public async Task An_empty_list_is_a_header_row_or_nothing()
    {
        await using var api = await RunningApi.Start();

        Assert.Equal(Header, await api.Client.Text("/admin/payments", RunningApi.AdminKey, "text/csv"));
        Assert.Equal("", await api.Client.Text("/admin/payments", RunningApi.AdminKey, "application/x-ndjson"));
    }

    [Fact]
    public async Task What_anyone_wrote_is_no_formula_and_breaks_no_row()
    {
        await using var store = await Store.Open("memory");
        await using var api = await RunningApi.Start(store: store.Journal);
        await store.Journal.Write([Rows.Paid(1, 1, changed: ("payer", "=HYPERLINK(\"x\")")), Rows.Paid(2, 2, changed: ("payer", "a\r\nb,c")),
            Rows.Paid(3, 3, changed: ("payer", "x;=1+1")), Rows.Paid(4, 4, changed: ("payer", "\uFF1D1+1"))], default);

        var csv = await api.Client.Text("/admin/payments", RunningApi.AdminKey, "text/csv");

        Assert.Contains(",\"a\r\nb,c\",", csv, StringComparison.Ordinal);
        Assert.Contains(",\"x;'=1+1\",", csv, StringComparison.Ordinal);
        Assert.Contains(",'\uFF1D1+1,", csv, StringComparison.Ordinal);
        Assert.Contains(",\"'=HYPERLINK(\"\"x\"\")\",", csv, StringComparison.Ordinal);
        Assert.EndsWith(",campaign,survey,2030-01-01T00:00:01.000000Z,false,0\r\n", csv, StringComparison.Ordinal);
    }
}

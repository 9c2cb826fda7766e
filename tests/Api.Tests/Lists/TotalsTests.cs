using System.Text.Json;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Lists;

/// <summary>What a list of payments comes to, for who asks.</summary>
public sealed class TotalsTests
{
    private const int Day = 86_400;

    private static readonly (string List, string Expected)[] Wanted =
    [
        ("payments?totals=true", "3 75.0001 0"),
        ("payments?totals=true&limit=1", "3 75.0001 0"),
        ("payments?totals=true&user_id=user-2", "1 25 0"),
        ("payments?totals=true&session_id=s-2", "1 25.0001 0"),
        ("payments?totals=true&agent_id=agent-1", "2 50 0"),
        ("payments?totals=true&agent_id=nobody", "0 0 0"),
        ("payments?totals=true&campaign_id=survey", "3 75.0001 0"),
        ("payments?totals=true&service_id=summary", "3 75.0001 0"),
        ("payments?totals=true&provider=text-provider", "3 75.0001 0"),
        ($"payments?totals=true&to={Rows.Time(Day)}", "1 25 0"),
        ($"payments?totals=true&agent_id=agent-1&from={Rows.Time(Day)}&to={Rows.Time(2 * Day)}", "1 25 0"),
        ($"payments?totals=true&user_id=user-1&from={Rows.Time(2 * Day)}", "1 25.0001 0"),
        ($"payments?totals=true&from={Rows.Time(Day)}&to={Rows.Time(Day)}", "0 0 0"),
        ($"payments?totals=true&from={Rows.Time(Day)[..10]}&to={Rows.Time(2 * Day)[..10]}", "1 25 0"),
        ($"payments?totals=true&to={Rows.Time(Day)[..10]}", "1 25 0"),
        ("runs?totals=true&state=succeeded", "3 75.0001 0"),
        ("runs?totals=true&state=succeeded&agent_id=agent-2", "1 25.0001 0"),
        ("runs?totals=true", "Totals are of payments"),
        ("runs?totals=true&state=failed", "Totals are of payments"),
        ("payments?totals=true&payer=Acme", "No sums are kept by payer"),
        ("payments?totals=true&min_amount_cents=1", "No sums are kept by min_amount_cents"),
        ("payments?totals=true&user_id=user-1&agent_id=agent-1", "Sums are kept by one of"),
        ($"payments?totals=true&from={Rows.Time(1)}", "Sums are kept by the UTC day"),
        ($"payments?totals=true&to={Rows.Time(Day + 3_600)}", "Sums are kept by the UTC day"),
        ("payments", "not asked for"),
        ("runs?totals=false", "not asked for"),
    ];

    public static TheoryData<string> Stores => Store.Names;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task They_are_of_all_that_match_or_say_why_they_are_not_known(string name)
    {
        await using var store = await Store.Open(name);
        await using var api = await RunningApi.Start(store: store.Journal);
        await store.Journal.Write(
            [
                Rows.Paid(0, 0), Rows.Paid(1, Day, changed: ("user_id", "user-2")), Rows.Paid(2, 2 * Day, changed: [("agent_id", "agent-2"), ("amount_micros", 250_001L)]),
                Rows.Paid(3, 0, changed: [("state", "failed"), ("payment_id", null), ("campaign_id", null), ("failure_code", "upstream_failed")]), Rows.Paid(4, 0, "second"),
            ],
            default);

        var found = new List<(string List, string Found)>();
        foreach (var (list, expected) in Wanted)
        {
            var said = Said((await api.Client.Admin(HttpMethod.Get, $"/admin/{list}")).Expect(200).Data);
            found.Add((list, said.StartsWith(expected, StringComparison.Ordinal) ? expected : said));
        }

        Assert.Equal(Wanted, found);
    }

    [Fact]
    public async Task What_was_given_back_is_said_with_what_was_paid()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();
        await api.Client.Post("/agent/tasks/survey/complete", token, Support.Catalogue.Completion);
        var run = (await api.Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input)).Expect(200).Data;
        var payment = run.GetProperty("payment").GetProperty("payment_id").GetString();
        await api.Client.Deposit("text-provider");
        (await api.Client.Admin(HttpMethod.Post, $"/admin/payments/{payment}/refund", """{"amount_cents":1,"reason":"The output was unusable"}""", ("Idempotency-Key", "back-1"))).Expect(200);

        var totals = (await api.Client.Admin(HttpMethod.Get, "/admin/payments?totals=true&agent_id=agent-1")).Expect(200).Data.GetProperty("totals");

        Assert.Equal((1, 1), (totals.GetProperty("count").GetInt32(), totals.GetProperty("refunded_cents").GetInt32()));
    }

    [Fact]
    public async Task Of_more_payments_than_can_be_added_up_they_are_not_known_until_fewer_days_are_asked_for()
    {
        await using var store = await Store.Open("memory");
        await using var api = await RunningApi.Start(store: store.Journal);
        await store.Journal.Write([.. Enumerable.Range(0, 10_001).Select(number => Rows.Paid(number, number == 0 ? 0 : Day, changed: ("session_id", "s-1")))], default);

        Assert.StartsWith("There are more than 10000 runs", Said((await api.Client.Admin(HttpMethod.Get, "/admin/payments?totals=true&session_id=s-1")).Expect(200).Data), StringComparison.Ordinal);
        Assert.Equal("1 25 0", Said((await api.Client.Admin(HttpMethod.Get, $"/admin/payments?totals=true&session_id=s-1&to={Rows.Time(Day)}")).Expect(200).Data));
        Assert.Equal("10001 250025 0", Said((await api.Client.Admin(HttpMethod.Get, "/admin/payments?totals=true&user_id=user-1")).Expect(200).Data));
    }

    private static string Said(JsonElement data)
    {
        var (totals, unknown) = (data.GetProperty("totals"), data.GetProperty("totals_unknown").GetString());
        if (totals.ValueKind == JsonValueKind.Null) return unknown ?? "not asked for";

        Assert.Null(unknown);
        return string.Join(' ', new[] { "count", "amount_cents", "refunded_cents" }.Select(member => totals.GetProperty(member).GetRawText()));
    }
}

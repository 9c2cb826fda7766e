using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Api.Tests.Tenants;

namespace Agora.Api.Tests.Lists;

/// <summary>Whoever has an id, a key, an amount or a name finds what it is of, in the own tenant.</summary>
public sealed class SearchTests
{
    public static TheoryData<string> Stores => Store.Names;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Everything_is_found_by_its_id_and_stands_where_the_hit_says(string name)
    {
        await using var store = await Store.Open(name);
        await using var api = await RunningApi.Start(store: store.Journal);
        var filled = await FilledTenant.Of(api);
        var refund = Text((await api.Client.Admin(HttpMethod.Get, $"/admin/payments/{filled.Ids["payment_id"]}")).Expect(200).Data.GetProperty("refunds")[0], "refund_id");
        var act = Text((await api.Client.Admin(HttpMethod.Get, "/admin/acts?limit=1")).Expect(200).Data.GetProperty("acts")[0], "act_id");

        var call = Text((await api.Client.Admin(HttpMethod.Get, "/admin/audit?operation=complete_task")).Expect(200).Data.GetProperty("entries")[0], "id");

        (string Id, string Kind)[] wanted =
        [
            (filled.Ids["payment_id"], "payment"), (filled.Ids["run_id"], "run"), (filled.WaitingRun, "approval"), (filled.Ids["session_id"], "session"), (filled.Ids["completion_id"], "completion"),
            (filled.Ids["consent_id"], "consent"), (refund, "refund"), (call, "call"), (act, "act"), ("user-1", "user"), ("agent-1", "agent"), ("agent-2", "agent"), ("summary", "service"), ("survey", "campaign"), ("agent:agent-1", "wallet"),
        ];
        foreach (var (id, kind) in wanted)
        {
            var first = (await Search(api, id))[0];
            Assert.Equal((id, kind, id, "id"), (id, Text(first, "kind"), Text(first, "id"), Text(first, "matched")));
            var there = (await api.Client.Admin(HttpMethod.Get, Text(first, "href"))).Expect(200);
            Assert.True(there.Data.GetRawText().Contains(kind == "consent" ? filled.Ids["completion_id"] : id, StringComparison.Ordinal), Text(first, "href"));
        }

        Assert.Equal(["wallet", "provider"], (await Search(api, "text-provider")).Select(hit => Text(hit, "kind")));
        Assert.Equal(["payment"], (await Search(api, filled.Ids["payment_id"].ToUpperInvariant())).Select(hit => Text(hit, "kind")));
        foreach (var id in wanted.Select(one => one.Id)) Assert.Empty((await api.Client.Get($"/admin/search?q={id}", RunningApi.SecondAdminKey)).Expect(200).Data.GetProperty("results").EnumerateArray());
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task What_a_key_began_is_found_by_the_key_whoever_sent_it_and_by_no_other_tenant(string name)
    {
        await using var store = await Store.Open(name);
        await using var api = await RunningApi.Start(store: store.Journal);
        await api.Client.Load();
        var (one, two) = (await api.Client.OpenSession(), await api.Client.OpenSession("user-2", "agent-2"));
        await api.Client.Complete(one);
        await api.Client.Complete(two);
        var runs = new List<string>();
        foreach (var token in new[] { one, two }) runs.Add(Text((await api.Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input, ("Idempotency-Key", "order-7"))).Expect(200).Data, "run_id"));

        var found = await Search(api, "order-7");
        Assert.Equal(runs.Order(), found.Select(hit => Text(hit, "id")).Order());
        Assert.All(found, hit => Assert.Equal(("run", "idempotency_key"), (Text(hit, "kind"), Text(hit, "matched"))));
        var fund = Assert.Single(await Search(api, "fund-1"));
        Assert.Equal(("act", "idempotency_key", "/admin/acts?target_id=survey&operation=fund_campaign"), (Text(fund, "kind"), Text(fund, "matched"), Text(fund, "href")));
        Assert.Empty(await Search(api, "order-"));
        Assert.Empty((await api.Client.Get("/admin/search?q=order-7", RunningApi.SecondAdminKey)).Expect(200).Data.GetProperty("results").EnumerateArray());
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_payment_is_found_by_its_amount_newest_first_and_by_its_transaction_and_an_agent_by_its_owner(string name)
    {
        await using var store = await Store.Open(name);
        await using var api = await RunningApi.Start(store: store.Journal);
        for (var i = 0; i < 3; i++) await store.Journal.Write([Rows.Paid(i, i, changed: [("amount_micros", 123_400L), ("tx_hash", i == 1 ? "0xabc1" : null)])], default);
        await store.Journal.Write([Rows.Paid(9, 9, "second", ("amount_micros", 123_400L), ("tx_hash", "0xabc1"))], default);
        await store.Journal.Write([Rows.Paid(4, 4, changed: [("amount_micros", 123_500L)])], default);
        (await api.Client.Admin(HttpMethod.Put, "/admin/agents/agent-7", """{"owner":"acme"}""")).Expect(200);

        Assert.Equal([2, 1, 0], (await Search(api, "12.34")).Select(hit => int.Parse(Text(hit, "id")[^2..], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal([("payment", "amount")], (await Search(api, "$0.1235")).Select(hit => (Text(hit, "kind"), Text(hit, "matched"))));
        Assert.Empty(await Search(api, "$12345678901234567890"));
        Assert.Empty(await Search(api, "$99999999999"));
        Assert.Equal([(Rows.PaymentId(1), "tx_hash")], (await Search(api, "0xabc1")).Select(hit => (Text(hit, "id"), Text(hit, "matched"))));
        Assert.Equal([("agent-7", "owner")], (await Search(api, "acme")).Select(hit => (Text(hit, "id"), Text(hit, "matched"))));
        Assert.Equal([2, 1, 0], (await api.Client.Admin(HttpMethod.Get, "/admin/payments?min_amount_cents=12.34&max_amount_cents=12.34")).Expect(200).Data.GetProperty("payments").EnumerateArray()
            .Select(payment => int.Parse(Text(payment, "payment_id")[^2..], System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Names_are_found_whole_first_then_from_their_beginning_and_ids_from_their_first_characters()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        foreach (var (id, called) in new[] { ("b", "The summarizer"), ("a", "Summarizer for two"), ("c", "Nothing of it") })
        {
            (await api.Client.Admin(HttpMethod.Put, $"/admin/services/{id}", Support.Catalogue.Service.Replace("Summarizer", called, StringComparison.Ordinal))).Expect(200);
        }

        Assert.Equal(["summary", "a", "b"], (await Search(api, "summarizer")).Select(hit => Text(hit, "id")));
        Assert.Equal([("survey", "name")], (await Search(api, "product%20SURVEY")).Select(hit => (Text(hit, "id"), Text(hit, "matched"))));
        Assert.Equal([("survey", "sponsor")], (await Search(api, "acme")).Select(hit => (Text(hit, "id"), Text(hit, "matched"))));
        foreach (var agent in new[] { "courier-1", "courier-12", "other-1" }) (await api.Client.Admin(HttpMethod.Put, $"/admin/agents/{agent}", """{"owner":null}""")).Expect(200);
        Assert.Equal([("courier-1", "id_prefix"), ("courier-12", "id_prefix")], (await Search(api, "cour")).Select(hit => (Text(hit, "id"), Text(hit, "matched"))));
        Assert.Equal([("courier-1", "id"), ("courier-12", "id_prefix")], (await Search(api, "courier-1")).Select(hit => (Text(hit, "id"), Text(hit, "matched"))));
        Assert.Empty(await Search(api, "co"));
    }

    [Fact]
    public async Task At_most_so_many_are_found_and_of_nothing_it_is_said_why()
    {
        await using var api = await RunningApi.Start();
        for (var i = 0; i < 25; i++) (await api.Client.Admin(HttpMethod.Put, $"/admin/users/many-{i}", """{"attributes":{}}""")).Expect(200);

        var found = (await api.Client.Admin(HttpMethod.Get, "/admin/search?q=many-")).Expect(200).Data;
        Assert.Equal((20, 20, JsonValueKind.Null), (found.GetProperty("results").GetArrayLength(), found.GetProperty("limit").GetInt32(), found.GetProperty("empty_because").ValueKind));
        Assert.Equal("many-2", Text((await Search(api, "many-2"))[0], "id"));

        found = (await api.Client.Admin(HttpMethod.Get, "/admin/search?q=nobody")).Expect(200).Data;
        Assert.Contains("Nothing", Text(found, "empty_because"), StringComparison.Ordinal);
    }

    private static async Task<List<JsonElement>> Search(RunningApi api, string text) => [.. (await api.Client.Admin(HttpMethod.Get, $"/admin/search?q={text}")).Expect(200).Data.GetProperty("results").EnumerateArray()];

    private static string Text(JsonElement item, string name) => item.GetProperty(name).GetString()!;
}

using System.Text.Json;
using Agora.Api.Metrics;
using Agora.Api.Tests.Support;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Testing.Payments;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Agora.Api.Tests.Runs;

/// <summary>Payments by x402 whose end nobody knows are listed over all payers, and an operator who has looked at the chain says how they ended: once.</summary>
public sealed class SettlementTests : IAsyncLifetime
{
    private const string Run = "/agent/services/summary/run";
    private const string Body = """{"input":{"text":"A long text."},"max_price_cents":25,"pay_with":"x402"}""";
    private static readonly string Hash = "0x" + new string('a', 64);
    private static readonly string Paid = $$"""{"outcome":"paid","tx_hash":"{{Hash}}","reason":"The explorer shows it"}""";
    private static readonly string NotPaid = """{"outcome":"not_paid","reason":"The nonce is unused"}""";
    private readonly TestPayer _payer = new();
    private readonly MovedTime _time = new();
    private HostileFacilitator _facilitator = null!;
    private Store? _store;
    private RunningApi _api = null!;
    private string _token = "", _payment = "";

    public async Task InitializeAsync() => _facilitator = await HostileFacilitator.Start();

    public async Task DisposeAsync()
    {
        await _api.DisposeAsync();
        await (_store?.DisposeAsync() ?? default);
        await _facilitator.DisposeAsync();
        _payer.Dispose();
    }

    public static TheoryData<string> Stores => Store.Names;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task What_is_being_settled_and_was_paid_is_delivered_and_what_was_said_stands(string store)
    {
        var run = await Settling(store);
        var shown = Assert.Single(await Settlements("?state=settling"));
        Assert.Equal((run, "user-1", "agent-1", _payer.Address, "25", "settling", null), (Text(shown, "run_id"), Text(shown, "user_id"), Text(shown, "agent_id"), Text(shown, "payer"), shown.GetProperty("amount_cents").ToString(), Text(shown, "state"), Text(shown, "ended_at")));
        Assert.Equal(_facilitator.Address.ToString(), Text((await _api.Client.Admin(HttpMethod.Get, "/admin/settlements")).Expect(200).Data, "facilitator"));

        var refused = (await Say(run, NotPaid)).Refused(503, Codes.Unavailable);
        Assert.InRange(refused.Error.GetProperty("retry_after_seconds").GetInt64(), 60, 400);
        for (var i = 0; i < 2; i++)
        {
            var said = (await Say(run, Paid)).Expect(200).Data;
            Assert.Equal(("settled", Hash, true), (Text(said, "state"), Text(said, "tx_hash"), said.GetProperty("by_hand").GetBoolean()));
        }

        foreach (var other in new[] { NotPaid, Paid.Replace("aaaa", "bbbb", StringComparison.Ordinal) })
        {
            var decided = (await Say(run, other)).Refused(409, Codes.RunDecided);
            Assert.Equal("settled", Text(decided.Error.GetProperty("details"), "state"));
        }

        await Woken(run);
        var delivered = (await _api.Client.Send(HttpMethod.Get, $"/agent/runs/{run}", _token, null, ("Prefer", "wait=10"))).Expect(200);
        Assert.Equal("succeeded", Text(delivered.Data, "state"));
        Assert.Equal(("x402", 25), (Text(delivered.Data.GetProperty("payment"), "source"), delivered.Data.GetProperty("payment").GetProperty("amount_cents").GetInt32()));
        Assert.Equal(("25", "0"), await Wallet("entered_cents", "unresolved_cents"));
        var act = Assert.Single((await _api.Client.Admin(HttpMethod.Get, "/admin/acts?operation=settle_by_hand")).Expect(200).Data.GetProperty("acts").EnumerateArray());
        Assert.Equal((run, "The explorer shows it"), (Text(act, "target_id"), Text(act, "reason")));
        Assert.Equal("0", (await _api.Client.Admin(HttpMethod.Get, "/admin/ledger/trial-balance")).Expect(200).Data.GetProperty("sum_cents").ToString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_unresolved_is_its_payers_here_if_it_was_paid_and_nothing_if_it_was_not(bool paid)
    {
        var run = await Settling("memory");
        _time.Move(TimeSpan.FromMinutes(10));
        await Until(run, "unresolved");
        Assert.Equal(("0", "25"), await Wallet("entered_cents", "unresolved_cents"));
        Assert.Equal([run], (await Settlements("?state=unresolved")).Select(s => Text(s, "run_id")));
        Assert.Equal(("1", "25"), await Measured());

        // Asked again by its key, or by its payment under another, it is refused as it was: 200 would say that it was done.
        (await _api.Client.Send(HttpMethod.Get, $"/agent/runs/{run}", _token, null, ("Prefer", "wait=10"))).Expect(200);
        foreach (var key in new[] { "k1", "k2" })
        {
            var again = (await _api.Client.Post(Run, _token, Body, ("PAYMENT-SIGNATURE", _payment), ("Idempotency-Key", key))).Refused(504, Codes.UpstreamTimeout);
            Assert.Equal((run, "true"), (Text(again.Error.GetProperty("details"), "run_id"), again.Header("Idempotent-Replayed")));
        }

        for (var i = 0; i < 2; i++) Assert.Equal(paid ? "settled" : "refused", Text((await Say(run, paid ? Paid : NotPaid)).Expect(200).Data, "state"));
        (await Say(run, paid ? NotPaid : Paid)).Refused(409, Codes.RunDecided);

        Assert.Equal((paid ? "25" : "0", "0"), await Wallet("balance_cents", "unresolved_cents"));
        Assert.Equal(paid ? [$"x402 25 {run}"] : [], (await _api.Client.Admin(HttpMethod.Get, $"{WalletPath}/statement")).Expect(200).Data.GetProperty("entries").EnumerateArray()
            .Select(e => $"{Text(e, "kind")} {e.GetProperty("amount_cents")} {Text(e, "reference")}"));
        Assert.Equal("failed", Text((await _api.Client.Send(HttpMethod.Get, $"/agent/runs/{run}", _token, null, ("Prefer", "wait=10"))).Expect(200).Data, "state"));
        Assert.Equal("0", (await _api.Client.Admin(HttpMethod.Get, "/admin/ledger/trial-balance")).Expect(200).Data.GetProperty("sum_cents").ToString());
        Assert.Empty(await Settlements("?state=unresolved"));
        Assert.Equal(("0", "0"), await Measured());
    }

    [Fact]
    public async Task Filters_forms_and_tenants_are_those_of_every_list_and_what_is_wrong_changes_nothing()
    {
        var run = await Settling("memory");
        var session = Text(Assert.Single(await Settlements("")), "session_id");
        foreach (var (query, count) in new[] { ($"?run_id={run}", 1), ($"?session_id={session}", 1), ($"?wallet_id={WalletPath["/admin/wallets/".Length..]}", 1), ("?session_id=other", 0), ("?state=refused", 0), ("?min_amount_cents=26", 0), ("?to=2020-01-01T00:00:00Z", 0) })
        {
            Assert.Equal((query, count), (query, (await Settlements(query)).Count));
        }

        Assert.Contains(_payer.Address, await _api.Client.Text("/admin/settlements", RunningApi.AdminKey, "text/csv"), StringComparison.Ordinal);
        Assert.Empty((await _api.Client.Get("/admin/settlements", RunningApi.SecondAdminKey)).Expect(200).Data.GetProperty("settlements").EnumerateArray());
        (await _api.Client.Post($"/admin/settlements/{run}/settle", RunningApi.SecondAdminKey, Paid)).Refused(404, Codes.NotFound);
        Assert.Equal("list_settlements", (await Say(Guid.NewGuid().ToString(), Paid)).Refused(404, Codes.NotFound).ActionNames[0]);
        (string Body, string Path)[] wrong =
        [
            ("""{"outcome":"paid","reason":"r"}""", "/tx_hash"), ("""{"outcome":"paid","tx_hash":"0xab","reason":"r"}""", "/tx_hash"), ($$"""{"outcome":"not_paid","tx_hash":"{{Hash}}","reason":"r"}""", "/tx_hash"),
            ("""{"outcome":"maybe","reason":"r"}""", "/outcome"), ("""{"outcome":"not_paid"}""", "/reason"), ("""{"outcome":"not_paid","reason":"r","amount_cents":5}""", "/amount_cents"),
        ];
        foreach (var (body, path) in wrong) Assert.Equal(path, Text((await Say(run, body)).Refused(422, Codes.ValidationFailed).Error.GetProperty("details")[0], "path"));
        Assert.Equal("settling", Text(Assert.Single(await Settlements("")), "state"));
        (await Say(run, Paid)).Expect(200);
        await Woken(run);
        (await _api.Client.Send(HttpMethod.Get, $"/agent/runs/{run}", _token, null, ("Prefer", "wait=10"))).Expect(200); // what is under way would be waited for at the end
    }

    /// <summary>The payer's wallet forgets a payment that has its end when the next one comes a day later.</summary>
    [Fact]
    public async Task What_was_said_stands_when_its_wallet_has_forgotten_the_payment()
    {
        var run = await Settling("memory");
        (await Say(run, Paid)).Expect(200);
        await Delivered(run);
        _time.Move(TimeSpan.FromDays(2));
        _token = await _api.Client.OpenSession(budgetCents: "1000");
        var payment = TestPayer.Header(_payer.Pay(RunningApi.Terms.For(250_000)!, _time.GetUtcNow(), nonce: 2));
        var next = Text((await _api.Client.Post(Run, _token, Body, ("PAYMENT-SIGNATURE", payment), ("Idempotency-Key", "k2"), ("Prefer", "respond-async"))).Expect(202).Data, "run_id")!;
        await Until(next, "settling");

        Assert.Equal(("settled", Hash), (Text((await Say(run, Paid)).Expect(200).Data, "state"), Text((await Say(run, Paid)).Expect(200).Data, "tx_hash")));
        foreach (var other in new[] { NotPaid, Paid.Replace("aaaa", "bbbb", StringComparison.Ordinal) })
        {
            Assert.Equal((Hash, "settled"), (Text((await Say(run, other)).Refused(409, Codes.RunDecided).Error.GetProperty("details"), "tx_hash"), Text((await Say(run, other)).Refused(409, Codes.RunDecided).Error.GetProperty("details"), "state")));
        }

        Assert.Equal(("25", "0"), await Wallet("entered_cents", "unresolved_cents"));
        Assert.Equal(run, Text((await Say(next, Paid)).Refused(409, Codes.RunDecided).Error.GetProperty("details"), "run_id")); // one transaction settles one payment
        Assert.Equal(("25", "0"), await Wallet("entered_cents", "unresolved_cents"));
        (await Say(next, Paid.Replace("aaaa", "bbbb", StringComparison.Ordinal))).Expect(200);
        await Delivered(next); // what is under way would be waited for at the end
    }

    [Fact]
    public async Task Why_it_was_said_is_gone_with_the_data_of_the_user_whose_run_it_was()
    {
        var run = await Settling("memory");
        (await Say(run, Paid)).Expect(200);
        await Delivered(run);
        Assert.Equal("The explorer shows it", await Why());

        (await _api.Client.Admin(HttpMethod.Delete, "/admin/users/user-1/personal-data")).Expect(200);

        Assert.Null(await Why());

        async Task<string?> Why() => Text(Assert.Single((await _api.Client.Admin(HttpMethod.Get, "/admin/acts?operation=settle_by_hand")).Expect(200).Data.GetProperty("acts").EnumerateArray()), "reason");
    }

    private string WalletPath => $"/admin/wallets/x402:{RunningApi.Terms.Network}:{_payer.Address}";

    private static string? Text(JsonElement thing, string name) => thing.GetProperty(name).GetString();

    /// <summary>A run that has its output, and whose payment the facilitator says nothing of that can be read.</summary>
    private async Task<string> Settling(string store)
    {
        _store = store == "memory" ? null : await Store.Open(store);
        _api = await RunningApi.Start(facilitator: _facilitator.Address, store: _store?.Journal, time: _time);
        await _api.Client.Load();
        _token = await _api.Client.OpenSession(budgetCents: "1000");
        _facilitator.Next("/settle", [.. Enumerable.Repeat(FacilitatorConduct.StaysOpen, 1_000)]);
        _payment = TestPayer.Header(_payer.Pay(RunningApi.Terms.For(250_000)!, _time.GetUtcNow()));
        var run = Text((await _api.Client.Post(Run, _token, Body, ("PAYMENT-SIGNATURE", _payment), ("Idempotency-Key", "k1"), ("Prefer", "respond-async"))).Expect(202).Data, "run_id")!;
        await Until(run, "settling");
        return run;
    }

    private async Task Until(string run, string state)
    {
        for (var since = DateTime.UtcNow; (await Settlements($"?state={state}")).Count == 0; await Woken(run)) Assert.True(DateTime.UtcNow - since < TimeSpan.FromSeconds(20), $"It is not {state}.");
    }

    /// <summary>As its alarm does.</summary>
    private async Task Woken(string run)
    {
        if (await Settlements($"?run_id={run}") is [var one])
        {
            await ((Entities)_api.Services.GetRequiredService<IEntities>()).Wake(StreamId.Parse($"default/session/{Text(one, "session_id")}"), Guid.CreateVersion7(_time.GetUtcNow()));
        }
    }

    private async Task Delivered(string run)
    {
        await Woken(run);
        Assert.Equal("succeeded", Text((await _api.Client.Send(HttpMethod.Get, $"/agent/runs/{run}", _token, null, ("Prefer", "wait=10"))).Expect(200).Data, "state"));
    }

    private Task<Received> Say(string run, string body) => _api.Client.Admin(HttpMethod.Post, $"/admin/settlements/{run}/settle", body);

    private async Task<List<JsonElement>> Settlements(string query) => [.. (await _api.Client.Admin(HttpMethod.Get, $"/admin/settlements{query}")).Expect(200).Data.GetProperty("settlements").EnumerateArray()];

    /// <summary>Other tests' servers measure in this process too, and have none.</summary>
    private async Task<(string Count, string Cents)> Measured()
    {
        await _api.Services.GetServices<IHostedService>().OfType<UnresolvedPayments>().Single().LookUp(default);
        var lines = (await _api.Client.Text("/metrics")).Split('\n');
        return (Most("agora_settlements_unresolved "), Most("agora_settlements_unresolved_cents "));

        string Most(string name) => lines.Where(line => line.StartsWith(name, StringComparison.Ordinal)).Select(line => line[name.Length..]).Max(StringComparer.Ordinal)!;
    }

    private async Task<(string, string)> Wallet(string first, string second)
    {
        var data = (await _api.Client.Admin(HttpMethod.Get, WalletPath)).Expect(200).Data;
        return (data.GetProperty(first).ToString(), data.GetProperty(second).ToString());
    }
}

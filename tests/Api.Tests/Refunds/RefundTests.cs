using System.Text.Json;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Refunds;

public sealed class RefundTests
{
    private const string Run = "/agent/services/summary/run";

    [Fact]
    public async Task A_run_that_a_wallet_paid_is_given_back_in_parts_and_everyone_sees_it()
    {
        await using var api = await RunningApi.Start(feeBasisPoints: 1_000);
        var (token, run) = await Paid(api);
        var payment = run.GetProperty("payment").GetProperty("payment_id").GetString()!;

        var part = (await Refund(api, payment, """{"amount_cents":10,"reason":"Half of it was unusable"}""", "k1")).Expect(200).Data;

        Assert.Equal("partly_refunded 10 15", Texts(part, "status", "refunded_cents", "left_cents"));
        Assert.Equal("10 1 posted operator:tests", Texts(part.GetProperty("refund"), "amount_cents", "fee_cents", "state", "actor"));
        var seen = (await api.Client.Get($"/agent/runs/{run.GetProperty("run_id").GetString()}", token)).Expect(200).Data.GetProperty("payment");
        Assert.Equal("partly_refunded 25 10", Texts(seen, "status", "amount_cents", "refunded_cents"));

        var rest = (await Refund(api, payment, """{"reason":"So was the rest"}""", "k2")).Expect(200).Data;

        Assert.Equal("refunded 25 0", Texts(rest, "status", "refunded_cents", "left_cents"));
        Assert.Equal("15 1.5", Texts(rest.GetProperty("refund"), "amount_cents", "fee_cents"));
        var whole = (await api.Client.Admin(HttpMethod.Get, $"/admin/payments/{payment}")).Expect(200).Data;
        Assert.Equal(["15 So was the rest", "10 Half of it was unusable"], whole.GetProperty("refunds").EnumerateArray().Select(r => Texts(r, "amount_cents", "reason")));
        Assert.Equal("refunded 25 25", Texts(whole.GetProperty("payment"), "status", "amount_cents", "refunded_cents"));
        var listed = (await api.Client.Admin(HttpMethod.Get, "/admin/payments")).Expect(200).Data.GetProperty("payments")[0];
        Assert.Equal(whole.GetProperty("payment").ToString(), listed.ToString());
        Assert.Equal("0", Texts((await api.Client.Admin(HttpMethod.Get, "/admin/ledger/trial-balance")).Expect(200).Data, "sum_cents"));
    }

    [Fact]
    public async Task The_same_key_again_gives_the_same_refund_back_and_moves_nothing()
    {
        await using var api = await RunningApi.Start();
        var (_, run) = await Paid(api);
        var payment = run.GetProperty("payment").GetProperty("payment_id").GetString()!;
        var first = (await Refund(api, payment, """{"amount_cents":10,"reason":"r"}""", "k1")).Expect(200);

        var again = (await Refund(api, payment, """{"amount_cents":10,"reason":"r"}""", "k1")).Expect(200);

        Assert.Equal(("true", first.Data.ToString()), (again.Header("Idempotent-Replayed"), again.Data.ToString()));
        Assert.Equal(1, (await api.Client.Admin(HttpMethod.Get, $"/admin/payments/{payment}")).Expect(200).Data.GetProperty("refunds_count").GetInt32());
        (await Refund(api, payment, """{"amount_cents":11,"reason":"r"}""", "k1")).Refused(409, "idempotency_conflict");
    }

    [Fact]
    public async Task More_than_is_left_is_validation_failed_and_what_is_back_already_is_duplicate_request()
    {
        await using var api = await RunningApi.Start();
        var (_, run) = await Paid(api);
        var payment = run.GetProperty("payment").GetProperty("payment_id").GetString()!;
        (await Refund(api, payment, """{"amount_cents":10,"reason":"r"}""", "k1")).Expect(200);

        var beyond = (await Refund(api, payment, """{"amount_cents":15.0001,"reason":"r"}""", "k2")).Refused(422, "validation_failed");
        Assert.StartsWith("15 cents", beyond.Error.GetProperty("details")[0].GetProperty("message").GetString(), StringComparison.Ordinal);
        (await Refund(api, payment, """{"reason":"r"}""", "k2")).Expect(200);

        var twice = (await Refund(api, payment, """{"reason":"r"}""", "k3")).Refused(409, "duplicate_request");
        Assert.Equal("refunded 25", Texts(twice.Error.GetProperty("details"), "status", "refunded_cents"));
    }

    [Fact]
    public async Task A_free_run_has_nothing_to_give_back_validation_failed()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/summary", Support.Catalogue.Service.Replace("\"price_cents\":25", "\"price_cents\":0", StringComparison.Ordinal))).Expect(200);
        var run = (await api.Client.Post(Run, await api.Client.OpenSession(), Support.Catalogue.Input)).Expect(200).Data;

        (await Refund(api, run.GetProperty("payment").GetProperty("payment_id").GetString()!, """{"reason":"r"}""", "k1")).Refused(422, "validation_failed");
    }

    [Fact]
    public async Task A_sponsored_run_is_given_back_to_its_campaign()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        (await Deposit(api, "text-provider", "100")).Expect(200);
        var token = await api.Client.OpenSession();
        await api.Client.Complete(token);
        var run = (await api.Client.Post(Run, token, Support.Catalogue.Input)).Expect(200).Data;

        var back = (await Refund(api, run.GetProperty("payment").GetProperty("payment_id").GetString()!, """{"reason":"r"}""", "k1")).Expect(200).Data;

        Assert.Equal("refunded 25 0", Texts(back, "status", "refunded_cents", "left_cents"));
        Assert.Equal("0", Texts((await api.Client.Admin(HttpMethod.Get, "/admin/ledger/trial-balance")).Expect(200).Data, "sum_cents"));
    }

    private static Task<Received> Refund(RunningApi api, string payment, string body, string key) =>
        api.Client.Admin(HttpMethod.Post, $"/admin/payments/{payment}/refund", body, ("Idempotency-Key", key));

    /// <summary>A run of 25 cents that the agent's wallet has paid; provider and platform have enough to give it back.</summary>
    private static async Task<(string Token, JsonElement Run)> Paid(RunningApi api)
    {
        await api.Client.Load();
        (await Deposit(api, "agent:agent-1", "100")).Expect(200);
        (await Deposit(api, "text-provider", "100")).Expect(200);
        (await Deposit(api, "fee", "100")).Expect(200);
        var token = await api.Client.OpenSession();
        var run = (await api.Client.Post(Run, token, """{"input":{"text":"A long text."},"pay_with":"wallet","max_price_cents":25}""")).Expect(200).Data;
        return (token, run);
    }

    private static Task<Received> Deposit(RunningApi api, string wallet, string cents) =>
        api.Client.Admin(HttpMethod.Post, $"/admin/wallets/{wallet}/deposit", $$"""{"amount_cents":{{cents}}}""", ("Idempotency-Key", $"deposit-{wallet}"));

    private static string Texts(JsonElement data, params IEnumerable<string> names) => string.Join(' ', names.Select(n => data.GetProperty(n).ToString()));
}

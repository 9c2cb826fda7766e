using System.Text;
using System.Text.Json.Nodes;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Testing;
using Agora.Testing.Payments;
using Agora.X402;
using Microsoft.Extensions.DependencyInjection;
using TableReader = Agora.Application.Reading.TableReader;

namespace Agora.Api.Tests.Runs;

/// <summary>A run is paid by x402: asked for, paid, delivered once, whatever the facilitator does and however often the payment comes.</summary>
public sealed class X402Tests : IAsyncLifetime
{
    private const string Run = "/agent/services/summary/run";
    private const string Body = """{"input":{"text":"A long text."},"max_price_cents":25,"pay_with":"x402"}""";
    private static readonly PaymentRequirements Price = RunningApi.Terms.For(250_000)!;
    private readonly TestPayer _payer = new();
    private HostileFacilitator _facilitator = null!;
    private RunningApi _api = null!;
    private string _token = "";

    public async Task InitializeAsync()
    {
        _facilitator = await HostileFacilitator.Start();
        _api = await RunningApi.Start(facilitator: _facilitator.Address);
        await _api.Client.Load();
        _token = await _api.Client.OpenSession(budgetCents: "1000");
    }

    public async Task DisposeAsync()
    {
        await _api.DisposeAsync();
        await _facilitator.DisposeAsync();
        _payer.Dispose();
    }

    private string Wallet => $"/admin/wallets/x402:{RunningApi.Terms.Network}:{_payer.Address}";

    [Fact]
    public async Task A_run_is_asked_to_be_paid_then_paid_and_delivered()
    {
        var asked = (await _api.Client.Post(Run, _token, Body)).Refused(402, "payment_required");
        var required = Decoded(asked, "PAYMENT-REQUIRED");
        Assert.Equal(2, (int)required["x402Version"]!);
        Assert.Equal("250000", (string?)required["accepts"]![0]!["amount"]);
        Assert.EndsWith(Run, (string)required["resource"]!["url"]!, StringComparison.Ordinal);
        Assert.Equal("no-store", asked.Headers.CacheControl!.ToString());
        Assert.Equal(1, asked.Json.GetProperty("x402Version").GetInt32());
        Assert.Equal("250000", asked.Json.GetProperty("accepts")[0].GetProperty("maxAmountRequired").GetString());

        var paid = (await Pay(Payment())).Expect(200);

        var payment = paid.Data.GetProperty("payment");
        Assert.Equal(("x402", 25), (payment.GetProperty("source").GetString(), payment.GetProperty("amount_cents").GetInt32()));
        Assert.Equal(("wallet", Wallet["/admin/wallets/".Length..]), (payment.GetProperty("paid_by").GetProperty("kind").GetString(), payment.GetProperty("paid_by").GetProperty("id").GetString()));
        var settled = Decoded(paid, "PAYMENT-RESPONSE");
        Assert.True((bool)settled["success"]!);
        Assert.Equal("250000", (string?)settled["amount"]);
        Assert.Equal(1, _facilitator.Transfers);
        var wallet = await LookedAt();
        for (var since = DateTimeOffset.UtcNow; wallet.Balance != "0" && DateTimeOffset.UtcNow - since < TimeSpan.FromSeconds(10);) wallet = await LookedAt(); // The answer does not wait for the posting.
        Assert.Equal(("25", "0"), wallet);
        Assert.Equal("25", Spent(paid));
        var row = await _api.Services.GetRequiredService<TableReader>().In(Tenant.Default).One(RunTables.Runs, default, TableReader.Is("payment_id", payment.GetProperty("payment_id").GetString()!));
        Assert.Equal((string?)settled["transaction"], row!.Value.Text("tx_hash"));

        async Task<(string Entered, string Balance)> LookedAt()
        {
            var data = (await _api.Client.Admin(HttpMethod.Get, Wallet)).Expect(200).Data;
            return (data.GetProperty("entered_cents").ToString(), data.GetProperty("balance_cents").ToString());
        }
    }

    [Fact]
    public async Task Version_1_pays_by_X_PAYMENT_and_is_answered_in_its_own_header()
    {
        var paid = (await Pay(Payment(version: 1), header: "X-PAYMENT")).Expect(200);
        Assert.Equal("base-sepolia", (string?)Decoded(paid, "X-PAYMENT-RESPONSE")["network"]);
        Assert.Null(paid.Header("PAYMENT-RESPONSE"));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("k1", "k1")]
    [InlineData("k1", null)]
    [InlineData(null, "k1")]
    [InlineData("k1", "k2")]
    public async Task A_lost_200_is_had_again_with_the_same_payment_and_nothing_is_charged_or_run_twice(string? first, string? second)
    {
        var calls = 0;
        _api.Service.Answers = call =>
        {
            calls++;
            return PlayedService.Says("""{"summary":"Short."}""")(call);
        };
        var payment = Payment();
        var lost = (await Pay(payment, key: first)).Expect(200);

        var again = (await Pay(payment, key: second)).Expect(200);

        Assert.Equal("true", again.Header("Idempotent-Replayed"));
        Assert.Equal(lost.Header("PAYMENT-RESPONSE"), again.Header("PAYMENT-RESPONSE"));
        Assert.Equal(lost.Data.GetProperty("run_id").GetString(), again.Data.GetProperty("run_id").GetString());
        Assert.Equal(lost.Data.GetProperty("output").ToString(), again.Data.GetProperty("output").ToString());
        Assert.Equal((1, 1, "25"), (calls, _facilitator.Transfers, Spent(again)));
    }

    [Fact]
    public async Task A_key_without_the_payment_has_the_outcome_too()
    {
        var lost = (await Pay(Payment(), key: "k1")).Expect(200);
        var again = (await _api.Client.Post(Run, _token, Body, ("Idempotency-Key", "k1"))).Expect(200);
        Assert.Equal(("true", lost.Header("PAYMENT-RESPONSE")), (again.Header("Idempotent-Replayed"), again.Header("PAYMENT-RESPONSE")));
    }

    [Fact]
    public async Task Two_requests_at_once_with_one_payment_deliver_once()
    {
        var release = new TaskCompletionSource();
        var calls = 0;
        _api.Service.Answers = async call =>
        {
            Interlocked.Increment(ref calls);
            await release.Task;
            return await PlayedService.Says("""{"summary":"Short."}""")(call);
        };
        var payment = Payment();

        var (first, second) = (Pay(payment), Pay(payment));
        var loser = await (await Task.WhenAny(first, second));
        release.SetResult();
        var winner = (await (loser == await first ? second : first)).Expect(200);

        Assert.Contains(loser.Status, (int[])[202, 409]);
        Assert.Equal((1, 1), (calls, _facilitator.Transfers));
        Assert.Equal(winner.Data.GetProperty("run_id").GetString(), (await Pay(payment)).Expect(200).Data.GetProperty("run_id").GetString());
    }

    /// <summary>The wallet holds it for a run that its session never got to write.</summary>
    [Fact]
    public async Task A_payment_whose_run_was_lost_before_it_was_durable_is_in_flight_until_its_wallet_lets_it_go()
    {
        var store = new Forgetful(new MemoryJournal(TimeProvider.System), "default/session/", says: "session.run_requested");
        await using var api = await RunningApi.Start(facilitator: _facilitator.Address, store: store);
        await api.Client.Load();
        var token = await api.Client.OpenSession(budgetCents: "1000");
        var header = TestPayer.Header(Payment());
        // The wallet is in memory from here on: Orleans keeps no order of the messages that bring an entity to life, and the repeat's reserve would come first.
        (await api.Client.Post(Run, token, Body.Replace("long", "short", StringComparison.Ordinal), ("PAYMENT-SIGNATURE", TestPayer.Header(Payment(nonce: 2))))).Expect(200);
        store.Loses = 1;

        (await api.Client.Post(Run, token, Body, ("PAYMENT-SIGNATURE", header))).Refused(409, "idempotency_in_flight");
        Assert.Equal(0, store.Loses);

        (await api.Client.Post(Run, token, Body, ("PAYMENT-SIGNATURE", header))).Refused(409, "idempotency_in_flight");
        Assert.Equal(1, _facilitator.Transfers);
    }

    /// <summary>The run came to nothing, and its payment's wallet has not heard of that yet: 200 would say that it was done.</summary>
    [Theory]
    [InlineData(503, "unavailable")]
    [InlineData(502, "upstream_failed")]
    public async Task A_payment_whose_run_came_to_nothing_is_in_flight_until_its_wallet_lets_it_go_and_pays_the_next_try(int status, string code)
    {
        var store = new Forgetful(new MemoryJournal(TimeProvider.System), "default/wallet/x402:", says: "wallet.hold_voided");
        await using var api = await RunningApi.Start(facilitator: _facilitator.Address, store: store);
        await api.Client.Load();
        var token = await api.Client.OpenSession(budgetCents: "1000");
        var header = TestPayer.Header(Payment());
        api.Service.Answers = call =>
        {
            store.Loses = int.MaxValue;
            return status == 503 ? Task.FromResult<StepOutcome>(new ServiceOutcome.NotCalled()) : PlayedService.Fails(code)(call);
        };

        (await Pay("k1")).Refused(status, code);
        foreach (var key in new[] { "k1", "k2" }) (await PayUntil(key, 503)).Refused(409, "idempotency_in_flight");

        api.Service.Answers = PlayedService.Says("""{"summary":"Short."}""");
        store.Loses = 0;
        var paid = (await PayUntil("k3", 409)).Expect(200);
        Assert.Equal(("succeeded", 1), (paid.Data.GetProperty("state").GetString(), _facilitator.Transfers));

        Task<Received> Pay(string key) => api.Client.Post(Run, token, Body, ("PAYMENT-SIGNATURE", header), ("Idempotency-Key", key));

        async Task<Received> PayUntil(string key, int not)
        {
            for (var since = DateTimeOffset.UtcNow; ; await Task.Delay(50))
            {
                var reply = await Pay(key);
                if ((reply.Status != not && reply.Status != 503) || DateTimeOffset.UtcNow - since > TimeSpan.FromSeconds(60)) return reply;
            }
        }
    }

    [Fact]
    public async Task The_same_payment_with_another_request_and_in_another_session_is_idempotency_conflict()
    {
        var payment = Payment();
        (await Pay(payment)).Expect(200);
        (await Pay(payment, Body.Replace("long", "short", StringComparison.Ordinal))).Refused(409, "idempotency_conflict");
        (await Pay(payment, token: await _api.Client.OpenSession("user-2"))).Refused(409, "idempotency_conflict");
        Assert.Equal(1, _facilitator.Transfers);
    }

    [Fact]
    public async Task A_payment_identifier_is_of_one_payment()
    {
        const string Id = "pay_7d5d747be160e280504c099d984bcfe0";
        var payment = Payment(paymentId: Id); // made once: another second would make it another payment
        var lost = (await Pay(payment)).Expect(200);
        (await Pay(Payment(nonce: 2, paymentId: Id))).Refused(409, "idempotency_conflict");
        Assert.Equal(lost.Data.GetProperty("run_id").GetString(), (await Pay(payment)).Expect(200).Data.GetProperty("run_id").GetString());
        (await Pay(Payment(nonce: 2))).Expect(200);
        Assert.Equal(2, _facilitator.Transfers);
    }

    /// <summary>Whatever it does at /settle, having moved the money: one charge, one delivery, and the same again when asked again.</summary>
    [Theory]
    [InlineData(FacilitatorConduct.BadGatewayAfterActing)]
    [InlineData(FacilitatorConduct.ClosesAfterActing)]
    [InlineData(FacilitatorConduct.AnswersTwice)]
    [InlineData(FacilitatorConduct.RepeatsSuccess)]
    [InlineData(FacilitatorConduct.LiesAboutAmount)]
    [InlineData(FacilitatorConduct.LiesAboutPayer)]
    [InlineData(FacilitatorConduct.LiesAboutNetwork)]
    [InlineData(FacilitatorConduct.HugeBody)]
    [InlineData(FacilitatorConduct.NotJson)]
    [InlineData(FacilitatorConduct.BadGatewayWithoutActing)]
    [InlineData(FacilitatorConduct.ClosesWithoutActing)]
    [InlineData(FacilitatorConduct.ServerError)]
    public async Task A_hostile_facilitator_leads_to_one_charge_and_one_delivery(FacilitatorConduct conduct)
    {
        _facilitator.Next("/settle", conduct);
        var payment = Payment();

        var paid = (await Pay(payment)).Expect(200);
        (await Pay(payment)).Expect(200);

        Assert.True((bool)Decoded(paid, "PAYMENT-RESPONSE")["success"]!);
        Assert.Equal(1, _facilitator.Transfers);
        Assert.Equal(("25", "25"), (Spent(paid), (await _api.Client.Admin(HttpMethod.Get, Wallet)).Expect(200).Data.GetProperty("entered_cents").ToString()));
    }

    [Fact]
    public async Task A_facilitator_that_says_nothing_after_settling_leads_to_one_charge_and_one_delivery()
    {
        _facilitator.Next("/settle", FacilitatorConduct.SilentAfterActing);
        var payment = Payment();
        var accepted = Pay(payment, headers: ("Prefer", "respond-async"));
        await _facilitator.Silence();
        _facilitator.Release();

        (await accepted).Expect(202);

        Assert.Equal((200, 1), ((await Eventually(payment)).Status, _facilitator.Transfers));
    }

    [Fact]
    public async Task A_payment_that_is_refused_when_it_is_settled_delivers_nothing_and_costs_nothing()
    {
        _facilitator.Next("/settle", FacilitatorConduct.Refuses);
        var payment = Payment();

        var refused = (await Pay(payment)).Refused(402, "payment_required");

        Assert.DoesNotContain("Short.", refused.Json.ToString(), StringComparison.Ordinal);
        Assert.False((bool)Decoded(refused, "PAYMENT-RESPONSE")["success"]!);
        Assert.NotNull(refused.Header("PAYMENT-REQUIRED"));
        Assert.Equal(0, _facilitator.Transfers);
        Assert.Equal("25", Spent((await Pay(payment)).Expect(200))); // it may be settled after all, for a run of its own
    }

    [Fact]
    public async Task A_payment_that_is_not_valid_is_payment_required_and_nothing_is_called()
    {
        _facilitator.Next("/verify", FacilitatorConduct.Refuses);
        _api.Service.Answers = _ => throw new InvalidOperationException("The service was called.");
        var refused = (await Pay(Payment())).Refused(402, "payment_required");
        Assert.Equal("invalid_exact_evm_insufficient_balance", (string?)Decoded(refused, "PAYMENT-REQUIRED")["error"]);
        Assert.Equal((0, 0), (_facilitator.Settles, _facilitator.Transfers));
    }

    [Fact]
    public async Task A_payment_of_a_service_that_fails_is_not_settled_and_pays_the_next_try()
    {
        _api.Service.Answers = PlayedService.Fails("upstream_failed");
        var payment = Payment();
        (await Pay(payment)).Refused(502, "upstream_failed");
        Assert.Equal(0, _facilitator.Settles);
        _api.Service.Answers = PlayedService.Says("""{"summary":"Short."}""");
        (await Pay(payment)).Expect(200);
        Assert.Equal(1, _facilitator.Transfers);
    }

    [Theory]
    [InlineData(FacilitatorConduct.ServerError)]
    [InlineData(FacilitatorConduct.NotJson)]
    [InlineData(FacilitatorConduct.LiesAboutPayer)]
    public async Task A_facilitator_that_cannot_verify_is_unavailable_and_nothing_is_called(FacilitatorConduct conduct)
    {
        _facilitator.Next("/verify", conduct, conduct, conduct);
        (await Pay(Payment())).Refused(503, "unavailable");
        Assert.Equal((0, 0), (_facilitator.Settles, _facilitator.Transfers));
    }

    [Fact]
    public async Task A_facilitator_that_is_down_is_unavailable_and_nothing_changes()
    {
        await _facilitator.DisposeAsync();
        var refused = (await Pay(Payment())).Refused(503, "unavailable");
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal("0", (await _api.Client.Get("/agent/flow/status", _token)).Expect(200).Data.GetProperty("budget").GetProperty("spent_cents").ToString());
    }

    /// <summary>Each: its code, nothing changed, and the facilitator is not even asked.</summary>
    public static TheoryData<string, Func<JsonObject, TestPayer, string>, int, string> Wrong => new()
    {
        { "not base64", (_, _) => "%%%", 400, "malformed_request" },
        { "base64 of no JSON", (_, _) => Convert.ToBase64String("hello"u8), 400, "malformed_request" },
        { "a member twice", (_, _) => Convert.ToBase64String("{\"x402Version\":2,\"x402Version\":2}"u8), 400, "malformed_request" },
        { "too long", (_, _) => Convert.ToBase64String(new byte[13_000]), 400, "malformed_request" },
        { "another version", (p, _) => With(p, "x402Version", 1), 400, "malformed_request" },
        { "another network", (p, _) => With(p, "accepted.network", "eip155:1"), 402, "payment_required" },
        { "another asset", (p, _) => With(p, "accepted.asset", $"0x{new string('1', 40)}"), 402, "payment_required" },
        { "another scheme", (p, _) => With(p, "accepted.scheme", "upto"), 402, "payment_required" },
        { "another payee", (p, _) => With(p, "payload.authorization.to", $"0x{new string('1', 40)}"), 402, "payment_required" },
        { "too little", (_, payer) => TestPayer.Header(payer.Pay(Price with { Amount = 249_999 }, DateTimeOffset.UtcNow)), 402, "payment_required" },
        { "too much", (_, payer) => TestPayer.Header(payer.Pay(Price with { Amount = 250_001 }, DateTimeOffset.UtcNow)), 402, "payment_required" },
        { "over", (_, payer) => TestPayer.Header(payer.Pay(Price, DateTimeOffset.UtcNow.AddHours(-1))), 402, "payment_required" },
        { "valid for too long", (_, payer) => TestPayer.Header(payer.Pay(Price with { MaxTimeoutSeconds = 100_000 }, DateTimeOffset.UtcNow)), 402, "payment_required" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_wrong_payment_is_refused_and_changes_nothing(string what, Func<JsonObject, TestPayer, string> wrong, int status, string code)
    {
        var reply = await _api.Client.Post(Run, _token, Body, ("PAYMENT-SIGNATURE", wrong(Payment(), _payer)));

        Assert.True((status, code) == (reply.Status, reply.Code), $"{what}: {reply.Status} {reply.Json}");
        Assert.Equal(status == 402, reply.Header("PAYMENT-REQUIRED") is not null);
        Assert.Equal((0, 0), (_facilitator.Verifies, _facilitator.Settles));
        (await Pay(Payment())).Expect(200);
    }

    [Theory]
    [InlineData("""{"input":{"text":"A long text."},"max_price_cents":25,"pay_with":"wallet"}""", "/pay_with")]
    [InlineData("""{"input":{"text":"A long text."},"max_price_cents":25,"pay_with":"sponsor"}""", "/pay_with")]
    [InlineData("""{"input":{"text":"A long text."},"max_price_cents":25,"campaign_id":"survey"}""", "/campaign_id")]
    [InlineData("""{"input":{"text":"A long text."}}""", "/max_price_cents")]
    [InlineData("""{"input":{"text":"A long text."},"pay_with":"x402"}""", "/max_price_cents")]
    public async Task A_payment_beside_another_payer_or_without_a_bound_is_validation_failed(string body, string path)
    {
        var refused = (await Pay(Payment(), body)).Refused(422, "validation_failed");
        Assert.Equal(path, refused.Error.GetProperty("details")[0].GetProperty("path").GetString());
        Assert.Equal(0, _facilitator.Verifies);
    }

    [Fact]
    public async Task Two_payments_in_one_request_are_malformed()
    {
        var header = TestPayer.Header(Payment());
        (await _api.Client.Post(Run, _token, Body, ("PAYMENT-SIGNATURE", header), ("X-PAYMENT", header))).Refused(400, "malformed_request");
    }

    [Fact]
    public async Task Where_nobody_else_pays_the_refusal_says_how_to_pay_if_the_most_is_named_and_enough()
    {
        const string Text = """{"input":{"text":"A long text."}""";
        Assert.NotNull((await _api.Client.Post(Run, _token, Text + ""","max_price_cents":25}""")).Refused(402, "payment_required").Header("PAYMENT-REQUIRED"));
        Assert.Null((await _api.Client.Post(Run, _token, Text + ""","max_price_cents":24}""")).Refused(402, "payment_required").Header("PAYMENT-REQUIRED"));
        Assert.Null((await _api.Client.Post(Run, _token, Text + "}")).Refused(402, "payment_required").Header("PAYMENT-REQUIRED"));
        Assert.Null((await _api.Client.Post(Run, _token, Text + ""","max_price_cents":25,"pay_with":"wallet"}""")).Refused(402, "payment_required").Header("PAYMENT-REQUIRED"));
        Assert.Equal("x402", (await Pay(Payment(), Text + ""","max_price_cents":25}""")).Expect(200).Data.GetProperty("payment").GetProperty("source").GetString());
    }

    [Fact]
    public async Task A_price_above_the_sessions_budget_is_budget_exceeded_and_the_payment_is_not_even_verified()
    {
        (await Pay(Payment(), token: await _api.Client.OpenSession("user-2", budgetCents: "10"))).Refused(403, "budget_exceeded");
        Assert.Equal(0, _facilitator.Verifies);
    }

    [Fact]
    public async Task Where_x402_is_off_a_payment_and_a_wish_for_it_are_validation_failed()
    {
        await using var off = await RunningApi.Start();
        await off.Client.Load();
        var token = await off.Client.OpenSession();
        (await off.Client.Post(Run, token, Body)).Refused(422, "validation_failed");
        (await off.Client.Post(Run, token, """{"input":{"text":"A long text."},"max_price_cents":25}""", ("PAYMENT-SIGNATURE", TestPayer.Header(Payment())))).Refused(422, "validation_failed");
        Assert.Null((await off.Client.Post(Run, token, """{"input":{"text":"A long text."},"max_price_cents":25}""")).Refused(402, "payment_required").Header("PAYMENT-REQUIRED"));
    }

    [Fact]
    public async Task A_metered_run_charges_what_is_held_and_the_rest_stays_in_the_payers_wallet()
    {
        _api.Service.Answers = _ => Task.FromResult<StepOutcome>(new ServiceOutcome.Output("{}"u8.ToArray(), 1, 100_000));
        (await _api.Client.Admin(HttpMethod.Put, "/admin/services/summary", Support.Catalogue.Service.Replace("\"price_cents\"", "\"max_price_cents\"", StringComparison.Ordinal))).Expect(200);
        var lowered = RunningApi.Terms.For(200_000)!;

        var paid = (await Pay(_payer.Pay(lowered, DateTimeOffset.UtcNow), Body.Replace("25", "20", StringComparison.Ordinal))).Expect(200);

        Assert.Equal(("10", "200000"), (Spent(paid), (string)Decoded(paid, "PAYMENT-RESPONSE")["amount"]!));
        var wallet = (await _api.Client.Admin(HttpMethod.Get, Wallet)).Expect(200).Data;
        Assert.Equal("20", wallet.GetProperty("entered_cents").ToString());
        Assert.Equal(["x402 20"], (await _api.Client.Admin(HttpMethod.Get, Wallet + "/statement")).Expect(200).Data.GetProperty("entries").EnumerateArray()
            .Where(e => e.GetProperty("kind").GetString() == "x402").Select(e => $"{e.GetProperty("kind")} {e.GetProperty("amount_cents")}"));
        Assert.Equal("0", (await _api.Client.Admin(HttpMethod.Get, "/admin/ledger/trial-balance")).Expect(200).Data.GetProperty("sum_cents").ToString());
    }

    private static string Spent(Received reply) => reply.Data.GetProperty("budget").GetProperty("spent_cents").ToString();

    private static JsonNode Decoded(Received reply, string header) => JsonNode.Parse(Convert.FromBase64String(reply.Header(header)!))!;

    private JsonObject Payment(int nonce = 1, int version = 2, string? paymentId = null) => _payer.Pay(Price, DateTimeOffset.UtcNow, nonce, version, paymentId);

    private Task<Received> Pay(
        JsonNode payment, string body = Body, string? token = null, string header = "PAYMENT-SIGNATURE", string? key = null, params (string Name, string Value)[] headers) =>
        _api.Client.Post(Run, token ?? _token, body, [(header, TestPayer.Header(payment)), .. headers, .. key is null ? ((string, string)[])[] : [("Idempotency-Key", key)]]);

    private static string With(JsonObject payment, string path, JsonNode value)
    {
        var names = path.Split('.');
        names[..^1].Aggregate((JsonNode)payment, (node, name) => node[name]!)[names[^1]] = value;
        return TestPayer.Header(payment);
    }

    /// <summary>The same payment, asked for until its run is decided: each answer is given when the session has one.</summary>
    private async Task<Received> Eventually(JsonNode payment)
    {
        for (; ; )
        {
            var reply = await Pay(payment);
            if (reply.Status != 202) return reply;

            await Task.Yield();
        }
    }

    /// <summary>Takes the next such rows for those of another process: the activation that wrote one has lost its place, and begins anew without it.</summary>
    /// <param name="says">The name of an event that is in the row.</param>
    private sealed class Forgetful(IJournal inner, string prefix, string says = "") : DelegatingJournal(inner)
    {
        private volatile int _loses;

        /// <summary>Rows that are still to be lost.</summary>
        public int Loses { get => _loses; set => _loses = value; }

        public override async Task<IReadOnlyList<AppendOutcome>> Append(IReadOnlyList<StreamAppend> batch, bool again, CancellationToken cancel)
        {
            var lost = Loses > 0 ? batch.FirstOrDefault(IsToBeLost) : null;
            if (lost is null) return await base.Append(batch, again, cancel);

            Loses--;
            var others = await base.Append([.. batch.Where(append => append != lost)], again, cancel);
            var next = 0;
            return [.. batch.Select(append => append == lost ? AppendOutcome.Moved : others[next++])];
        }

        private bool IsToBeLost(StreamAppend append) =>
            append.Row is { } row && append.Stream.StartsWith(prefix, StringComparison.Ordinal) && row.Body.Span.IndexOf(Encoding.UTF8.GetBytes(says)) >= 0;
    }
}

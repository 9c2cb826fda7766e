using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Money;

/// <summary>Sponsors first, then the agent's wallet where the request says how much it may be, or as pay_with says.</summary>
public sealed class WhoPaysTests
{
    private const string Run = "/agent/services/summary/run";

    [Fact]
    public async Task A_sponsor_pays_before_the_wallet()
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0);
        var token = await Ready(api, balanceCents: 100);
        await api.Client.Complete(token);

        var payment = (await api.Client.Post(Run, token, """{"input":{"text":"A."},"max_price_cents":25}""")).Expect(200).Data.GetProperty("payment");

        Assert.Equal(("sponsor", "campaign", "survey"), PaidBy(payment));
        Assert.Equal(100, await Balance(api, token));
    }

    [Fact]
    public async Task The_wallet_pays_where_no_sponsor_does_and_the_reply_says_why()
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0);
        var token = await Ready(api, balanceCents: 100);

        var payment = (await api.Client.Post(Run, token, """{"input":{"text":"A."},"max_price_cents":25}""")).Expect(200).Data.GetProperty("payment");

        Assert.Equal(("wallet", "wallet", "agent:agent-1"), PaidBy(payment));
        Assert.Contains("No sponsor pays", payment.GetProperty("why").GetString(), StringComparison.Ordinal);
        Assert.Equal(75, await Balance(api, token));
        Assert.Equal(25, await Eventually(() => AdminBalance(api, "text-provider"), 25));
    }

    [Fact]
    public async Task The_wallet_pays_when_the_last_sponsor_refuses()
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0);
        var token = await Ready(api, balanceCents: 100, fundCents: "10");
        await api.Client.Complete(token);

        var payment = (await api.Client.Post(Run, token, """{"input":{"text":"A."},"max_price_cents":25}""")).Expect(200).Data.GetProperty("payment");

        Assert.Equal(("wallet", "wallet", "agent:agent-1"), PaidBy(payment));
        Assert.Contains("Campaign survey refused", payment.GetProperty("why").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_of_the_agents_own_is_spent_without_the_most_that_it_may_be()
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0);
        var token = await Ready(api, balanceCents: 100);

        (await api.Client.Post(Run, token, """{"input":{"text":"A."}}""")).Refused(402, "payment_required");
        (await api.Client.Post(Run, token, """{"input":{"text":"A."},"pay_with":"sponsor","max_price_cents":25}""")).Refused(402, "payment_required");
        (await api.Client.Post(Run, token, """{"input":{"text":"A."},"pay_with":"wallet"}""")).Refused(422, "validation_failed");
        (await api.Client.Post(Run, token, """{"input":{"text":"A."},"pay_with":"wallet","max_price_cents":24}""")).Refused(402, "payment_required");

        Assert.Equal(100, await Balance(api, token));
    }

    [Theory]
    [InlineData("""{"input":{"text":"A."}}""", true)]
    [InlineData("""{"input":{"text":"A."},"pay_with":"sponsor","campaign_id":"survey"}""", true)]
    [InlineData("""{"input":{"text":"A."},"pay_with":"wallet","max_price_cents":25}""", true)]
    [InlineData("""{"input":{"text":"A."},"pay_with":"wallet"}""", false)]
    [InlineData("""{"input":{"text":"A."},"pay_with":"wallet","max_price_cents":25,"campaign_id":"survey"}""", false)]
    public async Task What_the_offered_body_schema_of_a_run_admits_is_not_refused_for_its_form(string body, bool valid)
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0);
        var token = await Ready(api, balanceCents: 100);
        await api.Client.Complete(token);
        var offered = (await api.Client.Get("/agent/flow/status?schemas=full", token)).Expect(200).NextActions.First(a => a.GetProperty("action").GetString() == "run_service");
        using var document = System.Text.Json.JsonDocument.Parse(body);

        Assert.Equal(valid, JsonSchema.Schema.Compile(offered.GetProperty("body_schema")).Schema!.IsValid(document.RootElement));
        Assert.Equal(valid ? 200 : 422, (await api.Client.Post(Run, token, body)).Status);
    }

    [Fact]
    public async Task Pay_with_wallet_leaves_the_sponsor_alone()
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0);
        var token = await Ready(api, balanceCents: 30);
        await api.Client.Complete(token);

        var payment = (await api.Client.Post(Run, token, """{"input":{"text":"A."},"pay_with":"wallet","max_price_cents":25}""")).Expect(200).Data.GetProperty("payment");
        var refused = (await api.Client.Post(Run, token, """{"input":{"text":"B."},"pay_with":"wallet","max_price_cents":25}""")).Refused(402, "payment_required");

        Assert.Equal(("wallet", "wallet", "agent:agent-1"), PaidBy(payment));
        Assert.Equal("5", refused.Error.GetProperty("details").GetProperty("available_cents").GetRawText());
        Assert.Equal("1000", (await api.Client.Admin(HttpMethod.Get, "/admin/campaigns/survey")).Expect(200).Data.GetProperty("escrow").GetProperty("remaining_cents").GetRawText());
    }

    [Fact]
    public async Task An_agent_pays_whom_its_scope_names_once_a_key_and_never_beyond_its_budget()
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0);
        await Ready(api, balanceCents: 1_000);
        var token = await Paying(api, """["agent:agent-2"]""");

        (await api.Client.Post("/agent/wallet/transfer", token, """{"to":"agent:agent-2","amount_cents":40}""")).Refused(422, "validation_failed");
        var paid = (await api.Client.Post("/agent/wallet/transfer", token, """{"to":"agent:agent-2","amount_cents":40,"memo":"thanks"}""", ("Idempotency-Key", "t1"))).Expect(200);
        var again = (await api.Client.Post("/agent/wallet/transfer", token, """{"to":"agent:agent-2","amount_cents":40,"memo":"thanks"}""", ("Idempotency-Key", "t1"))).Expect(200);
        (await api.Client.Post("/agent/wallet/transfer", token, """{"to":"agent:agent-2","amount_cents":41,"memo":"thanks"}""", ("Idempotency-Key", "t1"))).Refused(409, "idempotency_conflict");
        (await api.Client.Post("/agent/wallet/transfer", token, """{"to":"agent:agent-3","amount_cents":1}""", ("Idempotency-Key", "t2"))).Refused(403, "scope_violation");
        (await api.Client.Post("/agent/wallet/transfer", token, """{"to":"agent:agent-2","amount_cents":61}""", ("Idempotency-Key", "t3"))).Refused(403, "budget_exceeded");
        (await api.Client.Post("/agent/wallet/transfer", token, """{"to":"nobody-yet","amount_cents":1}""", ("Idempotency-Key", "t4"))).Refused(404, "not_found");

        Assert.Equal(paid.Data.GetProperty("transfer_id").GetString(), again.Data.GetProperty("transfer_id").GetString());
        Assert.Equal("true", again.Header("Idempotent-Replayed"));
        Assert.Equal("60", paid.Header("Agora-Budget-Remaining-Cents"));
        Assert.Equal(960, await Balance(api, token));
        Assert.Equal(40, await Eventually(() => AdminBalance(api, "agent:agent-2"), 40));
        await Eventually(async () => (await Statement(api)).GetArrayLength(), 1);
        var entry = (await Statement(api))[0];
        Assert.Equal(("transfer", "thanks", "agent:agent-1"), (entry.GetProperty("kind").GetString(), entry.GetProperty("memo").GetString(), entry.GetProperty("counterparty").GetString()));
    }

    [Theory]
    [InlineData("""{"to":"agent:agent-1","amount_cents":1}""", 422, "validation_failed")]
    [InlineData("""{"to":"agent:agent-2","amount_cents":0}""", 422, "validation_failed")]
    [InlineData("""{"to":"agent:agent-2","amount_cents":-1}""", 422, "validation_failed")]
    [InlineData("""{"to":"agent:agent-2","amount_cents":9223372036854775808}""", 422, "validation_failed")]
    [InlineData("""{"to":"agent:agent-2","amount_cents":1000000}""", 403, "budget_exceeded")]
    [InlineData("""{"to":"no such id","amount_cents":1}""", 400, "malformed_request")]
    [InlineData("""{"to":"world","amount_cents":1}""", 404, "not_found")]
    [InlineData("""{"to":"agent:-1","amount_cents":1}""", 404, "not_found")]
    [InlineData("""{"to":"agent:","amount_cents":1}""", 404, "not_found")]
    [InlineData("""{"to":"nobody-yet","amount_cents":-1}""", 404, "not_found")]
    [InlineData("""{"amount_cents":1}""", 422, "validation_failed")]
    public async Task A_transfer_that_cannot_be_changes_nothing(string body, int status, string code)
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0);
        await Ready(api, balanceCents: 100);
        var token = await Paying(api, """["*"]""");

        (await api.Client.Post("/agent/wallet/transfer", token, body, ("Idempotency-Key", "t1"))).Refused(status, code);

        Assert.Equal(100, await Balance(api, token));
    }

    [Fact]
    public async Task A_payee_out_of_scope_is_refused_for_that_before_what_is_wrong_with_the_amount()
    {
        await using var api = await RunningApi.Start();
        var token = await Paying(api, """["agent:agent-2"]""");

        (await api.Client.Post("/agent/wallet/transfer", token, """{"to":"agent:agent-3","amount_cents":-1}""", ("Idempotency-Key", "t1"))).Refused(403, "scope_violation");
    }

    [Fact]
    public async Task An_agent_with_the_longest_id_can_be_paid()
    {
        await using var api = await RunningApi.Start();
        await Ready(api, balanceCents: 100);
        var token = await Paying(api, """["*"]""");
        var longest = new string('a', 128);
        await api.Client.PutAgents(longest);

        (await api.Client.Post("/agent/wallet/transfer", token, $$"""{"to":"agent:{{longest}}","amount_cents":1}""", ("Idempotency-Key", "t1"))).Expect(200);
        (await api.Client.Post("/agent/wallet/transfer", token, $$"""{"to":"agent:{{longest}}a","amount_cents":1}""", ("Idempotency-Key", "t2"))).Refused(404, "not_found");
    }

    [Fact]
    public async Task The_platforms_fee_is_taken_from_what_the_provider_earns_and_told()
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0, feeBasisPoints: 250);
        var token = await Ready(api, balanceCents: 100);

        var payment = (await api.Client.Post(Run, token, """{"input":{"text":"A."},"pay_with":"wallet","max_price_cents":25}""")).Expect(200).Data.GetProperty("payment");

        Assert.Equal("0.625", payment.GetProperty("fee_cents").GetRawText());
        Assert.Equal(24.375m, await Eventually(() => AdminBalance(api, "text-provider"), 24.375m));
        Assert.Equal(0.625m, await Eventually(() => AdminBalance(api, "fee"), 0.625m));
    }

    [Fact]
    public async Task Naming_an_agent_in_a_delegation_gives_nobody_its_wallet()
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0);
        await Ready(api, balanceCents: 30);
        (await api.Client.Admin(HttpMethod.Post, "/admin/wallets/agent:agent-2/deposit", """{"amount_cents":100}""", ("Idempotency-Key", "deposit-2"))).Expect(200);
        var root = await Paying(api, """["*"]""");

        var token = (await api.Client.Post("/agent/session/delegate", root, """{"agent_id":"agent-2"}""")).Expect(201).Data.GetProperty("token").GetString()!;

        (await api.Client.Post("/agent/wallet/transfer", token, """{"to":"agent:agent-3","amount_cents":31}""", ("Idempotency-Key", "t1"))).Refused(402, "payment_required");
        (await api.Client.Post("/agent/wallet/transfer", token, """{"to":"agent:agent-3","amount_cents":10}""", ("Idempotency-Key", "t2"))).Expect(200);
        Assert.Equal(20, await Balance(api, token));
        Assert.Equal(100, await AdminBalance(api, "agent:agent-2"));
    }

    private static async Task<string> Ready(RunningApi api, int balanceCents, string fundCents = "1000")
    {
        await api.Client.Load(fundCents);
        await api.Client.PutAgents("agent-2", "agent-3");
        (await api.Client.Admin(HttpMethod.Post, "/admin/wallets/agent:agent-1/deposit", $$"""{"amount_cents":{{balanceCents}}}""", ("Idempotency-Key", "deposit-1"))).Expect(200);
        return await api.Client.OpenSession();
    }

    private static async Task<string> Paying(RunningApi api, string payees) => (await api.Client.Post(
        "/agent/auth",
        RunningApi.PlatformKey,
        $$$"""{"agent_id":"agent-1","user_id":"user-2","scopes":{"allowed_payees":{{{payees}}},"budget_limit_cents":100}}""")).Expect(201).Data.GetProperty("token").GetString()!;

    private static async Task<System.Text.Json.JsonElement> Statement(RunningApi api) =>
        (await api.Client.Admin(HttpMethod.Get, "/admin/wallets/agent:agent-2/statement")).Expect(200).Data.GetProperty("entries");

    private static (string? Source, string? Kind, string? Id) PaidBy(System.Text.Json.JsonElement payment) =>
        (payment.GetProperty("source").GetString(), payment.GetProperty("paid_by").GetProperty("kind").GetString(), payment.GetProperty("paid_by").GetProperty("id").GetString());

    private static async Task<decimal> Balance(RunningApi api, string token) => (await api.Client.Get("/agent/wallet", token)).Expect(200).Data.GetProperty("available_cents").GetDecimal();

    private static async Task<decimal> AdminBalance(RunningApi api, string wallet) =>
        await api.Client.Admin(HttpMethod.Get, $"/admin/wallets/{wallet}") is { Status: 200 } found ? found.Data.GetProperty("balance_cents").GetDecimal() : 0;

    private static async Task<decimal> Eventually(Func<Task<decimal>> look, decimal wanted)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var late = new CancellationTokenSource(Hang.Timeout);
        for (var seen = await look(); ; seen = await look())
        {
            if (seen == wanted) return seen;
            await timer.WaitForNextTickAsync(late.Token);
        }
    }
}

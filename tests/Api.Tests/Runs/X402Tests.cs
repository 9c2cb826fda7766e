using System.Text.Json.Nodes;
using Agora.Api.Tests.Support;
using Agora.Core.Payments;
using Agora.Testing.Payments;

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
        var wallet = (await _api.Client.Admin(HttpMethod.Get, Wallet)).Expect(200).Data;
        Assert.Equal(("25", "0"), (wallet.GetProperty("entered_cents").ToString(), wallet.GetProperty("balance_cents").ToString()));
        Assert.Equal("25", Spent(paid));
    }

    private static string Spent(Received reply) => reply.Data.GetProperty("budget").GetProperty("spent_cents").ToString();

    private static JsonNode Decoded(Received reply, string header) => JsonNode.Parse(Convert.FromBase64String(reply.Header(header)!))!;

    private JsonObject Payment(int nonce = 1, int version = 2, string? paymentId = null) => _payer.Pay(Price, DateTimeOffset.UtcNow, nonce, version, paymentId);

    private Task<Received> Pay(JsonNode payment, string body = Body, string? token = null, string header = "PAYMENT-SIGNATURE", string? key = null) =>
        _api.Client.Post(Run, token ?? _token, body, [(header, TestPayer.Header(payment)), .. key is null ? ((string, string)[])[] : [("Idempotency-Key", key)]]);
}

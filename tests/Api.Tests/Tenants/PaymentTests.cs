using System.Text.Json.Nodes;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Testing.Payments;

namespace Agora.Api.Tests.Tenants;

/// <summary>Payments by x402 are the default tenant's: at a second one none is taken, whether or not the first has had it.</summary>
public sealed class PaymentTests : TwoTenants
{
    private const string Run = "/agent/services/summary/run";
    private const string Body = """{"input":{"text":"A long text."},"max_price_cents":25}""";
    private readonly TestPayer _payer = new();
    private HostileFacilitator _facilitator = null!;

    public override async Task InitializeAsync()
    {
        _facilitator = await HostileFacilitator.Start();
        await base.InitializeAsync();
        await First.Load(1_000);
        await Second.Load(1_000);
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _facilitator.DisposeAsync();
        _payer.Dispose();
    }

    private protected override Task<RunningApi> Start() => RunningApi.Start(facilitator: _facilitator.Address);

    [Theory]
    [InlineData("PAYMENT-SIGNATURE", 2)]
    [InlineData("X-PAYMENT", 1)]
    public async Task A_payment_presented_to_a_second_tenant_is_validation_failed_and_still_pays_the_first(string header, int version)
    {
        var payment = Payment(version);

        var refused = (await Pay(Second, header, payment)).Refused(422, Codes.ValidationFailed);

        Assert.Equal("PAYMENT-SIGNATURE", refused.Error.GetProperty("details")[0].GetProperty("path").GetString());
        Assert.Equal((0, 0), (_facilitator.Verifies, _facilitator.Settles));
        (await Pay(First, header, payment)).Expect(200);
        Assert.Equal(1, _facilitator.Transfers);
    }

    [Fact]
    public async Task A_payment_that_the_first_tenant_has_had_is_validation_failed_at_a_second_and_tells_nothing_of_its_run()
    {
        var payment = Payment();
        var run = (await Pay(First, "PAYMENT-SIGNATURE", payment)).Expect(200).Data.GetProperty("run_id").GetString()!;
        var verified = _facilitator.Verifies;

        var refused = (await Pay(Second, "PAYMENT-SIGNATURE", payment)).Refused(422, Codes.ValidationFailed);

        Assert.DoesNotContain(run, refused.Json.ToString(), StringComparison.Ordinal);
        Assert.Equal((verified, 1), (_facilitator.Verifies, _facilitator.Transfers));
        (await Second.Admin(HttpMethod.Get, $"/admin/wallets/x402:{RunningApi.Terms.Network}:{_payer.Address}")).Refused(404, Codes.NotFound);
    }

    [Fact]
    public async Task A_second_tenant_that_wishes_for_x402_is_validation_failed_and_is_never_shown_how_to_pay()
    {
        var token = await Second.OpenToken();

        (await Second.Agent(Run, token, Body.Replace(":25}", ":25,\"pay_with\":\"x402\"}", StringComparison.Ordinal))).Refused(422, Codes.ValidationFailed);

        Assert.Null((await Second.Agent(Run, token, Body)).Refused(402, Codes.PaymentRequired).Header("PAYMENT-REQUIRED"));
        Assert.NotNull((await First.Agent(Run, await First.OpenToken(), Body)).Refused(402, Codes.PaymentRequired).Header("PAYMENT-REQUIRED"));
    }

    private JsonObject Payment(int version = 2) => _payer.Pay(RunningApi.Terms.For(250_000)!, DateTimeOffset.UtcNow, version: version);

    private async Task<Received> Pay(OneTenant tenant, string header, JsonNode payment) =>
        await Api.Client.Post(Run, await tenant.OpenToken(), Body, (header, TestPayer.Header(payment)));
}

using System.Globalization;
using System.Text.Json.Nodes;
using Agora.Grains.Payments;
using Agora.Outbound;
using Agora.Samples.Facilitator;
using Agora.Testing.Payments;
using Agora.X402;

namespace Agora.Payments.Tests;

/// <summary>What we write is read by the public client, what it signs is read here, and holds before a facilitator that checks signatures.</summary>
public sealed class PublicClientTests : IAsyncLifetime
{
    private static readonly PaymentTerms Terms = Selling.Terms;
    private FacilitatorApp _facilitator = null!;
    private HttpOutbound _outbound = null!;
    private PaidEndpoint _endpoint = null!;

    public async Task InitializeAsync()
    {
        _facilitator = await FacilitatorApp.Start();
        _outbound = new(AllowList.Parse($"127.0.0.1:{_facilitator.Address.Port}"), TimeProvider.System);
        _endpoint = await PaidEndpoint.Start(new Facilitator(_facilitator.Address, null, _outbound), Terms);
    }

    public async Task DisposeAsync()
    {
        await _endpoint.DisposeAsync();
        _outbound.Dispose();
        await _facilitator.DisposeAsync();
    }

    [PublicClientTheory]
    [InlineData(1, "base-sepolia")]
    [InlineData(2, "eip155:84532")]
    public async Task It_pays_once_and_reads_how_it_was_settled(int version, string network)
    {
        var paid = await PublicClient.Pay(version == 1 ? new($"{_endpoint.Url}?v1") : _endpoint.Url, version);

        Assert.Equal(200, (int)paid["status"]!);
        Assert.Equal("""{"summary":"hello"}""", (string?)paid["body"]);
        var settled = paid["settled"]!;
        Assert.True((bool)settled["success"]!);
        Assert.Equal(network, (string?)settled["network"]);
        Assert.Equal((string?)paid["payer"], (string?)settled["payer"]);
        Assert.Equal("50000", (string?)settled["amount"]);
        Assert.True(EvmText.IsTransaction((string)settled["transaction"]!));
        Assert.Equal(version, _endpoint.Read!.Version);
        Assert.Equal(1, _facilitator.Transfers);
    }

    [PublicClientFact]
    public async Task Its_payment_identifier_arrives()
    {
        await PublicClient.Pay(_endpoint.Url, 2, "pay_7d5d747be160e280504c099d984bcfe0");
        Assert.Equal("pay_7d5d747be160e280504c099d984bcfe0", _endpoint.Read!.PaymentId);
    }

    [PublicClientFact]
    public async Task The_same_payment_sent_again_is_refused_by_the_facilitator_and_moves_nothing()
    {
        var paid = await PublicClient.Pay(_endpoint.Url, 2);
        using var http = new HttpClient();
        using var again = new HttpRequestMessage(HttpMethod.Post, _endpoint.Url) { Headers = { { "PAYMENT-SIGNATURE", (string)paid["sent"]! } } };

        using var answer = await http.SendAsync(again);

        Assert.Equal("402", ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture));
        Assert.Equal(1, _facilitator.Transfers);
    }

    [PublicClientTheory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task What_the_facilitator_is_asked_holds_before_the_reference_facilitator(int version)
    {
        using var payer = new TestPayer();
        var requirements = Terms.For(PaidEndpoint.PriceMicros)!;
        var body = Asked(payer.Pay(requirements, DateTimeOffset.UtcNow, version: version, paymentId: "pay_7d5d747be160e280504c099d984bcfe0"), requirements, version);

        var answer = await PublicClient.Verify(body);

        Assert.True((bool)answer["isValid"]!, answer.ToJsonString());
        Assert.Equal(payer.Address, (string?)answer["payer"], ignoreCase: true);
    }

    [PublicClientFact]
    public async Task It_refuses_there_what_was_signed_for_another_price_in_the_words_that_are_read_here()
    {
        using var payer = new TestPayer();
        var requirements = Terms.For(PaidEndpoint.PriceMicros)!;
        var body = Asked(payer.Pay(requirements, DateTimeOffset.UtcNow), requirements with { Amount = 1 }, 2);
        var answer = await PublicClient.Verify(body);
        Assert.False((bool)answer["isValid"]!);
        Assert.Equal("invalid_exact_evm_payload_authorization_value_mismatch", (string?)answer["invalidReason"]);
    }

    private static byte[] Asked(JsonNode payment, PaymentRequirements requirements, int version)
    {
        Assert.True(PaymentReader.TryRead(TestPayer.Header(payment), version, out var read, out var fault), fault?.Message);
        return PaymentWriter.FacilitatorBody(read, requirements, new("https://agora.example/run", "One summary", "application/json"));
    }
}

using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Core.Kernel;
using Agora.X402;
using static Agora.Core.Tests.Payments.PaymentSamples;

namespace Agora.Core.Tests.Payments;

public sealed class PaymentWriterTests
{
    private static readonly PaymentRequired Required = new("PAYMENT-SIGNATURE header is required", Resource, [Requirements]);

    [Fact]
    public void What_is_required_is_written_as_the_specification_has_it()
    {
        var written = Decoded(PaymentWriter.Header(Required));
        var extension = written["extensions"]!["payment-identifier"]!;
        Assert.False((bool)extension["info"]!["required"]!);
        Assert.Equal("object", (string?)extension["schema"]!["type"]);
        written.Remove("extensions");
        Same(
            """
            {
              "x402Version": 2, "error": "PAYMENT-SIGNATURE header is required",
              "resource": { "url": "https://api.example.com/premium-data", "description": "Access to \"premium\" data", "mimeType": "application/json" },
              "accepts": [ {
                "scheme": "exact", "network": "eip155:84532", "amount": "10000", "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
                "payTo": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C", "maxTimeoutSeconds": 300, "extra": { "name": "USDC", "version": "2" }
              } ]
            }
            """, written);
    }

    [Fact]
    public void Clients_of_version_1_find_the_same_in_the_body() => Same(
        """
        {
          "x402Version": 1, "error": "PAYMENT-SIGNATURE header is required",
          "accepts": [ {
            "scheme": "exact", "network": "base-sepolia", "maxAmountRequired": "10000", "resource": "https://api.example.com/premium-data",
            "description": "Access to \"premium\" data", "mimeType": "application/json", "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
            "payTo": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C", "maxTimeoutSeconds": 300, "extra": { "name": "USDC", "version": "2" }
          } ]
        }
        """, JsonNode.Parse(PaymentWriter.Version1Body(Required))!);

    [Fact]
    public void A_network_without_a_name_in_version_1_is_not_offered_there() =>
        Assert.Null(PaymentWriter.Version1Body(Required with { Accepts = [Requirements with { Network = "eip155:424242" }] }));

    [Fact]
    public void How_it_was_settled_is_written_in_the_payments_own_version()
    {
        PaymentResponse settled = new(true, $"0x{new string('a', 64)}", "eip155:84532", Payer, 10_000);
        Same($$"""{"success":true,"transaction":"0x{{new string('a', 64)}}","network":"eip155:84532","payer":"{{Payer}}","amount":"10000"}""", Decoded(PaymentWriter.Header(settled, 2)));
        Assert.Equal("base-sepolia", (string?)Decoded(PaymentWriter.Header(settled, 1))["network"]);
        Same(
            $$"""{"success":false,"errorReason":"insufficient_funds","transaction":"","network":"eip155:84532","payer":"{{Payer}}"}""",
            Decoded(PaymentWriter.Header(new PaymentResponse(false, "", "eip155:84532", Payer, ErrorReason: "insufficient_funds"), 2)));
    }

    [Fact]
    public void The_facilitator_is_asked_about_what_was_read_and_nothing_else()
    {
        var payment = Read(Version2().With("accepted.extra", new JsonObject { ["name"] = "Other", ["surprise"] = 1 }).With("payload.surprise", 2).With("surprise", 3));
        var body = JsonNode.Parse(PaymentWriter.FacilitatorBody(payment, Requirements, Resource))!;
        Assert.Equal(2, (int)body["x402Version"]!);
        Assert.Equal(["x402Version", "resource", "accepted", "payload", "extensions"], body["paymentPayload"]!.AsObject().Select(m => m.Key));
        Same(body["paymentRequirements"]!.ToJsonString(), body["paymentPayload"]!["accepted"]!);
        Same(Version2()["payload"]!.ToJsonString(), body["paymentPayload"]!["payload"]!);
        Assert.Equal("pay_7d5d747be160e280504c099d984bcfe0", (string?)body["paymentPayload"]!["extensions"]!["payment-identifier"]!["info"]!["id"]);
    }

    [Fact]
    public void The_facilitator_is_asked_in_version_1_about_a_payment_of_version_1()
    {
        var body = JsonNode.Parse(PaymentWriter.FacilitatorBody(Read(Version1(), 1), Requirements, Resource))!;
        Same(Version1().ToJsonString(), body["paymentPayload"]!);
        Assert.Equal("10000", (string?)body["paymentRequirements"]!["maxAmountRequired"]);
        Assert.Equal("base-sepolia", (string?)body["paymentRequirements"]!["network"]);
    }

    [Fact]
    public void What_is_written_for_the_facilitator_is_read_back_as_the_same_payment()
    {
        foreach (var payment in (Payment[])[Read(Version2()), Read(Version1(), 1)])
        {
            var written = JsonNode.Parse(PaymentWriter.FacilitatorBody(payment, Requirements, Resource))!["paymentPayload"]!;
            Assert.Equal(payment, Read(written, payment.Version));
        }
    }

    [Fact]
    public void A_payment_with_its_requirements_comes_back_from_the_journal_as_it_was()
    {
        var stored = JsonSerializer.SerializeToUtf8Bytes(Read(Version2()), StoredJson.Options);
        Assert.Equal(Read(Version2()), JsonSerializer.Deserialize<Payment>(stored, StoredJson.Options));
        Assert.Contains("\"value\":\"10000\"", Encoding.UTF8.GetString(stored), StringComparison.Ordinal);
        Assert.Equal(Requirements, JsonSerializer.Deserialize<PaymentRequirements>(JsonSerializer.Serialize(Requirements, StoredJson.Options), StoredJson.Options));
        PaymentResponse[] responses = [new(true, "0x", "eip155:1", Payer, 10_000), new(false, "", "eip155:1", Payer, ErrorReason: "insufficient_funds")];
        Assert.All(responses, r => Assert.Equal(r, JsonSerializer.Deserialize<PaymentResponse>(JsonSerializer.Serialize(r, StoredJson.Options), StoredJson.Options)));
    }

    [Fact]
    public void A_long_description_keeps_the_header_within_what_clients_read()
    {
        var header = PaymentWriter.Header(Required with { Resource = Resource with { Description = new string('界', Limits.DescriptionLength) } });
        Assert.InRange(header.Length, 1, 8_192);
    }

    private static JsonObject Decoded(string header) => JsonNode.Parse(Convert.FromBase64String(header))!.AsObject();

    private static void Same(string expected, JsonNode actual) => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), actual.ToJsonString());
}

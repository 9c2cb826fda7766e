using System.Text;
using System.Text.Json.Nodes;
using Agora.X402;

namespace Agora.Core.Tests.Payments;

/// <summary>A good payment and the terms it is for, to be spoiled one member at a time.</summary>
internal static class PaymentSamples
{
    public const string Asset = "0x036CbD53842c5426634e7929541eC2318f3dCF7e";
    public const string PayTo = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C";
    public const string Payer = "0x857b06519E91e3A54538791bDbb0E22373e36b66";
    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_740_672_090);
    public static readonly PaymentTerms Terms = new("eip155:84532", Asset, PayTo, "USDC", "2", 6);
    public static readonly PaymentRequirements Requirements = Terms.For(10_000)!;
    public static readonly PaidResource Resource = new("https://api.example.com/premium-data", "Access to \"premium\" data", "application/json");

    public static JsonObject Version2() => JsonNode.Parse("""
        {
          "x402Version": 2,
          "resource": { "url": "https://api.example.com/premium-data", "description": "…", "mimeType": "application/json" },
          "accepted": {
            "scheme": "exact", "network": "eip155:84532", "amount": "10000", "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
            "payTo": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C", "maxTimeoutSeconds": 60, "extra": { "name": "USDC", "version": "2" }
          },
          "payload": {
            "signature": "0x2d6a7588d6acca505cbf0d9a4a227e0c52c6c34008c8e8986a1283259764173608a2ce6496642e377d6da8dbbf5836e9bd15092f9ecab05ded3d6293af148b571c",
            "authorization": {
              "from": "0x857b06519E91e3A54538791bDbb0E22373e36b66", "to": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C", "value": "10000",
              "validAfter": "1740672089", "validBefore": "1740672210",
              "nonce": "0xF3746613c2d920b5fdabc0856f2aeb2d4f88ee6037b8cc5d04a71a4462f13480"
            }
          },
          "extensions": { "payment-identifier": { "info": { "required": false, "id": "pay_7d5d747be160e280504c099d984bcfe0" }, "schema": {} }, "other": [1] }
        }
        """)!.AsObject();

    public static JsonObject Version1()
    {
        var payment = Version2();
        return new() { ["x402Version"] = 1, ["scheme"] = "exact", ["network"] = "base-sepolia", ["payload"] = payment["payload"]!.DeepClone() };
    }

    public static string Header(JsonNode payment) => Header(payment.ToJsonString());

    public static string Header(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    public static Payment Read(JsonNode payment, int version = 2)
    {
        Assert.True(PaymentReader.TryRead(Header(payment), version, out var read, out var fault), fault?.Message);
        return read;
    }

    /// <summary>The payment with one member, named by its path, replaced; null removes it.</summary>
    public static JsonObject With(this JsonObject payment, string path, JsonNode? value)
    {
        var names = path.Split('.');
        var parent = names[..^1].Aggregate((JsonNode)payment, (node, name) => node[name]!).AsObject();
        if (value is null)
        {
            parent.Remove(names[^1]);
        }
        else
        {
            parent[names[^1]] = value;
        }

        return payment;
    }
}

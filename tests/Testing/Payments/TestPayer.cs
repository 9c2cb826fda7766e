using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Agora.Samples.Facilitator.Signatures;
using Agora.X402;

namespace Agora.Testing.Payments;

/// <summary>Someone with a key of its own who signs payments as a client would, without Node: for tests that need many of them, or wrong ones.</summary>
public sealed class TestPayer : IDisposable
{
    private static readonly BigInteger Order = BigInteger.Parse("0FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.CreateFromFriendlyName("secp256k1"));

    public TestPayer()
    {
        var q = _key.ExportParameters(false).Q;
        Address = $"0x{Convert.ToHexStringLower(Keccak256.Hash([.. q.X!, .. q.Y!]).AsSpan(12))}";
    }

    /// <summary>In lower case.</summary>
    public string Address { get; }

    /// <summary>A payment of version 1 or 2 as JSON, to be changed at will before <see cref="Header"/>.</summary>
    /// <param name="nonce">The n-th of this payer's.</param>
    public JsonObject Pay(PaymentRequirements requirements, DateTimeOffset now, int nonce = 1, int version = 2, string? paymentId = null)
    {
        var seconds = now.ToUnixTimeSeconds();
        return Pay(requirements, new(Address, requirements.PayTo, requirements.Amount, 0, seconds + requirements.MaxTimeoutSeconds, $"0x{nonce:x64}"), version, paymentId);
    }

    public JsonObject Pay(PaymentRequirements requirements, PaymentAuthorization authorization, int version = 2, string? paymentId = null)
    {
        var payload = new JsonObject
        {
            ["signature"] = Sign(requirements, authorization),
            ["authorization"] = new JsonObject
            {
                ["from"] = authorization.From,
                ["to"] = authorization.To,
                ["value"] = Digits(authorization.Value),
                ["validAfter"] = Digits(authorization.ValidAfter),
                ["validBefore"] = Digits(authorization.ValidBefore),
                ["nonce"] = authorization.Nonce,
            },
        };
        return version == 1
            ? new() { ["x402Version"] = 1, ["scheme"] = requirements.Scheme, ["network"] = Version1Networks.NameOf(requirements.Network), ["payload"] = payload }
            : new()
            {
                ["x402Version"] = 2,
                ["accepted"] = new JsonObject
                {
                    ["scheme"] = requirements.Scheme,
                    ["network"] = requirements.Network,
                    ["amount"] = Digits(requirements.Amount),
                    ["asset"] = requirements.Asset,
                    ["payTo"] = requirements.PayTo,
                    ["maxTimeoutSeconds"] = requirements.MaxTimeoutSeconds,
                    ["extra"] = new JsonObject { ["name"] = requirements.AssetName, ["version"] = requirements.AssetVersion },
                },
                ["payload"] = payload,
                ["extensions"] = paymentId is null ? new() : new JsonObject { ["payment-identifier"] = new JsonObject { ["info"] = new JsonObject { ["required"] = false, ["id"] = paymentId } } },
            };
    }

    /// <summary>The value of PAYMENT-SIGNATURE, or X-PAYMENT.</summary>
    public static string Header(JsonNode payment) => Convert.ToBase64String(Encoding.UTF8.GetBytes(payment.ToJsonString()));

    public void Dispose() => _key.Dispose();

    private string Sign(PaymentRequirements requirements, PaymentAuthorization signed)
    {
        EvmText.TryChainId(requirements.Network, out var chainId);
        var hash = TypedData.HashOf(
            new(requirements.AssetName, requirements.AssetVersion, chainId, requirements.Asset),
            new(signed.From, signed.To, signed.Value, signed.ValidAfter, signed.ValidBefore, Convert.FromHexString(signed.Nonce[2..])));
        var signature = _key.SignHash(hash);
        var s = new BigInteger(signature.AsSpan(32), isUnsigned: true, isBigEndian: true);
        var low = s > Order / 2 ? TypedData.Word(Order - s) : signature[32..];
        return new[] { 27, 28 }.Select(v => (byte[])[.. signature[..32], .. low, (byte)v])
            .Where(candidate => Secp256k1.RecoverAddress(hash, candidate) == Address)
            .Select(found => $"0x{Convert.ToHexStringLower(found)}").Single();
    }

    private static string Digits(BigInteger number) => number.ToString(CultureInfo.InvariantCulture);
}

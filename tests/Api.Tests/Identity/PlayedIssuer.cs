using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Agora.Crypto;
using Agora.Outbound;

namespace Agora.Api.Tests.Identity;

/// <summary>An issuer of tokens: its keys, its documents, and how often it was asked for them.</summary>
internal sealed class PlayedIssuer(string issuer = PlayedIssuer.Name) : IOutbound
{
    public const string Name = "https://login.example";

    public RSA Rsa { get; private set; } = RSA.Create(2048);

    public ECDsa Ec { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public ECDsa Ec384 { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP384);

    public Ed25519PrivateKey Okp { get; } = new(RandomNumberGenerator.GetBytes(Ed25519.SeedBytes));

    public string RsaId { get; private set; } = "rsa-1";

    public int Asked { get; private set; }

    public bool IsAway { get; set; }

    /// <summary>In place of its own.</summary>
    public Func<string, string?> Says { get; set; } = static _ => null;

    /// <summary>The next key of RS256 takes the place of the one before.</summary>
    public void Rotate() => (Rsa, RsaId) = (RSA.Create(2048), "rsa-2");

    public JsonObject KeySet()
    {
        var (rsa, ec, ec384) = (Rsa.ExportParameters(false), Ec.ExportParameters(false), Ec384.ExportParameters(false));
        return new()
        {
            ["keys"] = new JsonArray(
                new JsonObject { ["kty"] = "RSA", ["kid"] = RsaId, ["use"] = "sig", ["alg"] = "RS256", ["n"] = Text(rsa.Modulus!), ["e"] = Text(rsa.Exponent!) },
                new JsonObject { ["kty"] = "EC", ["kid"] = "ec-1", ["use"] = "sig", ["crv"] = "P-256", ["x"] = Text(ec.Q.X!), ["y"] = Text(ec.Q.Y!) },
                new JsonObject { ["kty"] = "OKP", ["kid"] = "okp-1", ["crv"] = "Ed25519", ["alg"] = "EdDSA", ["x"] = Text(Okp.PublicKey.ToArray()) },
                new JsonObject { ["kty"] = "EC", ["kid"] = "ec-384", ["use"] = "sig", ["alg"] = "ES384", ["crv"] = "P-384", ["x"] = Text(ec384.Q.X!), ["y"] = Text(ec384.Q.Y!) },
                Rsa1("RS512"), Rsa1("PS256"), Rsa1("PS384"), Rsa1("PS512"),
                new JsonObject { ["kty"] = "RSA", ["kid"] = "enc-1", ["use"] = "enc", ["n"] = Text(rsa.Modulus!), ["e"] = Text(rsa.Exponent!) }),
        };

        JsonObject Rsa1(string algorithm) => new() { ["kty"] = "RSA", ["kid"] = $"rsa-{algorithm}", ["use"] = "sig", ["alg"] = algorithm, ["n"] = Text(rsa.Modulus!), ["e"] = Text(rsa.Exponent!) };
    }

    public Task<OutboundResult> Call(OutboundCall call, CancellationToken cancellation)
    {
        Asked++;
        var path = call.Endpoint.AbsolutePath;
        return Task.FromResult<OutboundResult>(IsAway ? new OutboundResult.Failed(OutboundFailure.Connection, null, 1)
            : Says(path) is { } other ? Ok(other)
            : path.EndsWith("/.well-known/openid-configuration", StringComparison.Ordinal) ? Ok(new JsonObject { ["issuer"] = issuer, ["jwks_uri"] = $"{issuer}/keys" }.ToJsonString())
            : path.EndsWith("/keys", StringComparison.Ordinal) ? Ok(KeySet().ToJsonString())
            : new OutboundResult.Failed(OutboundFailure.BadStatus, 404, 1));
    }

    /// <summary>A token of it, good for ten minutes; what is said changes what stands there, null takes it out.</summary>
    public string Token(string algorithm = "RS256", string? keyId = "", JsonObject? header = null, params (string Name, JsonNode? Value)[] claims)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var payload = new JsonObject { ["iss"] = issuer, ["sub"] = "alice", ["aud"] = "agora", ["iat"] = now, ["exp"] = now + 600, ["roles"] = new JsonArray("admin") };
        foreach (var (name, value) in claims)
        {
            payload.Remove(name);
            if (value is not null)
            {
                payload[name] = value.DeepClone();
            }
        }

        var head = new JsonObject { ["alg"] = algorithm, ["typ"] = "JWT" };
        if (keyId is not null)
        {
            head["kid"] = keyId.Length > 0 ? keyId : algorithm switch { "ES256" => "ec-1", "ES384" => "ec-384", "EdDSA" or "Ed25519" => "okp-1", "RS512" or "PS256" or "PS384" or "PS512" => $"rsa-{algorithm}", _ => RsaId };
        }

        foreach (var (name, value) in header ?? [])
        {
            head[name] = value?.DeepClone();
        }

        var signed = $"{Text(Encoding.UTF8.GetBytes(head.ToJsonString()))}.{Text(Encoding.UTF8.GetBytes(payload.ToJsonString()))}";
        return $"{signed}.{Text(Sign(algorithm, Encoding.ASCII.GetBytes(signed)))}";
    }

    private byte[] Sign(string algorithm, byte[] signed) => algorithm switch
    {
        "RS256" => Rsa.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        "ES256" => Ec.SignData(signed, HashAlgorithmName.SHA256),
        "RS512" => Rsa.SignData(signed, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1),
        "PS256" => Rsa.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
        "PS384" => Rsa.SignData(signed, HashAlgorithmName.SHA384, RSASignaturePadding.Pss),
        "PS512" => Rsa.SignData(signed, HashAlgorithmName.SHA512, RSASignaturePadding.Pss),
        "ES384" => Ec384.SignData(signed, HashAlgorithmName.SHA384),
        "EdDSA" or "Ed25519" => Okp.Sign(signed),
        "HS256" => HMACSHA256.HashData(Encoding.ASCII.GetBytes(Rsa.ExportSubjectPublicKeyInfoPem()), signed), // with the public key, as those do who confuse them
        _ => [],
    };

    private static OutboundResult Ok(string json) => new OutboundResult.Succeeded(200, Encoding.UTF8.GetBytes(json), 1, null);

    private static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);
}

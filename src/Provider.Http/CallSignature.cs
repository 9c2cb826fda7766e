using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Agora.Client.Http;
using Agora.Crypto;

namespace Agora.Provider.Http;

/// <summary>Finds Agora's public key by its name; null: there is none.</summary>
public delegate Task<byte[]?> FindKey(string keyId, CancellationToken cancel);

/// <summary>Who calls a service: HTTP Message Signatures (RFC 9421) by Ed25519, as docs/services.md has them.</summary>
internal static partial class CallSignature
{
    /// <summary>Said of a signature that is made for another address, too.</summary>
    public const string NotSigned = "The signature is not Agora's.";

    private const string Tag = "agora-service-call";
    private static readonly string[] AtTimes = ["agora-max-cost-cents", "agora-try"];
    private const int ApartSeconds = 60;

    /// <summary>Agora has two keys at a time: the present one and the former.</summary>
    private const int KeysKept = 16;

    private static readonly ConcurrentDictionary<string, Ed25519PublicKey> Keys = new(StringComparer.Ordinal);
    private static readonly string[] Always = ["@method", "@target-uri", "idempotency-key"];
    private static readonly string[] WithBody = ["content-type", "content-digest"];

    /// <summary>Null: Agora has called. Else a sentence that says why that is not known.</summary>
    /// <param name="url">The endpoint as it was registered: what the caller says of itself in Host proves nothing.</param>
    /// <param name="header">A header by its name; null: it is not there.</param>
    public static async Task<string?> WhyNot(string method, string url, Func<string, string?> header, ReadOnlyMemory<byte> body, FindKey find, DateTimeOffset now, CancellationToken cancel)
    {
        if (Input().Match(header("signature-input") ?? "") is not { Success: true } input) return "There is no signature of Agora's.";

        var covered = Name().Matches(input.Groups["names"].Value).Select(name => name.Groups[1].Value).ToList();
        var said = Parameter().Matches(input.Groups["parameters"].Value).GroupBy(one => one.Groups[1].Value).ToDictionary(one => one.Key, one => one.Last().Groups[2].Value);
        IEnumerable<string> wanted = [.. Always, .. method == "POST" ? WithBody : [], .. AtTimes.Where(name => header(name) is not null)];
        if (covered.Distinct().Count() != covered.Count || !wanted.All(covered.Contains)) return "The signature does not cover what it has to.";
        if (said.GetValueOrDefault("tag") != Tag || said.GetValueOrDefault("alg", "ed25519") != "ed25519") return "The signature is of another kind.";
        if (!long.TryParse(said.GetValueOrDefault("created"), NumberStyles.None, CultureInfo.InvariantCulture, out var created) || Math.Abs(now.ToUnixTimeSeconds() - created) > ApartSeconds)
        {
            return "The signature was made at another time.";
        }

        if (method == "POST" && header("content-digest") != $"sha-256=:{Convert.ToBase64String(SHA256.HashData(body.Span))}:")
        {
            return "The digest is not the body's.";
        }

        if (await find(said.GetValueOrDefault("keyid", ""), cancel) is not { } key) return "The signature's key is not known.";

        var lines = covered.Select(name => (Name: name, Value: name switch { "@method" => method, "@target-uri" => url, _ => header(name) })).ToList();
        if (lines.Any(line => line.Value is null)) return "The signature covers what is not there.";

        var signed = string.Join('\n', lines.Select(line => $"\"{line.Name}\": {line.Value}").Append($"\"@signature-params\": {input.Groups["params"].Value}"));
        var signature = Signature().Match(header("signature") ?? "") is { Success: true } found ? Bytes(found.Groups[1].Value) : null;
        return signature is not null && IsSigned(key, Encoding.UTF8.GetBytes(signed), signature) ? null : NotSigned;
    }

    /// <summary>OpenSSL verifies in a tenth of a millisecond; only on a machine without it do plain integers, in milliseconds.</summary>
    private static bool IsSigned(byte[] key, byte[] signed, byte[] signature)
    {
        if (Ed25519.Missing is not null) return Ed25519Verifier.Verify(key, signed, signature);
        if (key.Length != Ed25519.PublicKeyBytes) return false;
        if (Keys.Count >= KeysKept)
        {
            Keys.Clear();
        }

        return Keys.GetOrAdd(Convert.ToHexString(key), static (_, bytes) => new Ed25519PublicKey(bytes), key).Verify(signed, signature);
    }

    private static byte[]? Bytes(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? bytes[..length] : null;
    }

    [GeneratedRegex("""^agora=(?<params>\((?<names>(?:"[^"\\()]*"(?: "[^"\\()]*")*)?)\)(?<parameters>(?:;[a-z]+=(?:"[^"\\;]*"|[0-9]{1,15}))*))\z""")]
    private static partial Regex Input();

    [GeneratedRegex("\"([^\"]*)\"")]
    private static partial Regex Name();

    [GeneratedRegex(";([a-z]+)=\"?([^\";]*)\"?")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"^agora=:([A-Za-z0-9+/]*={0,2}):\z")]
    private static partial Regex Signature();
}

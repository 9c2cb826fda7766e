using System.Text;
using System.Text.Json;

namespace Agora.Crypto.Tokens;

/// <summary>
/// A compact JSON Web Token (RFC 7519) that somebody else signed, taken apart. Nothing that it says is true before <see cref="IsSignedBy"/>: the issuer is read to know whose keys to ask.
/// <para>Bounds: <see cref="MostCharacters"/>, and claims that are an object of at most eight levels.</para>
/// </summary>
public sealed class SignedToken
{
    public const int MostCharacters = 8192;

    private const int MostLevels = 8;

    private readonly byte[] _signed;
    private readonly byte[] _signature;

    private SignedToken(string algorithm, string? keyId, JsonElement claims, byte[] signed, byte[] signature) =>
        (Algorithm, KeyId, Claims, _signed, _signature) = (algorithm, keyId, claims, signed, signature);

    /// <summary>The name of the algorithm, as <see cref="VerifyingKey.Named"/> returns it.</summary>
    public string Algorithm { get; }

    /// <summary>Null: it names none.</summary>
    public string? KeyId { get; }

    public JsonElement Claims { get; }

    /// <summary>It has the form of one: three parts, of which the first begins as JSON does.</summary>
    public static bool Looks(ReadOnlySpan<char> text) => text.StartsWith("ey", StringComparison.Ordinal) && text.Count('.') == 2;

    /// <returns>Null: it is none, or wants to be understood in a way that is not known here (<c>crit</c>), or is of another type than a token of access or identity.</returns>
    public static SignedToken? Parse(string text)
    {
        if (text.Length > MostCharacters || text.Split('.') is not [var header, var payload, var signature]
            || Json(header) is not { } head || Json(payload) is not { } claims || JoseText.Decode(signature) is not { Length: > 0 } signed
            || head.TextOf("alg") is not { } algorithm || head.TryGetProperty("crit", out _) || head.TryGetProperty("b64", out _) || !IsTyped(head)
            || head.TryGetProperty("kid", out _) && head.TextOf("kid") is null)
        {
            return null;
        }

        return new(VerifyingKey.Named(algorithm), head.TextOf("kid"), claims, Encoding.ASCII.GetBytes($"{header}.{payload}"), signed);
    }

    public bool IsSignedBy(VerifyingKey key) => key.Algorithm == Algorithm && key.Verify(_signed, _signature);

    // RFC 9068 section 2.1 and RFC 8725 section 3.11: whoever says a type says one of these; many say none.
    private static bool IsTyped(JsonElement head) => !head.TryGetProperty("typ", out _)
        || head.TextOf("typ") is { } type && (type.Equals("JWT", StringComparison.OrdinalIgnoreCase) || type.Equals("at+jwt", StringComparison.OrdinalIgnoreCase) || type.Equals("application/at+jwt", StringComparison.OrdinalIgnoreCase));

    private static JsonElement? Json(string part)
    {
        if (JoseText.Decode(part) is not { } bytes) return null;

        try
        {
            using var json = JsonDocument.Parse(bytes, new() { MaxDepth = MostLevels, AllowDuplicateProperties = false });
            return json.RootElement.ValueKind == JsonValueKind.Object ? JoseText.Readable(json.RootElement.Clone()) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null; // The latter: text that is not Unicode, which is seen only when it is read.
        }
    }
}

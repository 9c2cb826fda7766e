using System.Text.Json;

namespace Agora.Crypto.Tokens;

/// <summary>The keys of one issuer (JWK Set, RFC 7517 section 5). Bound: <see cref="Most"/> keys.</summary>
public sealed class VerifyingKeys
{
    public const int Most = 100;

    private readonly IReadOnlyList<VerifyingKey> _all;

    private VerifyingKeys(IReadOnlyList<VerifyingKey> all) => _all = all;

    public int Count => _all.Count;

    /// <returns>Null: it is no set of keys, or holds too many. Keys that are of no use here are passed over.</returns>
    public static VerifyingKeys? Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("keys", out var keys) && keys.ValueKind == JsonValueKind.Array && keys.GetArrayLength() <= Most
                ? new([.. keys.EnumerateArray().Select(VerifyingKey.Of).OfType<VerifyingKey>()])
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null; // The latter: text that is not Unicode, which is seen only when it is read.
        }
    }

    /// <summary>Those that a token of this header may be signed with. Not one alone: nothing says which of several is meant, so none of them is tried.</summary>
    /// <param name="keyId">Null: the token names none.</param>
    public IReadOnlyList<VerifyingKey> Of(string algorithm, string? keyId) =>
        [.. _all.Where(key => key.Algorithm == algorithm && (keyId is null || key.KeyId == keyId))];
}

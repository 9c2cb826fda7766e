using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Agora.Crypto;

namespace Agora.Client.Http.Sealing;

/// <summary>The secret of a message, sealed to one key of one agent.</summary>
internal sealed record SealedTo(string Agent, string KeyId, byte[] Encapsulated, byte[] Ciphertext);

/// <summary>A sealed message as it travels: JSON with these members and no others. Its version names every algorithm; nothing is negotiated.</summary>
/// <param name="To">In ascending order of the agents' ids, each once.</param>
internal sealed record SealedText(IReadOnlyList<SealedTo> To, byte[] Commitment, byte[] Ciphertext)
{
    public const int SecretBytes = 32;

    /// <summary>Ids and base64url need no escapes.</summary>
    public string Json()
    {
        var to = To.Select(one => $$"""{"agent":"{{one.Agent}}","key":"{{one.KeyId}}","enc":"{{Base64Url.EncodeToString(one.Encapsulated)}}","ct":"{{Base64Url.EncodeToString(one.Ciphertext)}}"}""");
        return $$"""{"v":1,"to":[{{string.Join(',', to)}}],"commitment":"{{Base64Url.EncodeToString(Commitment)}}","ciphertext":"{{Base64Url.EncodeToString(Ciphertext)}}"}""";
    }

    /// <returns>Null: it is no sealed message of this version. Total over any text.</returns>
    public static SealedText? Read(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) > SealingLimits.MessageBytes) return null;
        try
        {
            using var json = JsonDocument.Parse(text, new() { MaxDepth = 4 });
            var root = json.RootElement;
            if (!Has(root, 4) || !root.TryGetProperty("v", out var version) || version.ValueKind != JsonValueKind.Number || version.GetRawText() != "1" || !root.TryGetProperty("to", out var list) || list.ValueKind != JsonValueKind.Array)
            {
                return null;
            }

            if (list.GetArrayLength() is < 1 or > SealingLimits.Recipients + 1) return null;

            var to = list.EnumerateArray().Select(One).OfType<SealedTo>().ToList();
            return to.Count == list.GetArrayLength() && to.Zip(to.Skip(1)).All(pair => string.CompareOrdinal(pair.First.Agent, pair.Second.Agent) < 0)
                && Decoded(root, "commitment") is { Length: 32 } commitment && Decoded(root, "ciphertext") is { Length: >= Aes256Gcm.TagBytes } ciphertext
                ? new(to, commitment, ciphertext)
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return null; // The latter two: text that is not Unicode, within the JSON or as a whole.
        }
    }

    private static SealedTo? One(JsonElement one) =>
        Has(one, 4) && one.TextOf("agent") is { } agent && SealingLimits.IsAgent(agent) && one.TextOf("key") is { } key && JoseText.Decode(key) is { Length: 32 }
        && Decoded(one, "enc") is { Length: X25519.KeyBytes } encapsulated && Decoded(one, "ct") is { Length: SecretBytes + Aes256Gcm.TagBytes } ciphertext
            ? new(agent, key, encapsulated, ciphertext)
            : null;

    private static bool Has(JsonElement json, int members) => json.ValueKind == JsonValueKind.Object && json.EnumerateObject().Count() == members;

    private static byte[]? Decoded(JsonElement json, string name) => json.TextOf(name) is { } text ? JoseText.Decode(text) : null;
}

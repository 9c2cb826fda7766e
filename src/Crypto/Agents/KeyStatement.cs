using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Agora.Crypto.Agents;

/// <summary>A key of X25519 to which messages are sealed for an epoch, and when it was made, in seconds of Unix time: it rises with each.</summary>
public sealed record EpochKey(ReadOnlyMemory<byte> PublicKey, long Made)
{
    public string KeyId => field ??= Jwk.Thumbprint("X25519", PublicKey.Span);
}

/// <summary>
/// What an agent says of its keys, as compact JWS by its signing key: which key messages are sealed to now, which a card of the registry says too, and which
/// signing key takes the place of this one. Each is of its own type and names the agent, so none is taken for another or for another agent's; whoever passes them on can change nothing.
/// </summary>
public static class KeyStatement
{
    public const string CardType = "agora-card";
    public const string RotationType = "agora-key-rotation";

    public const int MostCharacters = 1_024;
    public const int MostCardCharacters = 16 * 1_024;

    private const string EpochType = "agora-epoch-key+jwt";
    private const string Ed25519Curve = "Ed25519";

    public static string OfEpoch(string agent, EpochKey key, Ed25519PrivateKey by) =>
        Jws.Sign(EpochType, Payload(new() { ["agent"] = agent, ["key"] = Base64Url.EncodeToString(key.PublicKey.Span), ["made"] = key.Made }), by);

    /// <param name="old">The key that is given up, which signs.</param>
    /// <param name="n">Which rotation of the agent it is, from 1 on.</param>
    public static string OfRotation(string agent, ReadOnlySpan<byte> newKey, Ed25519PrivateKey old, int n = 1) =>
        Jws.Sign(RotationType, Payload(new() { ["agent_id"] = agent, ["n"] = n, ["old_key"] = Key(Ed25519Curve, old.PublicKey.Span), ["new_key"] = Key(Ed25519Curve, newKey) }), old);

    /// <summary>A card of the registry (docs/peers.md).</summary>
    /// <param name="said">Its members, but for agent and keys.</param>
    public static string OfCard(JsonObject said, string agent, EpochKey key, Ed25519PrivateKey by)
    {
        var encryption = Key("X25519", key.PublicKey.Span);
        encryption["kid"] = key.KeyId;
        (said["agent_id"], said["signing_key"], said["encryption_key"]) = (agent, Key(Ed25519Curve, by.PublicKey.Span), encryption);
        return Jws.Sign(CardType, Payload(said), by);
    }

    /// <param name="token">The statement, or a card of the registry, whose key to seal to was made when the card was.</param>
    /// <returns>Null: this agent did not say so by this key.</returns>
    public static EpochKey? Epoch(string token, string agent, ReadOnlyMemory<byte> signingKey)
    {
        using var payload = Verified(EpochType, token, agent, signingKey);
        if (payload is null) return EpochOfCard(token, agent, signingKey);
        return KeyOf(payload.RootElement, "key") is { } key && payload.RootElement.TryGetProperty("made", out var made) && made.ValueKind == JsonValueKind.Number && made.TryGetInt64(out var at) && at >= 0
            ? new(key, at)
            : null;
    }

    /// <summary>Which rotation it is; 0: it is none. Its signature is not looked at.</summary>
    public static int NumberOf(string rotation)
    {
        if (rotation.Split('.') is not [_, var payload, _] || JoseText.Decode(payload) is not { } bytes) return 0;
        using var said = JsonDocument.Parse(bytes);
        return said.RootElement.TryGetProperty("n", out var n) && n.TryGetInt32(out var number) ? number : 0;
    }

    /// <summary>True where rotations, in their order and each by the key before, lead from one signing key to the other.</summary>
    public static bool Leads(string agent, ReadOnlyMemory<byte> from, ReadOnlyMemory<byte> to, IEnumerable<string> rotations)
    {
        var at = from;
        foreach (var token in rotations)
        {
            using var payload = Verified(RotationType, token, agent, at);
            if (payload is not null && payload.RootElement.TryGetProperty("new_key", out var key) && KeyOf(key, "x") is { } next)
            {
                at = next;
            }
        }

        return at.Span.SequenceEqual(to.Span);
    }

    private static byte[] Payload(JsonObject json) => JsonSerializer.SerializeToUtf8Bytes(json);

    private static EpochKey? EpochOfCard(string token, string agent, ReadOnlyMemory<byte> signingKey)
    {
        using var card = Verified(CardType, token, agent, signingKey);
        return card is not null && card.RootElement.TryGetProperty("encryption_key", out var key) && KeyOf(key, "x") is { } publicKey
            && DateTimeOffset.TryParse(card.RootElement.TextOf("created_at"), CultureInfo.InvariantCulture, out var made) && made >= DateTimeOffset.UnixEpoch
            ? new(publicKey, made.ToUnixTimeSeconds())
            : null;
    }

    private static JsonObject Key(string curve, ReadOnlySpan<byte> key) => new() { ["kty"] = "OKP", ["crv"] = curve, ["x"] = Base64Url.EncodeToString(key) };

    private static JsonDocument? Verified(string type, string token, string agent, ReadOnlyMemory<byte> signingKey)
    {
        var (by, most, named) = (new Jwk(signingKey), type == CardType ? MostCardCharacters : MostCharacters, type == EpochType ? "agent" : "agent_id");
        if (token.Length > most || Jws.Verify(token, type, keyId => keyId == by.KeyId ? by : null) is not { } verified) return null;
        JsonDocument? payload = null;
        try
        {
            payload = JsonDocument.Parse(verified.Payload);
            if (payload.RootElement.ValueKind == JsonValueKind.Object && JoseText.Readable(payload.RootElement).TextOf(named) == agent)
            {
                return payload;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Whoever has the key signed what is no statement. The latter: text that is not Unicode.
        }

        payload?.Dispose();
        return null;
    }

    private static byte[]? KeyOf(JsonElement said, string member) =>
        said.ValueKind == JsonValueKind.Object && said.TextOf(member) is { } text && JoseText.Decode(text) is { Length: X25519.KeyBytes } key ? key : null;
}

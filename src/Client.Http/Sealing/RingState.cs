using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Crypto;
using Agora.Crypto.Agents;

namespace Agora.Client.Http.Sealing;

/// <summary>A key to which messages are sealed, with its private half.</summary>
internal sealed record RingEpoch(byte[] PrivateKey, EpochKey Key)
{
    public static RingEpoch New(long made) => Of(RandomNumberGenerator.GetBytes(X25519.KeyBytes), made);

    public static RingEpoch Of(byte[] privateKey, long made)
    {
        using var key = new X25519PrivateKey(privateKey);
        return new(privateKey, new(key.PublicKey, made));
    }
}

/// <summary>What was seen of a peer.</summary>
/// <param name="Key">The signing key.</param>
/// <param name="Made">When the newest key was made that a card of it had.</param>
/// <param name="Previous">The signing key before, which counts until then.</param>
internal sealed record Peer(byte[] Key, long Made, byte[]? Previous = null, long Until = 0);

/// <summary>All that a key ring knows. Its JSON is the same in all clients.</summary>
/// <param name="Epochs">The oldest first; the last is the one that the card has.</param>
/// <param name="Former">The seed before, of a rotation that the registry has perhaps not heard of; null: there is none such.</param>
internal sealed record RingState(string Agent, byte[] Seed, ImmutableList<string> Rotations, ImmutableList<RingEpoch> Epochs, ImmutableSortedDictionary<string, Peer> Peers, byte[]? Former = null)
{
    public byte[] Json()
    {
        var peers = new JsonObject(Peers.Select(peer => KeyValuePair.Create(peer.Key, (JsonNode?)Of(peer.Value))));
        var json = new JsonObject
        {
            ["v"] = 1,
            ["agent"] = Agent,
            ["signing"] = Base64Url.EncodeToString(Seed),
            ["rotations"] = new JsonArray([.. Rotations.Select(one => (JsonNode?)one)]),
            ["epochs"] = new JsonArray([.. Epochs.Select(one => (JsonNode?)new JsonObject { ["key"] = Base64Url.EncodeToString(one.PrivateKey), ["made"] = one.Key.Made })]),
            ["peers"] = peers,
        };
        if (Former is { } former)
        {
            json["former"] = Base64Url.EncodeToString(former);
        }

        return JsonSerializer.SerializeToUtf8Bytes(json);
    }

    /// <exception cref="KeyRingInvalidException">It is no key ring.</exception>
    public static RingState Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.GetProperty("v").GetInt32() != 1 || root.TextOf("agent") is not { } agent || !SealingLimits.IsAgent(agent))
            {
                throw new KeyRingInvalidException("The file is no key ring of this version.");
            }

            var epochs = root.GetProperty("epochs").EnumerateArray().Select(one => RingEpoch.Of(Key(one, "key"), one.GetProperty("made").GetInt64())).ToImmutableList();
            var peers = root.GetProperty("peers").EnumerateObject().ToImmutableSortedDictionary(peer => peer.Name, peer => PeerOf(peer.Value), StringComparer.Ordinal);
            if (epochs.IsEmpty || !peers.ContainsKey(agent)) throw new KeyRingInvalidException("The key ring has no key of its own.");
            return new(agent, Key(root, "signing"), [.. root.GetProperty("rotations").EnumerateArray().Select(one => one.GetString()!)], epochs, peers, root.TryGetProperty("former", out _) ? Key(root, "former") : null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            throw new KeyRingInvalidException("The file is no key ring.", e);
        }
    }

    private static JsonObject Of(Peer peer)
    {
        var json = new JsonObject { ["key"] = Base64Url.EncodeToString(peer.Key), ["made"] = peer.Made };
        if (peer.Previous is { } previous)
        {
            (json["previous"], json["until"]) = (Base64Url.EncodeToString(previous), peer.Until);
        }

        return json;
    }

    private static Peer PeerOf(JsonElement json) => json.TryGetProperty("previous", out _)
        ? new(Key(json, "key"), json.GetProperty("made").GetInt64(), Key(json, "previous"), json.GetProperty("until").GetInt64())
        : new(Key(json, "key"), json.GetProperty("made").GetInt64());

    private static byte[] Key(JsonElement json, string name) =>
        json.TextOf(name) is { } text && JoseText.Decode(text) is { Length: 32 } key ? key : throw new FormatException($"{name} is no key");
}

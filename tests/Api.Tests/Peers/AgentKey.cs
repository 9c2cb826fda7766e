using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Agora.Application.Catalogue;
using Agora.Crypto;

namespace Agora.Api.Tests.Peers;

/// <summary>A key of an agent's own, and what is signed with it.</summary>
internal sealed class AgentKey(ReadOnlySpan<byte> seed)
{
    /// <summary>That of the examples in the document: RFC 8032 §7.1, test 1.</summary>
    public static readonly AgentKey OfExamples = new(Convert.FromHexString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));

    public AgentKey(byte seed)
        : this(Enumerable.Repeat(seed, 32).ToArray())
    {
    }

    public Ed25519PrivateKey Private { get; } = new(seed);

    public string X => Base64Url.EncodeToString(Private.PublicKey.Span);

    public JsonObject Jwk => new() { ["kty"] = "OKP", ["crv"] = "Ed25519", ["x"] = X };

    /// <summary>The payload of a card.</summary>
    public JsonObject Content(string agent = "agent-1", int version = 1, string name = "Translator", string skill = "translate") => new()
    {
        ["agent_id"] = agent,
        ["version"] = version,
        ["name"] = name,
        ["description"] = "Translates texts",
        ["skills"] = new JsonArray(new JsonObject { ["id"] = skill, ["name"] = "Translation", ["description"] = "Any language", ["tags"] = new JsonArray("language"), ["weight"] = 2 }),
        ["endpoints"] = new JsonArray(new JsonObject { ["protocol"] = "a2a", ["url"] = "https://agent.example/a2a" }),
        ["signing_key"] = Jwk,
        ["encryption_key"] = new JsonObject { ["kty"] = "OKP", ["crv"] = "X25519", ["x"] = X, ["kid"] = "1" },
        ["created_at"] = "2026-11-22T00:00:00Z",
    };

    public string Sign(string type, JsonNode payload) => Jws.Sign(type, Encoding.UTF8.GetBytes(payload.ToJsonString()), Private);

    public string Card(string agent = "agent-1", int version = 1, string name = "Translator", string skill = "translate") => Sign(Cards.CardType, Content(agent, version, name, skill));

    public string Rotation(AgentKey to, int n = 1, string agent = "agent-1") =>
        Sign(Cards.RotationType, new JsonObject { ["agent_id"] = agent, ["n"] = n, ["old_key"] = Jwk, ["new_key"] = to.Jwk });

    public string Revocation(string agent = "agent-1") => Sign(Cards.RevocationType, new JsonObject { ["agent_id"] = agent });

    public static string Put(string card, params IEnumerable<string> rotations) => new JsonObject { ["card"] = card, ["rotations"] = new JsonArray([.. rotations.Select(one => JsonValue.Create(one))]) }.ToJsonString();
}

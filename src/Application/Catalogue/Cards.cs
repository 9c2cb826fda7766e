using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Agora.Application.Operations;
using Agora.Core.Agents;
using Agora.Crypto;
using Agora.Crypto.Agents;

namespace Agora.Application.Catalogue;

/// <summary>
/// Verifies what agents say under keys of their own: compact JSON Web Signatures (RFC 7515) by EdDSA, over the very bytes that were sent. <c>typ</c> tells a card from a
/// rotation and a revocation, <c>kid</c> is the key's thumbprint (RFC 7638).
/// </summary>
internal static class Cards
{
    public const string CardType = KeyStatement.CardType;
    public const string RotationType = KeyStatement.RotationType;
    public const string RevocationType = "agora-card-revocation";
    private const string CardPath = "/card";

    /// <summary>Of one that was verified.</summary>
    public static CardContent Content(string jws)
    {
        var findings = new Findings();
        return Payload(jws, "", findings, CardContent.Read) is { } content && findings.Refusal is null ? content : throw new InvalidDataException("A card that is kept cannot be read.");
    }

    /// <summary>The card as a record of its own, when every signature of it is good; else null, and the findings say what is wrong.</summary>
    public static (SignedCard Card, CardContent Content)? Verify(string agentId, string jws, IReadOnlyList<string> rotations, Findings findings)
    {
        if (Payload(jws, CardPath, findings, CardContent.Read) is not { } content || findings.Refusal is not null) return null;

        if (content.AgentId != agentId)
        {
            findings.Violate($"{CardPath}/agent_id", "const", "The card is of another agent than the path names.");
        }

        var chain = Chain(agentId, rotations, findings) ?? [content.SigningKey.X];
        var (genesis, key) = (chain[0], chain[^1]);
        if (key != content.SigningKey.X)
        {
            findings.Violate($"{CardPath}/signing_key", "const", "The card's key is not the one that the last rotation leads to.");
        }

        if (Jws.Verify(jws, CardType, KeyOf(content.SigningKey.X)) is null)
        {
            findings.Violate(CardPath, "signature", $"This is no signature of typ {CardType} by the card's signing_key, whose thumbprint is kid.");
        }

        return findings.Refusal is null ? (new(genesis, key, content.Version, jws, rotations, HashOf(jws, rotations)), content) : null;
    }

    /// <summary>The first key of the chain of which one signed an agent's revocation; null: it is none of this agent's.</summary>
    /// <param name="rotations">From the first key on. They need not be those that stand: of two chains that begin alike either may be the thief's, and each may end the agent.</param>
    /// <param name="genesis">Where there are none.</param>
    public static string? VerifyRevocation(string agentId, string jws, IReadOnlyList<string> rotations, string genesis, Findings findings)
    {
        var named = Payload(jws, "/revocation", findings, static word => Finished(word, word.Id("agent_id", "The agent.")));
        var chain = Chain(agentId, rotations, findings) ?? [genesis];
        if (findings.Refusal is null && (named != agentId || Jws.Verify(jws, RevocationType, kid => chain.Select(key => KeyOf(key)(kid)).FirstOrDefault(key => key is not null)) is null))
        {
            findings.Violate("/revocation", "signature", $"This is no signature of typ {RevocationType} over this agent_id by the agent's first key or one that rotations lead to.");
        }

        return findings.Refusal is null ? chain[0] : null;
    }

    public static bool IsCompact(string text) => text.Split('.') is [{ Length: > 0 } header, { Length: > 0 } payload, { Length: > 0 } signature]
        && JoseText.Decode(header) is not null && JoseText.Decode(payload) is not null && JoseText.Decode(signature) is not null;

    /// <summary>All keys, from the first on; null: there is no rotation, or one is wrong.</summary>
    private static List<string>? Chain(string agentId, IReadOnlyList<string> rotations, Findings findings)
    {
        List<string>? chain = null;
        for (var i = 0; i < rotations.Count; i++)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"/rotations/{i}");
            var rotation = Payload(rotations[i], path, findings, Rotation.Read);
            if (rotation is null || findings.Refusal is not null) return null;

            if (rotation.AgentId != agentId || rotation.N != i + 1 || (chain is not null && chain[^1] != rotation.OldKey))
            {
                findings.Violate(path, "const", "A rotation names the agent, its number from 1 on, and as old_key the new_key of the one before.");
                return null;
            }

            if (Jws.Verify(rotations[i], RotationType, KeyOf(rotation.OldKey)) is null)
            {
                findings.Violate(path, "signature", $"This is no signature of typ {RotationType} by old_key, whose thumbprint is kid.");
                return null;
            }

            (chain ??= [rotation.OldKey]).Add(rotation.NewKey);
        }

        return chain;
    }

    private static T? Payload<T>(string jws, string path, Findings findings, Func<Fields, T?> read)
        where T : class
    {
        if (jws.Split('.') is not [_, var payload, _] || JoseText.Decode(payload) is not { } bytes)
        {
            findings.Violate(path, "format", "A compact JSON Web Signature (RFC 7515) is wanted here.");
            return null;
        }

        var form = new Findings();
        using var document = StrictJson.Parse(bytes, form);
        if (form.Malformed is { } unread)
        {
            findings.Violate(path, "contentMediaType", $"The signed payload: {unread.Message}");
            return null;
        }

        return document is null ? null : read(new(document.RootElement, path, findings));
    }

    private static T? Finished<T>(Fields fields, T? value)
    {
        fields.Finish();
        return value;
    }

    private static Func<string, Jwk?> KeyOf(string key) => JoseText.Decode(key) is { } bytes && new Jwk(bytes) is { } jwk ? kid => kid == jwk.KeyId ? jwk : null : static _ => null;

    private static string HashOf(string jws, IReadOnlyList<string> rotations) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', rotations.Prepend(jws)))));

    private sealed record Rotation(string AgentId, int N, string OldKey, string NewKey)
    {
        public static Rotation Read(Fields rotation)
        {
            var read = new Rotation(
                rotation.Id("agent_id", "The agent.") ?? "",
                rotation.Integer("n", "Which rotation it is, from 1 on.", 1, Core.Kernel.Limits.CardRotations, absent: null) ?? 0,
                CardKey.Read(rotation.Object("old_key", "The key before, which signs."), CardKey.OfSigning).X,
                CardKey.Read(rotation.Object("new_key", "The key that follows."), CardKey.OfSigning).X);
            rotation.Finish();
            return read;
        }
    }
}

using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Crypto;

namespace Agora.Application.Catalogue;

/// <summary>What a card says: the payload of its signature. Names, descriptions and tags are the agent's own words.</summary>
internal sealed record CardContent(
    string AgentId,
    int Version,
    string Name,
    string Description,
    IReadOnlyList<SkillContent> Skills,
    IReadOnlyList<EndpointContent> Endpoints,
    CardKey SigningKey,
    CardKey EncryptionKey,
    DateTimeOffset CreatedAt)
{
    public static CardContent Read(Fields card)
    {
        var content = new CardContent(
            card.Id("agent_id", "The agent.") ?? "",
            card.Integer("version", "Rises with each change of the card.", 1, Limits.CardVersionMost, absent: null) ?? Missing(card, "version"),
            card.Text("name", "What the agent is called.", Limits.NameLength) ?? "",
            card.Text("description", "What it does.", Limits.DescriptionLength) ?? "",
            [.. card.Objects("skills", "What it can be asked for.", Limits.CardSkills).Select(SkillContent.Read)],
            [.. card.Objects("endpoints", "Where it can be reached besides.", Limits.CardEndpoints, required: false).Select(EndpointContent.Read)],
            CardKey.Read(card.Object("signing_key", "The key that signs the card and the agent's requests."), CardKey.OfSigning),
            CardKey.Read(card.Object("encryption_key", "The key of this epoch to which messages to the agent are encrypted."), CardKey.OfEncryption),
            card.Time("created_at", "When the card was made.", required: true) ?? default);
        card.Finish();
        if (content.Skills.Select(skill => skill.Id).Distinct(StringComparer.Ordinal).Count() != content.Skills.Count)
        {
            card.Violate("skills", "uniqueItems", "No skill's id may stand here twice.");
        }

        return content;
    }

    private static int Missing(Fields card, string name)
    {
        if (!card.IsPresent(name))
        {
            card.Violate(name, "required", "This member is required.");
        }

        return 0;
    }
}

/// <param name="Weight">Among agents that offer the same skill; null: as any.</param>
internal sealed record SkillContent(string Id, string Name, string Description, IReadOnlyList<string> Tags, IReadOnlyList<string> InputModes, IReadOnlyList<string> OutputModes, int? Weight)
{
    public static SkillContent Read(Fields skill)
    {
        var content = new SkillContent(
            skill.Id("id", "The skill, by the name that several agents may offer it under.") ?? "",
            skill.Text("name", "What it is called.", Limits.NameLength) ?? "",
            skill.Text("description", "What it does.", Limits.DescriptionLength) ?? "",
            Words(skill, "tags", "Words that it is found by."),
            Words(skill, "input_modes", "Media types that it takes."),
            Words(skill, "output_modes", "Media types that it gives."),
            skill.Integer("weight", "How much of what is asked for goes to this agent, among those that offer the skill.", 1, Limits.SkillWeightMost, absent: null));
        skill.Finish();
        return content;
    }

    private static IReadOnlyList<string> Words(Fields skill, string name, string meaning)
    {
        var words = skill.Words(name, meaning) ?? [];
        if (words.Count > Limits.SkillWords)
        {
            skill.Violate(name, "maxItems", $"At most {Limits.SkillWords} items; here are {words.Count}.");
        }

        return words;
    }
}

internal sealed record EndpointContent(string Protocol, string Url)
{
    public static EndpointContent Read(Fields endpoint)
    {
        var content = new EndpointContent(
            endpoint.Text("protocol", "What is spoken there.", Limits.NameLength) ?? "",
            endpoint.Formatted("url", "Where.", Limits.DescriptionLength, IsAddress, "An absolute address is wanted here: http://… or https://….") ?? "");
        endpoint.Finish();
        return content;
    }

    private static bool IsAddress(string text) => !DisplayText.HasHiddenCharacters(text) && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0;
}

/// <summary>A public key as a JSON Web Key (RFC 8037).</summary>
/// <param name="X">32 bytes in base64url.</param>
/// <param name="Kid">How the agent calls it; null: nothing.</param>
internal sealed record CardKey(string Kty, string Crv, string X, string? Kid)
{
    public const string OfSigning = "Ed25519";
    public const string OfEncryption = "X25519";
    private const int Bytes = 32;
    private const int Characters = 43;

    public static CardKey Read(Fields? key, string curve)
    {
        var content = new CardKey(
            key?.OneOf("kty", "The kind of key.", ["OKP"], required: true) ?? "",
            key?.OneOf("crv", "The curve.", [curve], required: true) ?? "",
            key?.Formatted("x", "The public key: 32 bytes in base64url.", Characters, text => IsKey(text, curve), "32 bytes in base64url without padding are wanted here, and that are somebody's key.") ?? "",
            key?.Text("kid", "How the agent calls the key.", Limits.NameLength, required: curve == OfEncryption));
        key?.Finish();
        return content;
    }

    private static bool IsKey(string text, string curve) => JoseText.Decode(text) is { Length: Bytes } key && (curve == OfSigning ? PublicKeyRules.IsKey(key) : PublicKeyRules.IsAgreementKey(key));
}

using Agora.Application.Catalogue;
using Agora.Core.Agents;
using Agora.Crypto;

namespace Agora.Api.Peers;

internal sealed record RegisteredAgentsData(IReadOnlyList<FoundAgentData> Agents, int TotalCount, int Offset, int Limit);

internal sealed record FoundAgentData(string AgentId, string Name, string Description, IReadOnlyList<SkillData> Skills, string Status, int Version, double RelevanceScore);

internal sealed record SkillData(string SkillId, string Name, string Description, IReadOnlyList<string> Tags, IReadOnlyList<string> InputModes, IReadOnlyList<string> OutputModes, int? Weight)
{
    public static IReadOnlyList<SkillData> Of(CardContent card) => [.. card.Skills.Select(skill => new SkillData(skill.Id, skill.Name, skill.Description, skill.Tags, skill.InputModes, skill.OutputModes, skill.Weight))];
}

internal sealed record CardEndpointData(string Protocol, string Url);

internal sealed record CardKeyData(string Kty, string Crv, string X, string? Kid)
{
    public static CardKeyData Of(CardKey key) => new(key.Kty, key.Crv, key.X, key.Kid);
}

internal sealed record RegistrationData(
    string AgentId,
    string Name,
    string Description,
    int Version,
    IReadOnlyList<SkillData> Skills,
    IReadOnlyList<CardEndpointData> Endpoints,
    CardKeyData SigningKey,
    CardKeyData EncryptionKey,
    string KeyThumbprint,
    string Status,
    DateTimeOffset? OnlineUntil,
    string Card,
    IReadOnlyList<string> Rotations,
    string? Revocation,
    DateTimeOffset CreatedAt,
    DateTimeOffset RegisteredAt,
    DateTimeOffset UpdatedAt)
{
    /// <summary>The agent's own words.</summary>
    public static readonly IReadOnlyList<string> Untrusted =
        ["data.name", "data.description", "data.skills[].name", "data.skills[].description", "data.skills[].tags", "data.skills[].input_modes", "data.skills[].output_modes", "data.endpoints[].protocol", "data.endpoints[].url"];

    public static RegistrationData Of(CardEntry entry, DateTimeOffset now)
    {
        var (card, content) = (entry.Card, entry.Content);
        return new(
            card.AgentId, content.Name, content.Description, content.Version, SkillData.Of(content), [.. content.Endpoints.Select(endpoint => new CardEndpointData(endpoint.Protocol, endpoint.Url))],
            CardKeyData.Of(content.SigningKey), CardKeyData.Of(content.EncryptionKey), new Jwk(JoseText.Decode(card.Signed.Key)).KeyId, AgentStatuses.Of(card, now), card.LeaseUntil, card.Signed.Jws, card.Signed.Rotations,
            card.Signed.Revocation, content.CreatedAt, card.RegisteredAt, card.UpdatedAt);
    }
}

internal sealed record LeaseData(string AgentId, string Status, DateTimeOffset OnlineUntil, int LeaseSeconds)
{
    public static LeaseData Of(string agentId, AgentLease lease) => new(agentId, AgentStatuses.Online, lease.Until, lease.Seconds);
}

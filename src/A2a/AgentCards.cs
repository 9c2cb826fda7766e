using System.Text.Json.Nodes;
using Agora.Application.Catalogue;
using Agora.Application.Operations;
using Agora.Application.Values;

namespace Agora.A2a;

/// <summary>The card of an agent as the protocol has it (section 4.4.1 of the specification), made of the one that it registered. Names and descriptions are its own words.</summary>
internal static class AgentCards
{
    private const string Bearer = "bearer";
    private const string Signed = "signature";

    private static readonly string[] Modes = [MediaTypes.Json, "text/plain"];

    /// <param name="address">Where both bindings are spoken.</param>
    /// <param name="isExtended">With what the agent signed itself, and whether it is there.</param>
    public static string Of(CardEntry entry, string address, DateTimeOffset now, bool isExtended)
    {
        var content = entry.Content;
        var parameters = new JsonObject();
        if (isExtended)
        {
            parameters["card"] = entry.Card.Signed.Jws;
            parameters["status"] = AgentStatuses.Of(entry.Card, now);
        }

        return new JsonObject
        {
            ["name"] = content.Name,
            ["description"] = content.Description,
            ["supportedInterfaces"] = new JsonArray(Interface(address, "JSONRPC"), Interface(address, "HTTP+JSON")),
            ["version"] = content.Version.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["capabilities"] = new JsonObject
            {
                ["streaming"] = true,
                ["pushNotifications"] = false,
                ["extendedAgentCard"] = true,
                ["extensions"] = new JsonArray(new JsonObject { ["uri"] = Sequence.Uri, ["description"] = Sequence.Description, ["required"] = false, ["params"] = parameters }),
            },
            ["securitySchemes"] = new JsonObject
            {
                [Bearer] = new JsonObject { ["httpAuthSecurityScheme"] = new JsonObject { ["scheme"] = "Bearer", ["description"] = "A key of the calling agent's own, or the token of a session whose scope allowed_peers names this agent." } },
                [Signed] = new JsonObject { ["apiKeySecurityScheme"] = new JsonObject { ["location"] = "header", ["name"] = "Signature", ["description"] = "HTTP Message Signatures (RFC 9421, Ed25519) by the key of the calling agent's card." } },
            },
            ["securityRequirements"] = new JsonArray(Requirement(Bearer), Requirement(Signed)),
            ["defaultInputModes"] = Words(Modes),
            ["defaultOutputModes"] = Words(Modes),
            ["skills"] = new JsonArray([.. content.Skills.Select(Skill)]),
        }.ToJsonString(ApiJson.Options);
    }

    private static JsonObject Interface(string address, string binding) => new() { ["url"] = address, ["protocolBinding"] = binding, ["protocolVersion"] = "1.0" };

    private static JsonObject Requirement(string scheme) => new() { ["schemes"] = new JsonObject { [scheme] = new JsonObject { ["list"] = new JsonArray() } } };

    private static JsonObject Skill(SkillContent skill)
    {
        var told = new JsonObject { ["id"] = skill.Id, ["name"] = skill.Name, ["description"] = skill.Description, ["tags"] = Words(skill.Tags) };
        foreach (var (name, modes) in new[] { ("inputModes", skill.InputModes), ("outputModes", skill.OutputModes) }.Where(one => one.Item2.Count > 0))
        {
            told[name] = Words(modes);
        }

        return told;
    }

    private static JsonArray Words(IEnumerable<string> words) => new([.. words.Select(word => JsonValue.Create(word))]);
}

using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Core.Services;

namespace Agora.Api.Admin;

/// <summary>A URL in a body that Agora is to call. What is not active is not called, so an address that is not allowed any more does not keep it from being switched off.</summary>
internal static class EndpointText
{
    public const string Pattern = @"^https?://[^\s/?#@]+[^\s#]*$";

    /// <summary>Also an agent's: agent: and its id, or skill: and what it offers; or a model's: model: and its provider.</summary>
    private static readonly string OrAgent = $"{Pattern}|^({ServiceDefinition.AgentScheme}|{ServiceDefinition.SkillScheme}|{ServiceDefinition.ModelScheme}){DisplayText.IdPattern.TrimStart('^')}";

    /// <param name="orAgent">An agent may be meant too.</param>
    public static string Read(Call call, string name, string meaning, bool orAgent = false)
    {
        var endpoint = call.Body.Formatted(
            name, meaning, Limits.EndpointLength, text => IsEndpoint(text) || (orAgent && IsAgent(text)), orAgent ? "An absolute https URL without user and fragment is wanted here, or agent: and the id of an agent, or skill: and the id of a skill, or model: and the name of a provider." : "An absolute https URL without user and fragment is wanted here.", pattern: orAgent ? OrAgent : Pattern) ?? "";
        if (IsAgent(endpoint)) return endpoint;

        if (!call.Body.IsSwitchedOff && call.EndpointRefusal(endpoint) is { } refusal)
        {
            call.Body.Violate(name, "not", refusal);
        }

        return endpoint;
    }

    /// <summary>Of several: what is wrong with each is said at its place.</summary>
    public static IReadOnlyList<string>? ReadAll(Call call, string name, string meaning, int most)
    {
        var urls = call.Body.Words(name, meaning, () => new() { ["type"] = "array", ["items"] = Schemas.Formatted(Limits.EndpointLength, Pattern), ["minItems"] = 1, ["maxItems"] = most, ["uniqueItems"] = true });
        if (urls is { Count: 0 })
        {
            call.Body.Violate(name, "minItems", "One address at least is wanted here.");
        }
        else if (urls?.Count > most)
        {
            call.Body.Violate(name, "maxItems", Wanted.AtMost(most, "items", urls.Count));
        }

        for (var i = 0; i < urls?.Count; i++)
        {
            if (urls[i].Length > Limits.EndpointLength || !IsEndpoint(urls[i]))
            {
                call.Findings.Violate($"/{name}/{i}", "format", "An absolute https URL without user and fragment is wanted here.");
            }
            else if (!call.Body.IsSwitchedOff && call.EndpointRefusal(urls[i]) is { } refusal)
            {
                call.Findings.Violate($"/{name}/{i}", "not", refusal);
            }
        }

        return urls;
    }

    private static bool IsAgent(string text) => IsNamed(text, ServiceDefinition.AgentScheme) || IsNamed(text, ServiceDefinition.SkillScheme) || IsNamed(text, ServiceDefinition.ModelScheme);

    private static bool IsNamed(string text, string scheme) => text.StartsWith(scheme, StringComparison.Ordinal) && DisplayText.IsId(text.AsSpan(scheme.Length));

    /// <summary>http passes here, for addresses of AGORA_OUTBOUND_ALLOW; the outbound guard decides where a call may really go.</summary>
    private static bool IsEndpoint(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
        && uri.Host.Length > 0 && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0
        && !DisplayText.HasHiddenCharacters(url) && !url.Any(char.IsWhiteSpace);
}

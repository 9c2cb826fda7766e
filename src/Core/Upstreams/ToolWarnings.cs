using System.Text.Json;

namespace Agora.Core.Upstreams;

/// <summary>What an operator should look at before approving a tool. Model providers refuse requests that list some schemas, so <c>/mcp</c> lists such a tool with a reduced schema.</summary>
public static class ToolWarnings
{
    /// <summary>The input schema has a combinator at its root. It is not listed, and calls are still validated against it.</summary>
    public const string RootCombinator = "root_combinator";

    /// <summary>A property at the root has a name that is not 1 to 64 letters, digits, <c>_</c>, <c>.</c> and <c>-</c>. No property is listed.</summary>
    public const string PropertyNames = "property_names";

    /// <summary>Another tool of the upstream has a name that differs only by case. An operator can confuse the two, and so can a client that ignores case.</summary>
    public const string NameCase = "name_case";

    private const int PropertyLength = 64;

    /// <summary>Keywords that Anthropic and OpenAI refuse at the root of a tool's schema.</summary>
    public static readonly IReadOnlyList<string> Combinators = ["allOf", "anyOf", "enum", "not", "oneOf"];

    /// <summary>Whether model providers accept a property of this name.</summary>
    public static bool IsTaken(string property) => property.Length is > 0 and <= PropertyLength && property.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    /// <summary>The ids of those services whose tools have names that differ only by case.</summary>
    public static IReadOnlySet<string> TwinNames(IEnumerable<UpstreamTool> tools) =>
        tools.GroupBy(static tool => tool.ServiceId, StringComparer.OrdinalIgnoreCase).Where(static group => group.Count() > 1).SelectMany(static group => group).Select(static tool => tool.ServiceId).ToHashSet(StringComparer.Ordinal);

    /// <param name="twins">The <see cref="TwinNames"/> of all tools of the upstream.</param>
    public static IReadOnlyList<string> Of(UpstreamTool tool, IReadOnlySet<string> twins) =>
        [.. (tool.Offered ?? tool.Approved) is { } shown ? Of(shown) : [], .. twins.Contains(tool.ServiceId) ? [NameCase] : (string[])[]];

    private static IReadOnlyList<string> Of(OfferedTool tool)
    {
        if (tool.InputSchema is not { } text) return [];

        using var schema = JsonDocument.Parse(text);
        var (root, warnings) = (schema.RootElement, new List<string>());
        if (Combinators.Any(keyword => root.TryGetProperty(keyword, out _)))
        {
            warnings.Add(RootCombinator);
        }

        if (root.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object && !properties.EnumerateObject().All(static property => IsTaken(property.Name)))
        {
            warnings.Add(PropertyNames);
        }

        return warnings;
    }
}

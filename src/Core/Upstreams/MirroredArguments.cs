using System.Buffers;
using System.Text.Json;

namespace Agora.Core.Upstreams;

/// <summary>An argument that a call of the tool repeats in the header <c>Mcp-Param-{Header}</c>.</summary>
/// <param name="Path">Names of the properties that lead to it, from the root of the arguments.</param>
public sealed record MirroredArgument(IReadOnlyList<string> Path, string Header);

/// <summary>
/// The <c>x-mcp-header</c> annotations of a tool's input schema (SEP-2243). Each names a header: an HTTP token (RFC 9110 section 5.6.2) that no other annotation of the tool has, whatever its case, on a property of type string, integer or
/// boolean. A client must reject a tool with any other annotation.
/// </summary>
public static class MirroredArguments
{
    private const string Keyword = "x-mcp-header";

    private const int HeaderLength = 64;

    private static readonly SearchValues<char> Token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <returns>Null if there are none or one is not valid.</returns>
    public static IReadOnlyList<MirroredArgument>? Of(string? inputSchema) => Read(inputSchema) is { IsValid: true, Found: { Count: > 0 } found } ? found : null;

    public static bool AreValid(string? inputSchema) => Read(inputSchema).IsValid;

    private static (bool IsValid, List<MirroredArgument> Found) Read(string? inputSchema)
    {
        var found = new List<MirroredArgument>();
        if (inputSchema is null || !inputSchema.Contains(Keyword, StringComparison.Ordinal)) return (true, found);

        using var schema = JsonDocument.Parse(inputSchema);
        return (Add(schema.RootElement, [], found) && found.DistinctBy(static one => one.Header, StringComparer.OrdinalIgnoreCase).Count() == found.Count, found);
    }

    private static bool Add(JsonElement schema, IReadOnlyList<string> path, List<MirroredArgument> found)
    {
        if (schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object)
        {
            return true;
        }

        foreach (var property in properties.EnumerateObject())
        {
            IReadOnlyList<string> at = [.. path, property.Name];
            if (property.Value.ValueKind == JsonValueKind.Object && property.Value.TryGetProperty(Keyword, out var header))
            {
                if (!IsToken(header) || !IsPrimitive(property.Value)) return false;

                found.Add(new(at, header.GetString()!));
            }

            if (!Add(property.Value, at, found)) return false;
        }

        return true;
    }

    private static bool IsToken(JsonElement header) => header.ValueKind == JsonValueKind.String && header.GetString() is { Length: > 0 and <= HeaderLength } name && !name.AsSpan().ContainsAnyExcept(Token);

    private static bool IsPrimitive(JsonElement property) =>
        property.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() is "string" or "integer" or "boolean";
}

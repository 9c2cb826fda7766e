using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Core.Kernel;
using Agora.Core.Upstreams;
using Agora.JsonSchema;

namespace Agora.Grains.Upstreams;

/// <summary>Reads a tool as its upstream lists it. Whatever makes it unfit to be approved is said of it; nothing of it is mended but its schemas' dialect.</summary>
internal static class ToolReader
{
    private const string Draft7 = "http://json-schema.org/draft-07/schema";

    /// <summary>What draft-07 says otherwise than 2020-12.</summary>
    private static readonly string[] OtherwiseInDraft7 = ["additionalItems", "dependencies"];

    /// <summary>Null: it has no name.</summary>
    public static OfferedTool? Read(JsonElement tool)
    {
        if (tool.ValueKind != JsonValueKind.Object || McpMessages.TextOf(tool, "name") is not { Length: > 0 and <= Limits.IdLength } name)
        {
            return null;
        }

        var (title, description) = (McpMessages.TextOf(tool, "title"), McpMessages.TextOf(tool, "description") ?? "");
        var (input, inputFault) = Schema(tool, "inputSchema");
        var (output, outputFault) = Schema(tool, "outputSchema");
        var fault = description.Length > Limits.ToolDescriptionLength || title?.Length > Limits.NameLength ? ToolFaults.DescriptionTooLong
            : IsHidden(description) || IsHidden(title ?? "") ? ToolFaults.Hidden
            : inputFault ?? outputFault;
        return fault == ToolFaults.DescriptionTooLong
            ? OfferedTool.Of(name, null, description[..Math.Min(description.Length, Limits.ToolDescriptionLength)], input, output, Hints(tool), fault)
            : OfferedTool.Of(name, title, description, input, output, Hints(tool), fault);
    }

    private static ToolHints? Hints(JsonElement tool)
    {
        if (!tool.TryGetProperty("annotations", out var said) || said.ValueKind != JsonValueKind.Object) return null;

        var hints = new ToolHints(Flag("readOnlyHint"), Flag("destructiveHint"), Flag("idempotentHint"), Flag("openWorldHint"));
        return hints == new ToolHints() ? null : hints;

        bool? Flag(string name) => said.TryGetProperty(name, out var flag) && flag.ValueKind is JsonValueKind.True or JsonValueKind.False ? flag.GetBoolean() : null;
    }

    private static (string? Text, string? Fault) Schema(JsonElement tool, string name)
    {
        if (!tool.TryGetProperty(name, out var said) || said.ValueKind == JsonValueKind.Null) return (null, null);
        if (said.ValueKind != JsonValueKind.Object || said.GetRawText().Length > SchemaLimits.MaxSchemaBytes) return (null, ToolFaults.Schema);

        try
        {
            var schema = JsonNode.Parse(said.GetRawText())!.AsObject();
            if (Says(schema, "$schema")?.TrimEnd('#') == Draft7)
            {
                if (SaysOtherwise(schema)) return (null, ToolFaults.Schema);

                schema.Remove("$schema");
            }

            var text = schema.ToJsonString();
            return Says(schema, "type") != "object" || !JsonSchema.Schema.Compile(Encoding.UTF8.GetBytes(text), new()).Succeeded ? (null, ToolFaults.Schema)
                : (text, HoldsHidden(said) ? ToolFaults.Hidden : null);
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return (null, ToolFaults.Schema); // a name twice, or half a surrogate pair: no two readers understand it alike
        }
    }

    private static bool SaysOtherwise(JsonNode? node) => node switch
    {
        JsonObject members => OtherwiseInDraft7.Any(members.ContainsKey) || members["items"] is JsonArray || members.Any(member => SaysOtherwise(member.Value)),
        JsonArray items => items.Any(SaysOtherwise),
        _ => false,
    };

    private static string? Says(JsonObject schema, string name) => schema[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static bool HoldsHidden(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Any(static member => IsHidden(member.Name) || HoldsHidden(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().Any(HoldsHidden),
        JsonValueKind.String => IsHidden(value.GetString()!),
        _ => false,
    };

    /// <summary>What nobody sees and a model reads: control characters, marks of direction, zero widths, tags, fillers, variants of what has none.</summary>
    private static bool IsHidden(string text) => text.EnumerateRunes().Any(static rune => rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x2800 or 0x3164 or 0xFFA0 or (>= 0xFE00 and <= 0xFE0D) or (>= 0xE0100 and <= 0xE01EF)
        || rune.Value is not ('\n' or '\r' or '\t')
        && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}

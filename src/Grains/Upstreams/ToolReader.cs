using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Core.Kernel;
using Agora.Core.Upstreams;
using Agora.JsonSchema;
using Agora.Models;

namespace Agora.Grains.Upstreams;

/// <summary>Reads a tool as its upstream lists it. Whatever makes it unfit to be approved is said of it; nothing of it is mended but its schemas' dialect.</summary>
internal static class ToolReader
{
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
            : inputFault ?? outputFault ?? (MirroredArguments.AreValid(input) ? null : ToolFaults.Header);
        return fault == ToolFaults.DescriptionTooLong
            ? OfferedTool.Of(name, null, Excerpt.Of(description, Limits.ToolDescriptionLength), input, output, Hints(tool), fault)
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
            if (Says(schema, "type") != "object" || !JsonSchema.Schema.Compile(said, new()).Succeeded) return (null, ToolFaults.Schema);

            if (Says(schema, "$schema")?.TrimEnd('#') == JsonSchema.Schema.Draft7)
            {
                schema.Remove("$schema"); // it means the same without
            }

            return (schema.ToJsonString(), HoldsHidden(said) ? ToolFaults.Hidden : null);
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return (null, ToolFaults.Schema); // a name twice, or half a surrogate pair: no two readers understand it alike
        }
    }

    private static string? Says(JsonObject schema, string name) => schema[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static bool HoldsHidden(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Any(static member => IsHidden(member.Name) || HoldsHidden(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().Any(HoldsHidden),
        JsonValueKind.String => IsHidden(value.GetString()!),
        _ => false,
    };

    // In a tool's words, code points without an assigned character count as hidden, too.
    private static bool IsHidden(string text) =>
        HiddenCharacters.AreIn(text, lines: true) || text.EnumerateRunes().Any(static rune => Rune.GetUnicodeCategory(rune) is UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}

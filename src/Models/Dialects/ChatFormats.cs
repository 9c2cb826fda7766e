using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>How the answer is to look, and its stream.</summary>
internal static class ChatFormats
{
    private static readonly ChatPlace Format = new("response_format");
    private static readonly ChatPlace Schema = new("response_format", Inner: "json_schema");
    private static readonly ChatPlace Streaming = new("stream_options");

    public static OutputFormat Read(JsonElement value)
    {
        if (!Format.IsObject(value, "")) return OutputFormat.Text;

        JsonElement type = default, schema = default;
        foreach (var member in value.EnumerateObject())
        {
            switch (member.Name)
            {
                case "type":
                    type = member.Value;
                    break;
                case "json_schema":
                    schema = member.Value;
                    break;
                default:
                    throw Format.Unknown(member.Name);
            }
        }

        var kind = Format.OneOf(type, "type", ["text", "json_object", "json_schema"]) ?? throw Format.Missing("type");
        var hasSchema = Format.IsObject(schema, "json_schema");
        if (hasSchema != (kind == "json_schema"))
        {
            throw Format.Refuse("json_schema", "'response_format.json_schema' belongs to the type json_schema, and that needs it.");
        }

        return kind switch
        {
            "json_schema" => ReadSchema(schema),
            "json_object" => OutputFormat.Json,
            _ => OutputFormat.Text,
        };
    }

    private static OutputFormat.ByJsonSchema ReadSchema(JsonElement value)
    {
        string? name = null, description = null, schema = null;
        bool? strict = null;
        foreach (var member in value.EnumerateObject())
        {
            switch (member.Name)
            {
                case "name":
                    name = Schema.Name(member.Value, "name");
                    break;
                case "description":
                    description = Schema.Text(member.Value, "description");
                    break;
                case "schema":
                    schema = Schema.IsObject(member.Value, "schema") ? member.Value.GetRawText() : null;
                    break;
                case "strict":
                    strict = Schema.Flag(member.Value, "strict");
                    break;
                default:
                    throw Schema.Unknown(member.Name);
            }
        }

        return new(name ?? throw Schema.Missing("name"), schema ?? throw Schema.Missing("schema"), strict, description);
    }

    public static bool WantsUsage(JsonElement value)
    {
        if (!Streaming.IsObject(value, "")) return false;

        var wants = false;
        foreach (var member in value.EnumerateObject())
        {
            switch (member.Name)
            {
                case "include_usage":
                    wants = Streaming.Flag(member.Value, "include_usage") ?? false;
                    break;
                case "include_obfuscation":
                    // Clients write false to save bytes, which is what they get; who counts on the padding has to know that there is none.
                    if (Streaming.Flag(member.Value, "include_obfuscation") == true)
                    {
                        throw Streaming.Refuse("include_obfuscation", "Streams are not padded here: 'include_obfuscation' is false.");
                    }

                    break;
                default:
                    throw Streaming.Unknown(member.Name);
            }
        }

        return wants;
    }
}

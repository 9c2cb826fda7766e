using System.Diagnostics;
using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>The member `text`: the shape of the answer, and how long-winded it is.</summary>
internal static class ResponsesFormats
{
    public static void Write(Utf8JsonWriter writer, ModelRequest request)
    {
        writer.WriteStartObject("text");
        writer.WriteStartObject("format");
        switch (request.Format)
        {
            case OutputFormat.Plain:
                writer.WriteString("type", "text");
                break;
            case OutputFormat.AnyJson:
                writer.WriteString("type", "json_object");
                break;
            case OutputFormat.ByJsonSchema schema:
                writer.WriteString("type", "json_schema");
                writer.WriteString("name", schema.Name);
                writer.Optional("description", schema.Description);
                if (schema.Strict is { } strict)
                {
                    writer.WriteBoolean("strict", strict);
                }

                writer.Raw("schema", schema.Schema);
                break;
            default:
                throw new UnreachableException(request.Format.GetType().Name);
        }

        writer.WriteEndObject();
        writer.Optional("verbosity", request.Verbosity);
        writer.WriteEndObject();
    }
}

using System.Buffers.Text;
using System.Diagnostics;
using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>What messages and tools' results are made of. Files and sound are refused: nobody here can count what they cost.</summary>
internal static class ResponsesParts
{
    private static readonly string[] MediaTypes = ["image/png", "image/jpeg", "image/gif", "image/webp"];

    /// <param name="content">A string, or parts.</param>
    /// <param name="param">The member that it is.</param>
    /// <param name="isSaid">The assistant said it; else it is said to it.</param>
    /// <param name="withImages">Images may be in it.</param>
    public static IReadOnlyList<Part> Read(JsonElement content, string param, bool isSaid, bool withImages)
    {
        if (content.ValueKind == JsonValueKind.String) return [new Part.Text(content.GetString()!)];
        if (content.ValueKind != JsonValueKind.Array) throw DialectException.Invalid(param, $"'{param}' must be a string or an array of parts.");
        var parts = new List<Part>(ResponsesJson.Array(content, param, ModelLimits.Parts).GetArrayLength());
        foreach (var part in content.EnumerateArray())
        {
            try
            {
                parts.Add(ReadPart(part, isSaid, withImages));
            }
            catch (DialectException e)
            {
                throw ResponsesJson.Within($"{param}[{parts.Count}]", e);
            }
        }

        return parts;
    }

    /// <param name="isSaid">The assistant said it.</param>
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<Part> parts, bool isSaid)
    {
        writer.WriteStartArray();
        foreach (var part in parts)
        {
            switch (part)
            {
                case Part.Text text when isSaid:
                    WriteOutputText(writer, text.Value);
                    break;
                case Part.Text text:
                    WriteText(writer, "input_text", "text", text.Value);
                    break;
                case Part.Refusal refusal:
                    WriteText(writer, "refusal", "refusal", refusal.Value);
                    break;
                case Part.Image image:
                    WriteImage(writer, image);
                    break;
                default:
                    throw new UnreachableException(part.GetType().Name);
            }
        }

        writer.WriteEndArray();
    }

    public static void WriteOutputText(Utf8JsonWriter writer, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "output_text");
        writer.WriteString("text", text);
        writer.WriteStartArray("annotations");
        writer.WriteEndArray();
        writer.WriteStartArray("logprobs");
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    public static void WriteText(Utf8JsonWriter writer, string type, string member, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("type", type);
        writer.WriteString(member, text);
        writer.WriteEndObject();
    }

    public static void WriteImage(Utf8JsonWriter writer, Part.Image image)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "input_image");
        writer.WriteString("image_url", image.Url ?? $"data:{image.MediaType};base64,{image.Data}");
        writer.WriteString("detail", image.Detail ?? "auto");
        writer.WriteEndObject();
    }

    private static Part ReadPart(JsonElement part, bool isSaid, bool withImages)
    {
        string? type = null, text = null, refusal = null, url = null, detail = null;
        foreach (var member in ResponsesJson.Object(part, "type").EnumerateObject())
        {
            switch (member.Name)
            {
                case "type":
                    type = ResponsesJson.Text(member);
                    break;
                case "text":
                    text = ResponsesJson.Text(member);
                    break;
                case "refusal":
                    refusal = ResponsesJson.Text(member);
                    break;
                case "image_url" when !ResponsesJson.IsNull(member):
                    url = ResponsesJson.Text(member);
                    break;
                case "detail" when !ResponsesJson.IsNull(member):
                    detail = ResponsesJson.OneOf(member, "low", "high", "auto", "original");
                    break;
                case "image_url" or "detail":
                    break;
                case "annotations" or "logprobs" when isSaid:
                    // Of a reply that is sent back: they say nothing to the model.
                    ResponsesJson.Array(member, ModelLimits.Parts);
                    break;
                case "file_id" when ResponsesJson.IsNull(member):
                    break;
                case "file_id" or "file_data" or "file_url" or "filename" or "input_audio":
                    throw DialectException.Invalid(member.Name, "Files and audio are not taken: send text, or an image by its URL or as data.");
                default:
                    throw ResponsesJson.Unknown(member.Name);
            }
        }

        Check(text is null || type is "input_text" or "output_text", "text");
        Check(refusal is null || type == "refusal", "refusal");
        Check((url ?? detail) is null || type == "input_image", "image_url");
        return type switch
        {
            null => throw DialectException.Invalid("type", "'type' is missing."),
            "input_text" when !isSaid => new Part.Text(ResponsesJson.Wanted(text, "text")),
            "output_text" when isSaid => new Part.Text(ResponsesJson.Wanted(text, "text")),
            "refusal" when isSaid => new Part.Refusal(ResponsesJson.Wanted(refusal, "refusal")),
            "input_image" when withImages => ReadImage(ResponsesJson.Wanted(url, "image_url"), detail),
            "input_file" or "input_audio" => throw DialectException.Invalid("type", "Files and audio are not taken: send text, or an image by its URL or as data."),
            _ => throw DialectException.Invalid("type", "A part of this type is not taken here."),
        };
    }

    private static Part.Image ReadImage(string url, string? detail)
    {
        if (url.StartsWith("https://", StringComparison.Ordinal)) return new(url, null, null, detail);
        var comma = url.IndexOf(";base64,", StringComparison.Ordinal);
        if (!url.StartsWith("data:", StringComparison.Ordinal) || comma < 0)
        {
            throw DialectException.Invalid("image_url", "'image_url' must be an https URL, or a data URL in base64.");
        }

        var mediaType = url[5..comma];
        var data = url.AsSpan(comma + 8);
        if (!MediaTypes.Contains(mediaType)) throw DialectException.Invalid("image_url", $"An image must be one of {string.Join(", ", MediaTypes)}.");
        if (data.IsEmpty || !Base64.IsValid(data)) throw DialectException.Invalid("image_url", "The data of an image must be base64.");
        return new(null, mediaType, data.ToString(), detail);
    }

    private static void Check(bool holds, string param)
    {
        if (!holds) throw DialectException.Invalid(param, $"'{param}' does not belong to a part of this type.");
    }
}

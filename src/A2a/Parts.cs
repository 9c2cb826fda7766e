using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using Agora.Application.Operations;
using Agora.Core.Conversations;

namespace Agora.A2a;

/// <summary>
/// What messages and artifacts are made of (section 4.1.6 of the specification). Read and written anew, member for member in one order: what is not the protocol's is passed over, and the same is the same byte for byte.
/// </summary>
internal static class Parts
{
    private static readonly string[] Contents = ["text", "raw", "url", "data"];

    /// <summary>All that is wrong with them goes to the findings.</summary>
    public static void Check(JsonElement message, string path, Findings findings)
    {
        if (!message.TryGetProperty("parts", out var parts) || parts.ValueKind != JsonValueKind.Array || parts.GetArrayLength() is 0 or > A2aLimits.Parts)
        {
            findings.Violate($"{path}/parts", "", string.Create(CultureInfo.InvariantCulture, $"A list of 1 to {A2aLimits.Parts} parts is wanted here."));
            return;
        }

        var index = 0;
        foreach (var part in parts.EnumerateArray())
        {
            CheckPart(part, string.Create(CultureInfo.InvariantCulture, $"{path}/parts/{index++}"), findings);
        }

        CheckRest(message, path, findings);
    }

    /// <summary>Metadata and extensions, which messages and artifacts have alike.</summary>
    public static void CheckRest(JsonElement message, string path, Findings findings)
    {
        CheckObject(message, "metadata", path, findings);
        CheckNames(message, "extensions", path, findings);
    }

    public static void CheckObject(JsonElement around, string name, string path, Findings findings)
    {
        if (Member(around, name) is { ValueKind: not JsonValueKind.Object })
        {
            findings.Violate($"{path}/{name}", "", "An object is wanted here.");
        }
    }

    public static void CheckNames(JsonElement around, string name, string path, Findings findings)
    {
        if (Member(around, name) is { } names && !(names.ValueKind == JsonValueKind.Array && names.GetArrayLength() <= A2aLimits.Names && names.EnumerateArray().All(IsName)))
        {
            findings.Violate($"{path}/{name}", "", string.Create(CultureInfo.InvariantCulture, $"A list of at most {A2aLimits.Names} strings of at most {A2aLimits.NameLength} characters is wanted here."));
        }
    }

    /// <summary>Null: it is not there.</summary>
    public static JsonElement? Member(JsonElement around, string name) => around.ValueKind == JsonValueKind.Object && around.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>Of an id, which is visible ASCII. Null: it is not there, or is none.</summary>
    public static string? Id(JsonElement around, string name) =>
        Member(around, name) is { ValueKind: JsonValueKind.String } id && id.GetString() is { Length: > 0 and <= A2aLimits.IdLength } text && !text.AsSpan().ContainsAnyExceptInRange('!', '~') ? text : null;

    /// <summary>Of something that was checked.</summary>
    public static void Write(Utf8JsonWriter writer, JsonElement parts)
    {
        writer.WriteStartArray("parts");
        WriteItems(writer, parts);
        writer.WriteEndArray();
    }

    public static void WriteItems(Utf8JsonWriter writer, JsonElement parts)
    {
        foreach (var part in parts.EnumerateArray())
        {
            writer.WriteStartObject();
            var content = Array.Find(Contents, name => part.TryGetProperty(name, out _))!;
            WriteMember(writer, content, part.GetProperty(content));
            Copy(writer, part, "metadata", "filename", "mediaType");
            writer.WriteEndObject();
        }
    }

    public static void Copy(Utf8JsonWriter writer, JsonElement from, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Member(from, name) is { } value)
            {
                WriteMember(writer, name, value);
            }
        }
    }

    /// <summary>Of what is no message of the protocol: a text, else whatever it is as data.</summary>
    public static void WritePlain(Utf8JsonWriter writer, string contentType, ReadOnlyMemory<byte> content)
    {
        var json = JsonElement.Parse(content.Span);
        writer.WriteStartArray("parts");
        writer.WriteStartObject();
        WriteMember(writer, json.ValueKind == JsonValueKind.String ? "text" : "data", json);
        if (contentType != MediaTypes.Json || json.ValueKind != JsonValueKind.String)
        {
            writer.WriteString("mediaType", contentType);
        }

        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private static void WriteMember(Utf8JsonWriter writer, string name, JsonElement value)
    {
        writer.WritePropertyName(name);
        value.WriteTo(writer);
    }

    private static bool IsName(JsonElement name) => name.ValueKind == JsonValueKind.String && name.GetString()!.Length <= A2aLimits.NameLength;

    private static void CheckPart(JsonElement part, string path, Findings findings)
    {
        if (part.ValueKind != JsonValueKind.Object || Contents.Count(name => part.TryGetProperty(name, out _)) != 1)
        {
            findings.Violate(path, "", "A part has one of text, raw, url and data.");
            return;
        }

        foreach (var name in (string[])["text", "raw", "url", "filename", "mediaType"])
        {
            if (part.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.String && !(name is "filename" or "mediaType" && value.ValueKind == JsonValueKind.Null))
            {
                findings.Violate($"{path}/{name}", "", "A string is wanted here.");
            }
        }

        if (part.TryGetProperty("raw", out var raw) && raw.ValueKind == JsonValueKind.String && !Base64.IsValid(raw.GetString()))
        {
            findings.Violate($"{path}/raw", "", "Base64 is wanted here.");
        }

        CheckObject(part, "metadata", path, findings);
    }
}

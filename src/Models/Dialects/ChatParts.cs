using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>What a message is made of: one text, or a list of parts.</summary>
internal static class ChatParts
{
    /// <summary>Of a URL that the provider fetches; one with the bytes in it is bounded by the body.</summary>
    private const int UrlLength = 8_192;

    /// <param name="role">As the client says it: images are the user's, refusals the assistant's.</param>
    /// <returns>Empty: there is none.</returns>
    public static IReadOnlyList<Part> Read(JsonElement content, ChatPlace message, string role)
    {
        if (content.ValueKind == JsonValueKind.String) return [new Part.Text(content.GetString()!)];
        if (!message.IsList(content, "content", ModelLimits.Parts)) return [];

        var parts = new List<Part>(content.GetArrayLength());
        foreach (var part in content.EnumerateArray())
        {
            parts.Add(ReadPart(part, message with { Inner = "content", InnerIndex = parts.Count }, role));
        }

        return parts;
    }

    private static Part ReadPart(JsonElement value, ChatPlace at, string role)
    {
        if (!at.IsObject(value, "")) throw at.Refuse("", $"'{at.Of("")}' is an object.");
        if (!value.TryGetProperty("type"u8, out var type)) throw at.Missing("type");

        var kind = at.Text(type, "type") ?? throw at.Missing("type");
        switch (kind)
        {
            case "text":
                return new Part.Text(at.Text(Only(value, kind, at), kind) ?? throw at.Missing(kind));
            case "image_url" when role == "user":
                return ReadImage(Only(value, kind, at), at);
            case "refusal" when role == "assistant":
                return new Part.Refusal(at.Text(Only(value, kind, at), kind) ?? throw at.Missing(kind));
            case "input_audio":
                throw at.Refuse("type", "Audio is not taken here: send what was said as text.");
            case "file":
                throw at.Refuse("type", "Files are not taken here: send what is in them as text or images.");
            case "image_url" or "refusal":
                throw at.Refuse("type", $"A part of type {kind} is none for the role {role}.");
            default:
                throw at.Refuse("type", $"'{at.Of("type")}' is text, image_url (of the user) or refusal (of the assistant).");
        }
    }

    /// <summary>Beside its type a part has the member that is named like it.</summary>
    private static JsonElement Only(JsonElement part, string name, ChatPlace at)
    {
        JsonElement found = default;
        foreach (var member in part.EnumerateObject())
        {
            if (member.NameEquals(name))
            {
                found = member.Value;
            }
            else if (!member.NameEquals("type"u8))
            {
                throw at.Unknown(member.Name);
            }
        }

        return found;
    }

    private static Part.Image ReadImage(JsonElement value, ChatPlace at)
    {
        if (!at.IsObject(value, "image_url")) throw at.Missing("image_url");

        JsonElement url = default;
        string? detail = null;
        foreach (var member in value.EnumerateObject())
        {
            switch (member.Name)
            {
                case "url":
                    url = member.Value;
                    break;
                case "detail":
                    detail = at.OneOf(member.Value, "image_url.detail", ["auto", "low", "high", "original"]);
                    break;
                default:
                    throw at.Unknown($"image_url.{member.Name}");
            }
        }

        if (url.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null) throw at.Missing("image_url.url");
        if (url.ValueKind != JsonValueKind.String) throw at.Refuse("image_url.url", $"'{at.Of("image_url.url")}' is a text.");

        // Read from the body's bytes: a picture of megabytes becomes one text, not two. With an escape in it (PHP writes \/) it is taken out first.
        var raw = JsonMarshal.GetRawUtf8Value(url)[1..^1];
        if (raw.Contains((byte)'\\'))
        {
            raw = Encoding.UTF8.GetBytes(url.GetString()!);
        }

        return raw.StartsWith("data:"u8) ? Inline(raw["data:"u8.Length..], detail, at) : Linked(Encoding.UTF8.GetString(raw), detail, at);
    }

    private static Part.Image Inline(ReadOnlySpan<byte> raw, string? detail, ChatPlace at)
    {
        var comma = raw.IndexOf((byte)',');
        var head = comma < 0 ? [] : raw[..comma];
        if (comma > ModelLimits.NameLength || !head.StartsWith("image/"u8) || !head.EndsWith(";base64"u8) || !Ascii.IsValid(head))
        {
            throw at.Refuse("image_url.url", "An image in the body is data:image/…;base64,… .");
        }

        var data = raw[(comma + 1)..];
        if (data.IsEmpty || !Base64.IsValid(data)) throw at.Refuse("image_url.url", "The image is not base64.");

        return new(null, Encoding.ASCII.GetString(head[..^";base64"u8.Length]), Encoding.ASCII.GetString(data), detail);
    }

    private static Part.Image Linked(string url, string? detail, ChatPlace at)
    {
        var isWeb = url.Length <= UrlLength && Uri.TryCreate(url, UriKind.Absolute, out var parsed) && (parsed.Scheme == Uri.UriSchemeHttps || parsed.Scheme == Uri.UriSchemeHttp);
        return isWeb ? new(url, null, null, detail) : throw at.Refuse("image_url.url", $"An image is an http(s) URL of at most {UrlLength} characters, or a data: URL.");
    }
}

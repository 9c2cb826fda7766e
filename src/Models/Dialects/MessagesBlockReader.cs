using System.Buffers.Text;
using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>One block: a part of a message, or an item of its own. What a client was given in a reply it may send back as it stands (citations: null, caller: direct).</summary>
internal sealed class MessagesBlockReader(MessagesPlace place)
{
    private const int UrlLength = 8_192;

    private int _parts;

    public (Part? Part, Item? Item) Read(Role role, JsonElement block) => (role, place.TypeOf(block)) switch
    {
        (_, "text") => (Text(block), null),
        (Role.User, "image") => (Image(block), null),
        (Role.User, "tool_result") => (null, ToolResult(block)),
        (Role.Assistant, "tool_use") => (null, ToolUse(block)),
        (Role.Assistant, "thinking") => (null, Thinking(block)),
        (Role.Assistant, "redacted_thinking") => (null, RedactedThinking(block)),
        (_, "image" or "tool_result" or "tool_use" or "thinking" or "redacted_thinking") => throw place.Wrong("type", "A block of this type has no place in a message of this role."),
        (_, "document" or "search_result") => throw place.Wrong("type", "Documents are not taken: send their text, or images of their pages."),
        (_, "server_tool_use" or "mcp_tool_use" or "container_upload") => throw place.Wrong("type", "What a provider's own tools did is not taken, as no such tools are."),
        _ => throw place.Wrong("type", "A block of this type is not taken."),
    };

    private Part.Text Text(JsonElement block)
    {
        string? text = null;
        CacheTime? cache = null;
        foreach (var member in block.EnumerateObject())
        {
            if (IsPassedOver(member)) continue;

            switch (member.Name)
            {
                case "text":
                    text = place.Text(member.Value, "text");
                    break;
                case "cache_control":
                    cache = MessagesOptionsReader.Cache(member.Value, place);
                    break;
                case "citations":
                    throw place.Wrong("citations", "Citations are not taken.");
                default:
                    throw place.Unknown(member.Name);
            }
        }

        CountPart();
        return new(text ?? throw place.Missing("text")) { Cache = cache };
    }

    private Part.Image Image(JsonElement block)
    {
        Part.Image? image = null;
        CacheTime? cache = null;
        foreach (var member in block.EnumerateObject())
        {
            if (IsPassedOver(member)) continue;

            switch (member.Name)
            {
                case "source":
                    place.Into("source");
                    image = Source(member.Value);
                    place.Out();
                    break;
                case "cache_control":
                    cache = MessagesOptionsReader.Cache(member.Value, place);
                    break;
                default:
                    throw place.Unknown(member.Name);
            }
        }

        CountPart();
        return (image ?? throw place.Missing("source")) with { Cache = cache };
    }

    private Part.Image Source(JsonElement source)
    {
        var type = place.TypeOf(source);
        if (type is not ("base64" or "url")) throw place.Wrong("type", "Must be one of: base64, url.");

        string? data = null, mediaType = null, url = null;
        foreach (var member in source.EnumerateObject())
        {
            if (IsPassedOver(member)) continue;

            switch (type, member.Name)
            {
                case ("base64", "data"):
                    data = place.Text(member.Value, "data");
                    if (data.Length == 0 || !Base64.IsValid(data)) throw place.Wrong("data", "Must be base64.");
                    break;
                case ("base64", "media_type"):
                    mediaType = place.Word(member.Value, "media_type", "image/jpeg", "image/png", "image/gif", "image/webp");
                    break;
                case ("url", "url"):
                    url = place.Text(member.Value, "url", UrlLength);

                    if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme != "https")
                    {
                        throw place.Wrong("url", "Must be an https URL.");
                    }

                    break;
                default:
                    throw place.Unknown(member.Name);
            }
        }

        if (type == "url") return new(url ?? throw place.Missing("url"), null, null, null);

        return new(null, mediaType ?? throw place.Missing("media_type"), data ?? throw place.Missing("data"), null);
    }

    private Item.ToolCall ToolUse(JsonElement block)
    {
        string? id = null, name = null, input = null;
        foreach (var member in block.EnumerateObject())
        {
            if (IsPassedOver(member)) continue;

            switch (member.Name)
            {
                case "id":
                    id = place.NameText(member.Value, "id");
                    break;
                case "name":
                    name = place.NameText(member.Value, "name");
                    break;
                case "input":
                    input = place.Json(member.Value, "input");
                    break;
                case "cache_control":
                    // A call has no place for it; it is checked all the same, so that what is wrong is never passed over.
                    MessagesOptionsReader.Cache(member.Value, place);
                    break;
                case "caller":
                    place.Into("caller");
                    if (place.TypeOf(member.Value) != "direct") throw place.Wrong("type", "Must be: direct.");
                    place.Out();
                    break;
                default:
                    throw place.Unknown(member.Name);
            }
        }

        return new(id ?? throw place.Missing("id"), name ?? throw place.Missing("name"), input ?? throw place.Missing("input"));
    }

    private Item.ToolResult ToolResult(JsonElement block)
    {
        string? id = null;
        var isError = false;
        List<Part> parts = [];
        CacheTime? cache = null;
        foreach (var member in block.EnumerateObject())
        {
            if (IsPassedOver(member)) continue;

            switch (member.Name)
            {
                case "tool_use_id":
                    id = place.NameText(member.Value, "tool_use_id");
                    break;
                case "content":
                    parts = ResultContent(member.Value);
                    break;
                case "is_error":
                    isError = place.Flag(member.Value, "is_error");
                    break;
                case "cache_control":
                    cache = MessagesOptionsReader.Cache(member.Value, place);
                    break;
                default:
                    throw place.Unknown(member.Name);
            }
        }

        if (cache is not null && parts.Count > 0)
        {
            parts[^1] = parts[^1] with { Cache = cache };
        }

        return new(id ?? throw place.Missing("tool_use_id"), parts, isError);
    }

    private List<Part> ResultContent(JsonElement content)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            CountPart();
            return [new Part.Text(place.Text(content, "content"))];
        }

        if (content.ValueKind != JsonValueKind.Array) throw place.Wrong("content", "Must be a string or an array of blocks.");

        place.Into("content");
        var parts = new List<Part>();
        foreach (var part in content.EnumerateArray())
        {
            place.Into(parts.Count);
            parts.Add(place.TypeOf(part) switch
            {
                "text" => Text(part),
                "image" => Image(part),
                "tool_reference" => ToolReference(part),
                _ => throw place.Wrong("type", "Of a tool's result, only text, images and references to tools are taken."),
            });
            place.Out();
        }

        place.Out();
        return parts;
    }

    /// <summary>A tool that a search among tools has found. All tools are offered from the start, so the model only has to read its name.</summary>
    private Part.Text ToolReference(JsonElement block)
    {
        string? name = null;
        foreach (var member in block.EnumerateObject())
        {
            if (IsPassedOver(member)) continue;

            switch (member.Name)
            {
                case "tool_name":
                    name = place.NameText(member.Value, "tool_name");
                    break;
                case "cache_control":
                    MessagesOptionsReader.Cache(member.Value, place);
                    break;
                default:
                    throw place.Unknown(member.Name);
            }
        }

        CountPart();
        return new($"Tool found: {name ?? throw place.Missing("tool_name")}");
    }

    private Item.Reasoning Thinking(JsonElement block)
    {
        string? text = null, signature = null;
        foreach (var member in block.EnumerateObject())
        {
            if (IsPassedOver(member)) continue;

            switch (member.Name)
            {
                case "thinking":
                    text = place.Text(member.Value, "thinking");
                    break;
                case "signature":
                    signature = place.Text(member.Value, "signature");
                    break;
                default:
                    throw place.Unknown(member.Name);
            }
        }

        var (seal, id) = MessagesSeals.Read(signature ?? throw place.Missing("signature"));
        return new([], text ?? throw place.Missing("thinking"), seal, id);
    }

    private Item.Reasoning RedactedThinking(JsonElement block)
    {
        string? data = null;
        foreach (var member in block.EnumerateObject())
        {
            if (IsPassedOver(member)) continue;
            if (member.Name != "data") throw place.Unknown(member.Name);

            data = place.Text(member.Value, "data");
        }

        var (seal, id) = MessagesSeals.Read(data ?? throw place.Missing("data"));
        return new([], "", seal, id, IsRedacted: true);
    }

    private void CountPart()
    {
        if (++_parts > ModelLimits.Parts) throw place.Wrong(null, $"The request has more than {ModelLimits.Parts} blocks of text and images.");
    }

    /// <summary>The type, by which it came here, and what is null, which counts as absent.</summary>
    private static bool IsPassedOver(JsonProperty member) => member.NameEquals("type"u8) || member.Value.ValueKind == JsonValueKind.Null;
}

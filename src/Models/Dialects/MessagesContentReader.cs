using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>system and messages, as items in order: blocks of text and images that stand together are one message, every other block is an item of its own.</summary>
internal sealed class MessagesContentReader
{
    private readonly MessagesPlace _place;
    private readonly MessagesBlockReader _blocks;
    private readonly List<Item> _items = [];

    private MessagesContentReader(MessagesPlace place)
    {
        _place = place;
        _blocks = new(place);
    }

    public static List<Item> Items(JsonElement body, MessagesPlace place)
    {
        var reader = new MessagesContentReader(place);
        if (body.TryGetProperty("system"u8, out var system) && system.ValueKind != JsonValueKind.Null)
        {
            reader.AddContent(Role.System, system, "system");
        }

        if (!body.TryGetProperty("messages"u8, out var messages)) throw place.Missing("messages");

        reader.AddMessages(messages);
        if (body.TryGetProperty("cache_control"u8, out var cache) && cache.ValueKind != JsonValueKind.Null)
        {
            reader.CacheUpToTheLast(MessagesOptionsReader.Cache(cache, place));
        }

        return reader._items;
    }

    private void AddMessages(JsonElement messages)
    {
        _place.WantArray(messages, "messages", ModelLimits.Items);
        if (messages.GetArrayLength() == 0) throw _place.Wrong("messages", "At least one message is required.");

        _place.Into("messages");
        var number = 0;
        foreach (var message in messages.EnumerateArray())
        {
            _place.Into(number++);
            AddMessage(message);
            _place.Out();
        }

        _place.Out();
    }

    private void AddMessage(JsonElement message)
    {
        _place.WantObject(message);
        JsonElement? content = null;
        Role? role = null;
        foreach (var member in message.EnumerateObject())
        {
            switch (member.Name)
            {
                case "role":
                    role = _place.Word(member.Value, "role", "user", "assistant", "system") switch
                    {
                        "user" => Role.User,
                        "assistant" => Role.Assistant,
                        _ => Role.System,
                    };
                    break;
                case "content":
                    content = member.Value;
                    break;
                default:
                    throw _place.Unknown(member.Name);
            }
        }

        AddContent(role ?? throw _place.Missing("role"), content ?? throw _place.Missing("content"), "content");
    }

    private void AddContent(Role role, JsonElement content, string member)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            Add(new Item.Message(role, [new Part.Text(_place.Text(content, member))]), member);
            return;
        }

        if (content.ValueKind != JsonValueKind.Array) throw _place.Wrong(member, "Must be a string or an array of blocks.");

        _place.WantArray(content, member, ModelLimits.Parts);
        _place.Into(member);
        var number = 0;
        var parts = new List<Part>();
        foreach (var block in content.EnumerateArray())
        {
            _place.Into(number++);
            var read = _blocks.Read(role, block);
            if (read.Part is { } part)
            {
                parts.Add(part);
            }
            else
            {
                parts = Flush(role, parts);
                AddBlock(read.Item!);
            }

            _place.Out();
        }

        Flush(role, parts);
        _place.Out();
    }

    private List<Part> Flush(Role role, List<Part> parts)
    {
        if (parts.Count == 0) return parts;

        Add(new Item.Message(role, parts), null);
        return [];
    }

    /// <summary>What <see cref="MessagesSeals"/> laid before a tool call goes back into it.</summary>
    private void AddBlock(Item item)
    {
        if (item is Item.ToolCall call && _items.Count > 0 && _items[^1] is Item.Reasoning { IsRedacted: true, Seal: { Maker: not MessagesSeals.Own } seal })
        {
            _items[^1] = call with { Seal = seal };
            return;
        }

        Add(item, null);
    }

    private void Add(Item item, string? member)
    {
        if (_items.Count >= ModelLimits.Items)
        {
            throw _place.Wrong(member, $"The request has more than {ModelLimits.Items} messages, tool calls, results and reasoning.");
        }

        _items.Add(item);
    }

    /// <summary>The request's own cache_control is that of its last block; what a block says of itself is more exact, and stays.</summary>
    private void CacheUpToTheLast(CacheTime cache)
    {
        for (var i = _items.Count - 1; i >= 0; i--)
        {
            var parts = _items[i] switch
            {
                Item.Message message => message.Parts,
                Item.ToolResult result => result.Parts,
                _ => [],
            };
            if (parts.Count == 0) continue;

            List<Part> marked = [.. parts];
            marked[^1] = marked[^1] with { Cache = marked[^1].Cache ?? cache };
            _items[i] = _items[i] switch
            {
                Item.Message message => message with { Parts = marked },
                Item.ToolResult result => result with { Parts = marked },
                var other => other,
            };
            return;
        }
    }
}

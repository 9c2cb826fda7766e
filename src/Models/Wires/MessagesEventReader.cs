using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>A stream's events. Anthropic adds kinds of events and blocks at any time, and asks that those which are not known be passed over.</summary>
internal sealed class MessagesEventReader : IWireStream
{
    /// <summary>Open blocks by the provider's number; null: one that is passed over.</summary>
    private readonly Dictionary<long, Block?> _blocks = [];
    private readonly MessagesUsageReader _usage = new();
    private bool _isStarted;
    private int _items;

    public bool IsOver { get; private set; }

    public void Read(ReadOnlyMemory<byte> data, List<ModelEvent> into)
    {
        if (IsOver) return;

        MessagesWireJson.Read(data, said =>
        {
            Read(said, into);
            return true;
        });
    }

    public void Count(ReadOnlyMemory<byte> data, List<ModelEvent> into) => UsageOnly.Read(data, said =>
    {
        Count(MessagesWireJson.Object(said, "message"u8) ?? said, into); // in a whole reply the usage is where a message_delta has it
        var type = MessagesWireJson.Text(said, "type"u8);
        IsOver |= type is "message_stop" or "error";
        if (type == "message_delta" && MessagesWireJson.Object(said, "delta"u8) is { } delta && MessagesReplyReader.FinishOf(delta) is { } finish)
        {
            into.Add(new ModelEvent.Ended(finish));
        }
    });

    private void Read(JsonElement said, List<ModelEvent> into)
    {
        switch (MessagesWireJson.Text(said, "type"u8))
        {
            case "message_start":
                Start(MessagesWireJson.Object(said, "message"u8) ?? throw MessagesWireJson.Wrong("message"u8, "nothing"), into);
                break;
            case "content_block_start":
                Begin(NumberOf(said), said, into);
                break;
            case "content_block_delta":
                Add(BlockOf(said), MessagesWireJson.Object(said, "delta"u8) ?? throw MessagesWireJson.Wrong("delta"u8, "nothing"), into);
                break;
            case "content_block_stop":
                if (BlockOf(said) is { } stopped)
                {
                    into.Add(new ModelEvent.Completed(stopped.Item));
                }

                _blocks.Remove(NumberOf(said));
                break;
            case "message_delta":
                Change(said, into);
                break;
            case "message_stop":
                Stop(into);
                break;
            case "error":
                into.Add(new ModelEvent.Failed(MessagesFaults.Of(said)));
                IsOver = true;
                break;
            case null:
                throw MessagesWireJson.Wrong("type"u8, "nothing");
            default:
                break;
        }
    }

    private void Start(JsonElement message, List<ModelEvent> into)
    {
        if (_isStarted) throw new InvalidDataException("The provider began its message twice.");

        _isStarted = true;
        into.Add(new ModelEvent.Started(MessagesWireJson.Text(message, "id"u8), MessagesWireJson.Text(message, "model"u8)));
        Count(message, into);
    }

    private void Begin(long number, JsonElement said, List<ModelEvent> into)
    {
        WantStart();
        var block = MessagesWireJson.Object(said, "content_block"u8) ?? throw MessagesWireJson.Wrong("content_block"u8, "nothing");
        var item = MessagesReplyReader.Begin(block);
        if (_blocks.ContainsKey(number)) throw new InvalidDataException("The provider began a block twice.");
        if (item is not null && _items >= ModelLimits.Items) throw new InvalidDataException("The provider sent too many blocks.");
        if (_blocks.Count >= ModelLimits.Items) throw new InvalidDataException("The provider sent too many open blocks.");

        _blocks[number] = item is null ? null : new(_items, item);
        if (item is null) return;

        into.Add(new ModelEvent.Began(_items, item));
        AddText(_items, item, MessagesWireJson.Text(block, item is Item.Message ? "text"u8 : "thinking"u8), into);
        _items++;
    }

    private static void AddText(int index, Item item, string? text, List<ModelEvent> into)
    {
        if (string.IsNullOrEmpty(text)) return;

        into.Add(item is Item.Message ? new ModelEvent.TextAdded(index, text) : new ModelEvent.ReasoningAdded(index, text));
    }

    private static void Add(Block? block, JsonElement delta, List<ModelEvent> into)
    {
        if (block is null) return;

        switch (MessagesWireJson.Text(delta, "type"u8), block.Kind)
        {
            case ("text_delta", Item.Message):
                AddText(block.Item, block.Kind, MessagesWireJson.Piece(delta, "text"u8), into);
                break;
            case ("thinking_delta", Item.Reasoning { IsRedacted: false }):
                AddText(block.Item, block.Kind, MessagesWireJson.Piece(delta, "thinking"u8), into);
                break;
            case ("signature_delta", Item.Reasoning { IsRedacted: false }):
                if (MessagesReplyReader.SealOf(MessagesWireJson.Text(delta, "signature"u8)) is { } seal)
                {
                    into.Add(new ModelEvent.Sealed(block.Item, seal));
                }

                break;
            case ("input_json_delta", Item.ToolCall):
                if (MessagesWireJson.Piece(delta, "partial_json"u8) is { Length: > 0 } json)
                {
                    into.Add(new ModelEvent.ArgumentsAdded(block.Item, json));
                }

                break;
            case ("text_delta" or "thinking_delta" or "signature_delta" or "input_json_delta", _):
                throw MessagesWireJson.Wrong("delta"u8, "what does not belong to its block");
            default:
                break;
        }
    }

    private void Change(JsonElement said, List<ModelEvent> into)
    {
        WantStart();
        Count(said, into);
        if (MessagesWireJson.Object(said, "delta"u8) is { } delta && MessagesReplyReader.FinishOf(delta) is { } finish)
        {
            into.Add(new ModelEvent.Ended(finish, MessagesWireJson.Text(delta, "stop_sequence"u8)));
        }
    }

    private void Count(JsonElement parent, List<ModelEvent> into)
    {
        if (MessagesWireJson.Object(parent, "usage"u8) is not { } usage) return;

        var tier = _usage.Tier;
        _usage.Add(usage);
        into.Add(new ModelEvent.Counted(_usage.Usage));
        if (_usage.Tier is { } now && now != tier)
        {
            into.Add(new ModelEvent.Tiered(now));
        }
    }

    private void Stop(List<ModelEvent> into)
    {
        WantStart();
        foreach (var open in _blocks.Values.OfType<Block>().OrderBy(block => block.Item))
        {
            into.Add(new ModelEvent.Completed(open.Item));
        }

        _blocks.Clear();
        IsOver = true;
    }

    private Block? BlockOf(JsonElement said) => _blocks.TryGetValue(NumberOf(said), out var block) ? block : throw new InvalidDataException("The provider goes on with a block that is not open.");

    private static long NumberOf(JsonElement said) =>
        MessagesWireJson.Has(said, "index"u8, out var index) && index.ValueKind == JsonValueKind.Number && index.TryGetInt64(out var number)
            ? number : throw MessagesWireJson.Wrong("index"u8, "no number");

    private void WantStart()
    {
        if (!_isStarted) throw new InvalidDataException("The provider did not begin its message.");
    }

    /// <param name="Item">The item's number.</param>
    /// <param name="Kind">As it began.</param>
    private sealed record Block(int Item, Item Kind);
}

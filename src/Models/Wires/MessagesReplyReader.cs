using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>A whole reply, and what it has in common with a stream: the beginnings of blocks, why it ended.</summary>
internal static class MessagesReplyReader
{
    public static ModelReply Read(JsonElement body)
    {
        var type = MessagesWireJson.Text(body, "type"u8);
        if (type == "error") return new(null, null, [], null, null, Fault: MessagesFaults.Of(body));
        if (type != "message") throw MessagesWireJson.Wrong("type"u8, "no message");

        var output = new List<Item>();
        foreach (var block in (MessagesWireJson.Array(body, "content"u8) ?? throw MessagesWireJson.Wrong("content"u8, "no array")).EnumerateArray())
        {
            if (Whole(block) is not { } item) continue;
            if (output.Count >= ModelLimits.Items) throw MessagesWireJson.Wrong("content"u8, "too many blocks");

            output.Add(item);
        }

        var usage = new MessagesUsageReader();
        usage.Add(MessagesWireJson.Object(body, "usage"u8) ?? throw MessagesWireJson.Wrong("usage"u8, "nothing"));
        return new(
            MessagesWireJson.Text(body, "id"u8), MessagesWireJson.Text(body, "model"u8), output, usage.Usage, FinishOf(body),
            MessagesWireJson.Text(body, "stop_sequence"u8), usage.Tier);
    }

    /// <summary>Null: a block of a kind that is not asked for. Each block of text is a message of its own, so that the order of all blocks stays.</summary>
    public static Item? Begin(JsonElement block)
    {
        if (block.ValueKind != JsonValueKind.Object) throw MessagesWireJson.Wrong("content"u8, "no block");

        return MessagesWireJson.Text(block, "type"u8) switch
        {
            "text" => new Item.Message(Role.Assistant, []),
            "tool_use" => new Item.ToolCall(MessagesWireJson.NameText(block, "id"u8), MessagesWireJson.NameText(block, "name"u8), ""),
            "thinking" => new Item.Reasoning([], "", null),
            "redacted_thinking" => new Item.Reasoning([], "", new(MessagesContentWriter.Maker, MessagesWireJson.Text(block, "data"u8) ?? ""), IsRedacted: true),
            _ => null,
        };
    }

    /// <summary>Null: it has not ended yet. What Anthropic has no word for today is a stop like others.</summary>
    public static Finish? FinishOf(JsonElement parent) => MessagesWireJson.Text(parent, "stop_reason"u8) switch
    {
        null => null,
        "max_tokens" or "model_context_window_exceeded" => Finish.Length,
        "tool_use" => Finish.ToolCalls,
        "refusal" => Finish.Refusal,
        _ => Finish.Stop,
    };

    public static Seal? SealOf(string? signature) => string.IsNullOrEmpty(signature) ? null : new(MessagesContentWriter.Maker, signature);

    private static Item? Whole(JsonElement block) => Begin(block) switch
    {
        Item.Message message => message with { Parts = [new Part.Text(MessagesWireJson.Text(block, "text"u8) ?? "")] },
        Item.ToolCall call => call with { Arguments = MessagesWireJson.Object(block, "input"u8) is { } input ? MessagesWireJson.Compact(input) : "{}" },
        Item.Reasoning { IsRedacted: false } reasoning => reasoning with
        {
            Text = MessagesWireJson.Text(block, "thinking"u8) ?? "",
            Seal = SealOf(MessagesWireJson.Text(block, "signature"u8)),
        },
        var item => item,
    };
}

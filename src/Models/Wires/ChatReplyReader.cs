using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>chat.completion: its one message is reasoning, a message and tool calls, in this order.</summary>
internal static class ChatReplyReader
{
    public static ModelReply Read(JsonElement body)
    {
        var (id, model) = (ChatReading.Name(body, "id"u8), ChatReading.Name(body, "model"u8));
        var usage = ChatUsage.Read(body);
        var choices = ChatReading.List(body, "choices"u8);
        // Some answer 200 and say an error.
        if (choices.ValueKind == JsonValueKind.Undefined && ChatErrors.IsError(body))
        {
            return new(id, model, [], usage, null, Fault: ChatErrors.Read(null, body, null));
        }

        if (choices.ValueKind == JsonValueKind.Undefined || choices.GetArrayLength() != 1)
        {
            throw new InvalidDataException("The provider's reply has not one choice.");
        }

        var choice = choices[0];
        ChatReading.CheckFirst(choice);
        var message = ChatReading.Object(choice, "message"u8);
        if (message.ValueKind == JsonValueKind.Undefined) throw new InvalidDataException("The provider's reply has no message.");

        var output = Output(message, id);
        var (finish, fault) = ChatFinish.Read(ChatReading.Text(choice, "finish_reason"u8), output.Exists(item => item is Item.ToolCall));
        return new(id, model, output, usage, finish, StopOf(choice), ChatReading.Name(body, "service_tier"u8), fault);
    }

    /// <summary>vLLM: the text that was met, or the number of a token, which says nothing to a client.</summary>
    public static string? StopOf(JsonElement choice)
    {
        var stop = ChatReading.Member(choice, "stop_reason"u8);
        return stop.ValueKind == JsonValueKind.String ? WireText.Whole(stop) : null;
    }

    private static List<Item> Output(JsonElement message, string? providerId)
    {
        var output = new List<Item>();
        if (ChatReading.Reasoning(message, isPiece: false) is { Length: > 0 } reasoning)
        {
            output.Add(new Item.Reasoning([], reasoning, null));
        }

        var parts = new List<Part>();
        if (ChatReading.Text(message, "content"u8) is { Length: > 0 } text)
        {
            parts.Add(new Part.Text(text));
        }

        if (ChatReading.Text(message, "refusal"u8) is { Length: > 0 } refusal)
        {
            parts.Add(new Part.Refusal(refusal));
        }

        if (parts.Count > 0)
        {
            output.Add(new Item.Message(Role.Assistant, parts));
        }

        var calls = ChatReading.List(message, "tool_calls"u8);
        if (calls.ValueKind == JsonValueKind.Undefined) return output;
        if (calls.GetArrayLength() > ModelLimits.Items)
        {
            throw new InvalidDataException($"The provider's reply has more than {ModelLimits.Items} tool calls.");
        }

        var number = 0;
        foreach (var call in calls.EnumerateArray())
        {
            var piece = ChatCallPiece.Read(call, isPiece: false);
            output.Add(piece.Begin(providerId, number++) with { Arguments = piece.Arguments });
        }

        return output;
    }
}

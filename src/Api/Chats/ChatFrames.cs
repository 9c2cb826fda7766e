using System.Text;
using System.Text.Json.Serialization;
using Agora.Application.Chats;
using Agora.Application.Models;
using Agora.Models;
using Agora.Web;

namespace Agora.Api.Chats;

/// <summary>
/// What is told of a turn, as server-sent events. Each has the turn and its own number as its id; the same turn gives the same events whoever follows it and whenever, for they follow from rows of the journal: so whoever was cut off goes
/// on behind the last id, and neither misses nor sees anything twice.
/// </summary>
/// <param name="after">Events up to this number are left out; −1: none is.</param>
internal sealed class ChatFrames(Guid turnId, int after)
{
    private int _next;

    /// <returns>Empty: all of it is left out, or it says nothing.</returns>
    public string Of(ChatTold told)
    {
        var text = new StringBuilder();
        switch (told)
        {
            case ChatTold.Began e:
                Add(text, new ChatEventData("begun") { ChatId = e.ChatId.ToString("D"), Turn = e.Turn, Sentiment = e.Sentiment });
                break;
            case ChatTold.Replying { Reply: var reply }:
                Add(text, new ChatEventData("replying") { RunId = reply.RunId.ToString("D"), Model = reply.Model, Route = reply.Route, ContextFrom = reply.From, Memories = reply.Memories is null ? null : [.. reply.Memories.Select(static id => id.ToString("D"))], Preferences = reply.Preferences });
                break;
            case ChatTold.Said { Events: var events }:
                Said(text, events);
                break;
            case ChatTold.Over { Reply: var reply } over:
                Add(text, new ChatEventData(ChatReplyData.StateOf(reply.State)) { Reply = ChatReplyData.Of(reply) with { Text = null, Reasoning = null } }, always: over.IsShorter || after > _next); // also to whoever has an id beyond it, and would wait for ever
                break;
        }

        return text.ToString();
    }

    /// <summary>What was said at once of one kind is one event: a row of the journal has it so for ever.</summary>
    private void Said(StringBuilder into, IReadOnlyList<ModelEvent> events)
    {
        var (kind, text) = ("", new StringBuilder());
        foreach (var said in events)
        {
            var (next, more) = ReplyTexts.Of(said) is { Length: > 0 } shown ? ("text", shown) : ("reasoning", ReplyTexts.ReasoningOf(said));
            if (more.Length == 0) continue;

            if (next != kind)
            {
                Add(into, kind, text);
                kind = next;
            }

            text.Append(more);
        }

        Add(into, kind, text);
    }

    private void Add(StringBuilder into, string kind, StringBuilder text)
    {
        if (text.Length == 0) return;

        Add(into, new ChatEventData(kind) { Text = text.ToString() });
        text.Clear();
    }

    private void Add(StringBuilder into, ChatEventData data, bool always = false)
    {
        if (_next++ > after || always)
        {
            into.Append(EventStream.Event(TurnEvents.Id(turnId, _next - 1), data.Type, data));
        }
    }
}

/// <summary>An event of a turn. Members that do not belong to its type are absent.</summary>
/// <param name="Type">begun, replying, text, reasoning; the last one is the state of the reply: whole, stopped or failed.</param>
internal sealed record ChatEventData(string Type)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ChatId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Turn { get; init; }

    /// <summary>How what was said sounds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Sentiment { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RunId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Model { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Route { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ContextFrom { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Memories { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Preferences { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    /// <summary>Of the last event: how it ended, without what was said already.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ChatReplyData? Reply { get; init; }
}

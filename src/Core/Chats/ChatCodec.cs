using System.Collections.Immutable;
using System.Text.Json;
using Agora.Core.Kernel;

namespace Agora.Core.Chats;

/// <summary>Stored names, for ever.</summary>
public static class ChatCodec
{
    public static readonly UnionCodec<ChatEvent> Events = new UnionCodec<ChatEvent>()
        .Case<ChatEvent.Begun>("chat.begun")
        .Case<ChatEvent.Asked>("chat.asked", personal: e => e.Content, with: (e, content) => e with { Content = content })
        .Case<ChatEvent.Replying>("chat.replying")
        .Case<ChatEvent.Deleted>("chat.deleted");

    public static readonly UnionCodec<ChatCommand> Commands = new UnionCodec<ChatCommand>()
        .Case<ChatCommand.Ask>("chat.ask")
        .Case<ChatCommand.Reply>("chat.reply")
        .Case<ChatCommand.Get>("chat.get")
        .Case<ChatCommand.Delete>("chat.delete")
        .Case<ChatCommand.Tick>("chat.tick");

    public static byte[] Save(ChatState s) => JsonSerializer.SerializeToUtf8Bytes(new Saved(s.Stream.ToString(), s.AgentId, s.CreatedAt, s.Turns, s.IsDeleted), StoredJson.Options);

    public static ChatState Restore(ReadOnlyMemory<byte> saved)
    {
        var s = JsonSerializer.Deserialize<Saved>(saved.Span, StoredJson.Options)!;
        return new(StreamId.Parse(s.Stream), s.AgentId, s.CreatedAt, [.. s.Turns], s.IsDeleted);
    }

    private sealed record Saved(string Stream, string? AgentId, DateTimeOffset CreatedAt, IReadOnlyList<ChatTurn> Turns, bool IsDeleted);
}

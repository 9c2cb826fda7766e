using System.Collections.Immutable;
using System.Text.Json;
using Agora.Core.Kernel;

namespace Agora.Core.Memories;

/// <summary>Stored names, for ever.</summary>
public static class MemoryCodec
{
    public static readonly UnionCodec<MemoryEvent> Events = new UnionCodec<MemoryEvent>()
        .Case<MemoryEvent.Kept>("memory.kept", personal: e => e.Content, with: (e, content) => e with { Content = content })
        .Case<MemoryEvent.Edited>("memory.edited", personal: e => e.Content, with: (e, content) => e with { Content = content })
        .Case<MemoryEvent.Moved>("memory.moved")
        .Case<MemoryEvent.Forgotten>("memory.forgotten")
        .Case<MemoryEvent.Preferred>("memory.preferred", personal: e => e.Content, with: (e, content) => e with { Content = content })
        .Case<MemoryEvent.Unpreferred>("memory.unpreferred");

    public static readonly UnionCodec<MemoryCommand> Commands = new UnionCodec<MemoryCommand>()
        .Case<MemoryCommand.Keep>("memory.keep")
        .Case<MemoryCommand.Edit>("memory.edit")
        .Case<MemoryCommand.Pin>("memory.pin")
        .Case<MemoryCommand.Forget>("memory.forget")
        .Case<MemoryCommand.Tick>("memory.tick")
        .Case<MemoryCommand.Prefer>("memory.prefer")
        .Case<MemoryCommand.Unprefer>("memory.unprefer");

    public static byte[] Save(MemoryState s) =>
        JsonSerializer.SerializeToUtf8Bytes(new Saved(s.Stream.ToString(), [.. s.Pinned.Where(m => m.Value).Select(m => m.Key)], [.. s.Pinned.Where(m => !m.Value).Select(m => m.Key)], s.Kept, s.Bytes, s.Preferences), StoredJson.Options);

    public static MemoryState Restore(ReadOnlyMemory<byte> saved)
    {
        var s = JsonSerializer.Deserialize<Saved>(saved.Span, StoredJson.Options)!;
        var all = s.Pinned.Select(id => KeyValuePair.Create(id, true)).Concat(s.Others.Select(id => KeyValuePair.Create(id, false)));
        return new(StreamId.Parse(s.Stream), ImmutableSortedDictionary.CreateRange(all), s.Kept, s.Bytes, s.Preferences);
    }

    private sealed record Saved(string Stream, IReadOnlyList<Guid> Pinned, IReadOnlyList<Guid> Others, int Kept, long Bytes, PreferencesState? Preferences = null);
}

using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;

namespace Agora.Grains.Kernel;

/// <summary>From stored events back to those that were decided.</summary>
public static class StoredEvents
{
    /// <summary>Decodes one event of an entry; its personal part is null when the key was destroyed.</summary>
    public static async ValueTask<TEvent> Open<TEvent>(this PersonalKeys keys, UnionCodec<TEvent> codec, string stream, JournalEntry entry, int index)
        where TEvent : class
    {
        var stored = entry.Events[index];
        if (stored.KeyId is null) return codec.Decode(stored.Name, stored.Version, stored.Payload, null);

        var key = await keys.Get(stored.KeyId, CancellationToken.None);
        var opened = key.Open(stored.Sealed.Span, SealContext.Event(stream, entry.CommandId, index));
        return codec.Decode(stored.Name, stored.Version, stored.Payload, opened is null ? null : new(opened));
    }
}

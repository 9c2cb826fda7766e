using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;

namespace Agora.Grains.Kernel;

/// <summary>From a snapshot back to the state that was saved.</summary>
public static class SavedStates
{
    /// <summary>The state, with the time of its row: the stream's time goes on from there, whatever the clock of this process says.</summary>
    /// <param name="snapshot">Its code was right.</param>
    /// <param name="key">The personal key of an id; null: it is not to be had.</param>
    /// <returns>Null: it is of another version, its row is not there or another one, or what it was sealed with cannot be opened. The stream is read from its first row on.</returns>
    public static async Task<(TState State, DateTimeOffset At)?> Restored<TState>(this Snapshots<TState> snapshots, string stream, Snapshot snapshot, IJournal journal, Func<string, ValueTask<PersonalKey?>> key, CancellationToken cancel)
        where TState : class
    {
        if (!snapshots.Reads(snapshot.Version)) return null;

        var rows = await journal.Read(stream, snapshot.Seq - 1, 1, cancel);
        if (rows is not [var row] || !row.Hash.Span.SequenceEqual(snapshot.Hash.Span)) return null;

        // Sealed with a key that was destroyed it opens to null: an erased stream is replayed without its personal parts.
        var bytes = snapshot.State;
        if (snapshot.KeyId is { } keyId)
        {
            bytes = (await key(keyId))?.Open(bytes.Span, SealContext.Snapshot(stream, snapshot.Seq));
        }

        return bytes.IsEmpty ? null : (snapshots.Restore(bytes), Timestamps.FromMicros(RowCodec.Decode(row)[^1].AtMicros));
    }
}

using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Web;

/// <summary>
/// What entities have decided, read out of the journal: it wakes none of them, and is as new as the last row that is durable. For people who look, never for a decision.
/// </summary>
public interface IRecordedStates
{
    /// <summary>The number of the stream's last row; 0: nothing ever happened there.</summary>
    Task<long> Last(StreamId stream, CancellationToken cancel);

    /// <summary>Rows below a number, the newest first.</summary>
    Task<IReadOnlyList<JournalRow>> Rows(StreamId stream, long below, int limit, CancellationToken cancel);

    /// <summary>The state after a row, without personal parts: it is the same before and after an erasure. Null: its beginning is out of reach, or it would be more than <see cref="Limits.StateRows"/> rows to read.</summary>
    Task<RecordedState?> At(StreamId stream, long seq, CancellationToken cancel);

    /// <summary>The newest state, for what is read from it: it may have personal parts. Null: nothing ever happened there, or as above.</summary>
    Task<RecordedState?> Newest(StreamId stream, CancellationToken cancel);

    /// <summary>Streams of this kind that want to be woken by then, the earliest first: where holds are open their owners are asked.</summary>
    Task<IReadOnlyList<StreamId>> Waiting(Tenant tenant, string kind, DateTimeOffset upTo, int limit, CancellationToken cancel);
}

/// <param name="State">The entity's own.</param>
/// <param name="Saved">The same as it is saved: JSON.</param>
/// <param name="At">The stream's time.</param>
public sealed record RecordedState(object State, Func<byte[]> Saved, long Seq, DateTimeOffset At);

using System.Collections.Concurrent;
using Agora.Core.Kernel;

namespace Agora.Grains.Upstreams;

/// <summary>Who wants to know how far a run is, in this process. A run that is called from another one is waited for without.</summary>
public sealed class RunProgress
{
    private readonly ConcurrentDictionary<Guid, Action<ProgressNote>> _listeners = new();

    /// <summary>Until it is disposed of. One a run listens; who comes second hears nothing.</summary>
    public IDisposable? Listen(Guid runId, Action<ProgressNote> listener) => _listeners.TryAdd(runId, listener) ? new Listening(this, runId) : null;

    /// <summary>Null: nobody asks.</summary>
    internal Action<ProgressNote>? Of(Guid runId)
    {
        if (!_listeners.ContainsKey(runId)) return null;

        var notes = 0;
        return note =>
        {
            if (Interlocked.Increment(ref notes) <= Limits.ProgressNotes && _listeners.TryGetValue(runId, out var listener))
            {
                listener(note);
            }
        };
    }

    private sealed class Listening(RunProgress progress, Guid runId) : IDisposable
    {
        public void Dispose() => progress._listeners.TryRemove(runId, out _);
    }
}

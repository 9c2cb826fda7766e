using System.Collections.Concurrent;
using Agora.Core.Kernel;

namespace Agora.Application.Models;

/// <summary>Who follows a reply that is made at this process hears when there is more of it to be read; who follows one of another process looks again after a while.</summary>
internal sealed class LiveReplies
{
    private readonly ConcurrentDictionary<StreamId, Signal> _followed = new();

    /// <returns>To be disposed of by whoever follows.</returns>
    public Follower Follow(StreamId reply)
    {
        while (true)
        {
            var signal = _followed.GetOrAdd(reply, static _ => new());
            if (signal.Join()) return new(this, reply, signal);
        }
    }

    /// <summary>More of it is durable.</summary>
    public void More(StreamId reply)
    {
        if (_followed.TryGetValue(reply, out var signal))
        {
            signal.Raise();
        }
    }

    public sealed class Follower(LiveReplies all, StreamId reply, Signal signal) : IDisposable
    {
        /// <summary>Completes when there is more than there was now: it is taken before what is there is read.</summary>
        public Task More => signal.Next;

        public void Dispose()
        {
            if (signal.Leave())
            {
                all._followed.TryRemove(new(reply, signal));
            }
        }
    }

    public sealed class Signal
    {
        private readonly Lock _lock = new();
        private int _followers;
        private bool _isOver;
        private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Next
        {
            get
            {
                lock (_lock) return _next.Task;
            }
        }

        /// <returns>False: the last follower has just left, and a new signal is wanted.</returns>
        public bool Join()
        {
            lock (_lock)
            {
                _followers += _isOver ? 0 : 1;
                return !_isOver;
            }
        }

        /// <returns>Nobody follows any more.</returns>
        public bool Leave()
        {
            lock (_lock) return _isOver = --_followers == 0;
        }

        public void Raise()
        {
            TaskCompletionSource raised;
            lock (_lock) (raised, _next) = (_next, new(TaskCreationOptions.RunContinuationsAsynchronously));
            raised.SetResult();
        }
    }
}

using Agora.Contracts;

namespace Agora.Embedded;

/// <summary>One call under way. Whoever completes it first, the grain or the deadline, decides what the caller sees.</summary>
internal sealed class Call : TaskCompletionSource<Envelope>
{
    internal Call(GrainKind kind, string key, Envelope request, PendingCalls pending, TaskCreationOptions continuations)
        : base(continuations)
    {
        (Kind, Key, Request, Pending) = (kind, key, request, pending);
        Node = new LinkedListNode<Call>(this);
    }

    internal GrainKind Kind { get; }

    internal string Key { get; }

    internal Envelope Request { get; }

    internal PendingCalls Pending { get; }

    internal LinkedListNode<Call> Node { get; }

    /// <summary>When it was sent, as a timestamp of the engine's clock; the deadline is one timeout later.</summary>
    internal long SentAt { get; set; }

    internal void Answer(Envelope reply)
    {
        Pending.Remove(this);
        TrySetResult(reply);
    }

    internal void Fail(Exception failure)
    {
        Pending.Remove(this);
        if (failure is OperationCanceledException cancelled)
            TrySetCanceled(cancelled.CancellationToken);
        else
            TrySetException(failure);
    }
}

/// <summary>
/// The calls that wait for an answer, oldest first. All have the same timeout, so the oldest is the next to expire, and one
/// timer serves them all: a timer a call would cost more than the call. It stands still while nothing is pending.
/// </summary>
internal sealed class PendingCalls
{
    private readonly Lock gate = new();
    private readonly LinkedList<Call> calls = new();
    private readonly TimeProvider time;
    private readonly TimeSpan timeout;
    private readonly ITimer timer;
    private bool armed;
    private TaskCompletionSource? empty;

    internal PendingCalls(TimeProvider time, TimeSpan timeout)
    {
        (this.time, this.timeout) = (time, timeout);
        timer = time.CreateTimer(static self => ((PendingCalls)self!).Expire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    internal void Add(Call call)
    {
        lock (gate)
        {
            call.SentAt = time.GetTimestamp();
            calls.AddLast(call.Node);
            if (!armed)
                armed = timer.Change(timeout, Timeout.InfiniteTimeSpan);
        }
    }

    internal void Remove(Call call)
    {
        TaskCompletionSource? signal = null;
        lock (gate)
        {
            if (call.Node.List is not null)
                calls.Remove(call.Node);
            if (calls.Count == 0)
                (signal, empty) = (empty, null);
        }
        signal?.SetResult();
    }

    internal bool IsEmpty
    {
        get
        {
            lock (gate)
                return calls.Count == 0;
        }
    }

    internal Task WhenEmpty(TaskCreationOptions continuations)
    {
        lock (gate)
            return calls.Count == 0 ? Task.CompletedTask : (empty ??= new TaskCompletionSource(continuations)).Task;
    }

    internal void Stop() => timer.Dispose();

    private void Expire()
    {
        while (NextExpired() is { } call)
            call.Fail(new TimeoutException($"{call.Kind.Marker.Name}/{call.Key} did not answer within {timeout}."));
    }

    private Call? NextExpired()
    {
        lock (gate)
        {
            if (calls.First is not { } oldest)
            {
                armed = false;
                return null;
            }
            var left = timeout - time.GetElapsedTime(oldest.Value.SentAt);
            if (left <= TimeSpan.Zero)
                return oldest.Value;
            // Rounded up: timers tick in milliseconds, and one that fires early would only arm itself again and again.
            armed = timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
            return null;
        }
    }
}

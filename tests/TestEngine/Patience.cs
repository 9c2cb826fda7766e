using Agora.Contracts;

namespace Agora.TestEngine;

/// <summary>Calls that are waited for equally long, so in the order of their ends: one timer serves them all, and a call that is answered in time costs none.</summary>
internal sealed class Patience
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _atMost;
    private readonly ITimer _timer;
    private Call? _oldest;
    private Call? _newest;
    private bool _rings;

    internal Patience(TimeProvider time, TimeSpan atMost)
    {
        (_time, _atMost) = (time, atMost);
        var flow = ExecutionContext.IsFlowSuppressed() ? (AsyncFlowControl?)null : ExecutionContext.SuppressFlow();
        _timer = time.CreateTimer(static self => ((Patience)self!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        flow?.Undo();
    }

    internal Call Begin(Envelope request, Activation? sender, IReply reply)
    {
        var call = new Call(request, _time.GetTimestamp(), this, sender, reply);
        lock (_gate)
        {
            (call.Before, call.IsListed) = (_newest, true);
            if (_newest is null)
                _oldest = call;
            else
                _newest.After = call;
            _newest = call;
            if (!_rings)
                _rings = _timer.Change(_atMost, Timeout.InfiniteTimeSpan);
        }
        return call;
    }

    /// <summary>The bound holds also where the timer is late.</summary>
    internal bool IsOver(Call call) => _time.GetElapsedTime(call.SentAt) >= _atMost;

    internal void Remove(Call call)
    {
        lock (_gate)
            Unlink(call);
    }

    private void Unlink(Call call)
    {
        if (!call.IsListed)
            return;
        if (call.Before is null)
            _oldest = call.After;
        else
            call.Before.After = call.After;
        if (call.After is null)
            _newest = call.Before;
        else
            call.After.Before = call.Before;
        (call.Before, call.After, call.IsListed) = (null, null, false);
    }

    private void Ring()
    {
        while (NextOver() is { } call)
            call.Expire();
    }

    private Call? NextOver()
    {
        lock (_gate)
        {
            _rings = _oldest is not null;
            if (_oldest is not { } oldest)
                return null;
            var left = _atMost - _time.GetElapsedTime(oldest.SentAt);
            if (left > TimeSpan.Zero)
            {
                _timer.Change(left < Least ? Least : left, Timeout.InfiniteTimeSpan);
                return null;
            }
            Unlink(oldest);
            return oldest;
        }
    }

    // A timer of less would ring too early, again and again.
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(1);
}

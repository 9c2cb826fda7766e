using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Journal;
using StreamWriter = Agora.Journal.StreamWriter;

namespace Agora.Grains.Kernel;

/// <summary>What one activation writes: at once, or riding with the next append, at the latest after <see cref="Limits.RideAtMost"/> or <see cref="Limits.FollowAtMost"/>.</summary>
internal sealed class EntityWriter(StreamWriter writer, StreamId stream, EntityPorts ports, Action<OperatingFailure> end)
{
    /// <summary>For what nobody outside can tell was decided.</summary>
    public static readonly Task<AppendResult> NothingToShow = Task.FromResult(new AppendResult(AppendStatus.Written, 0));
    private Task<AppendResult> _lastAppend = Task.FromResult(new AppendResult(AppendStatus.Written, 0));
    private long? _flushAt;

    public Durable Durable => writer.Durable;

    /// <param name="shows">Somebody is answered, or a step follows; else a fence would only bring forward what may wait for the alarm.</param>
    /// <returns>Completes when the decision's answer may leave.</returns>
    public Task<AppendResult> Write(PendingEntry entry, Riding riding, bool shows)
    {
        switch (riding)
        {
            case Riding.No:
                return _lastAppend = writer.Append(entry);
            case Riding.Awaited or Riding.AwaitedLonger:
                var carried = writer.RideAwaited(entry);
                _ = FlushWithin(riding is Riding.Awaited ? Limits.RideAtMost : Limits.FollowAtMost);
                return carried;
            case Riding.Soon:
                writer.Ride(entry);
                _ = FlushWithin(Limits.RideAtMost);
                return ConfirmQuery();
            case Riding.UntilAlarm:
                writer.Ride(entry);
                _ = ports.Committer.HasRoomToRide ? Task.CompletedTask : FlushWithin(Limits.RideAtMost);
                return shows ? ConfirmQuery() : NothingToShow;
            default:
                throw new System.Diagnostics.UnreachableException($"riding {riding}");
        }
    }

    /// <summary>The fence of an answer without events: nobody else has written this stream.</summary>
    public Task<AppendResult> Confirm() => writer.Confirm();

    /// <summary>A query's fence: what it rests on is durable, and the journal has confirmed this activation within <see cref="Limits.StaleAtMost"/>.</summary>
    public Task<AppendResult> ConfirmQuery() =>
        ports.Time.GetElapsedTime(writer.ConfirmedAt) > Limits.StaleAtMost ? writer.Confirm() : _lastAppend;

    /// <summary>Null while this activation has its place in the stream, as far as can be told.</summary>
    public async Task<OperatingFailure?> LostItsPlace()
    {
        try
        {
            return (await writer.Confirm()).Status is not AppendStatus.Written and var status ? Failures.Of(status) : null;
        }
        catch (Exception broken)
        {
            ports.Log.EntityBroke(stream.ToString(), "the journal", broken); // whose writer answers with its defect from now on
            return null;
        }
    }

    /// <summary>Writes what rides; completes when all that was queued is durable.</summary>
    public Task<AppendResult> Flush() => writer.Flush();

    public void Close() => writer.Close();

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * ports.Time.TimestampFrequency);

    // One timer at a time, but for what must be written before it rings. All streams' timers ring at the same moments: rows that nobody waits for share transactions, and these the pages that they write.
    private async Task FlushWithin(TimeSpan time)
    {
        var now = ports.Time.GetTimestamp();
        var (at, together) = (now + Ticks(time), Ticks(Limits.RidesTogether));
        at -= at % together;
        if (_flushAt <= at) return;

        _flushAt = at;
        await Task.Delay(ports.Time.GetElapsedTime(now, at), ports.Time);
        if (_flushAt == at)
        {
            _flushAt = null;
        }

        try
        {
            if (!writer.Failed && (await writer.Flush()).Status is not AppendStatus.Written and var status)
            {
                end(Failures.Of(status));
            }
        }
        catch (Exception broken)
        {
            ports.Log.EntityBroke(stream.ToString(), "what rides", broken);
            end(new(FailureKind.Defect));
        }
    }
}

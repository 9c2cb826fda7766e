using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Journal;
using StreamWriter = Agora.Journal.StreamWriter;

namespace Agora.Grains.Kernel;

/// <summary>What one activation writes: at once, or riding with the next append, at the latest after <see cref="Limits.RideAtMost"/> or <see cref="Limits.FollowAtMost"/>.</summary>
internal sealed class EntityWriter(StreamWriter writer, StreamId stream, EntityPorts ports)
{
    /// <summary>For what nobody outside can tell was decided.</summary>
    public static readonly Appending NothingToShow = Appending.Of(new AppendResult(AppendStatus.Written, 0));
    private Appending _lastAppend = Appending.Of(new AppendResult(AppendStatus.Written, 0));
    private Appending _begun = Appending.Of(new AppendResult(AppendStatus.Written, 0));

    public Durable Durable => writer.Durable;

    /// <param name="inward">Nobody outside hears of it: the entity's own steps go on.</param>
    /// <param name="shows">Somebody is answered, or a step follows; else a fence would only bring forward what may wait for the alarm.</param>
    /// <returns>Completes when the decision's answer may leave.</returns>
    public Appending Write(PendingEntry entry, Riding riding, bool inward, bool shows)
    {
        switch (riding)
        {
            case Riding.No:
                return _lastAppend = writer.Append(entry);
            case Riding.Awaited or Riding.AwaitedLonger:
                var carried = writer.RideAwaited(entry);
                writer.FlushWithin(riding is Riding.Awaited ? Limits.RideAtMost : Limits.FollowAtMost);
                return carried;
            case Riding.Begun when !ports.Committer.HasRoomToRide || SinceConfirmed > Limits.BegunAfterConfirmed:
                return _lastAppend = writer.Append(entry);
            case Riding.Begun:
                _begun = writer.RideAwaited(entry);
                writer.FlushWithin(Limits.RideAtMost);
                return NothingToShow;
            case Riding.Soon:
                writer.Ride(entry);
                writer.FlushWithin(Limits.RideAtMost);
                return Fence(inward);
            case Riding.UntilAlarm:
                writer.Ride(entry);
                if (!ports.Committer.HasRoomToRide)
                {
                    writer.FlushWithin(Limits.RideAtMost);
                }

                return shows ? Fence(inward) : NothingToShow;
            default:
                throw new System.Diagnostics.UnreachableException($"riding {riding}");
        }
    }

    /// <summary>The fence of an answer without events: nobody else has written this stream.</summary>
    public Appending Confirm() => writer.Confirm();

    /// <summary>
    /// A query's fence: what it rests on is durable, what has begun too, and the journal has confirmed this activation within <see cref="Limits.StaleAtMost"/>. The entity's own steps
    /// show no one what has begun, and go on within <see cref="Limits.GoesOnAfterConfirmed"/>.
    /// </summary>
    public Appending Fence(bool inward) =>
        SinceConfirmed > (inward ? Limits.GoesOnAfterConfirmed : Limits.StaleAtMost) ? writer.Confirm()
        : inward || _begun.IsWritten ? _lastAppend
        : writer.Flush();

    /// <summary>What became of an earlier append, where it came to nothing: what rode may have failed while nobody waited for it. Null: all is well so far.</summary>
    public OperatingFailure? Lost => writer.Failed ? Failures.Of(writer.Confirm().Result.Status) : null;

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
    public Appending Flush() => writer.Flush();

    public void Close() => writer.Close();

    private TimeSpan SinceConfirmed => ports.Time.GetElapsedTime(writer.ConfirmedAt);
}

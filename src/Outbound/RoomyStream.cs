namespace Agora.Outbound;

/// <summary>A body of which more than <see cref="OutboundLimits.SmallResponseBytes"/> are read only when there is room in memory for all of it.</summary>
/// <param name="room">Waited for once.</param>
internal sealed class RoomyStream(Stream body, Func<CancellationToken, Task> room) : AnswerStream(body)
{
    private long _read;
    private bool _hasRoom;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var small = OutboundLimits.SmallResponseBytes - _read;
        if (!_hasRoom && small <= 0)
        {
            try
            {
                await room(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                throw new NoRoomException();
            }

            _hasRoom = true;
        }

        var read = await Body.ReadAsync(_hasRoom ? buffer : buffer[..(int)Math.Min(buffer.Length, small)], cancellationToken);
        _read += read;
        return read;
    }
}

/// <summary>There was no connection for a call, or no room for its answer, within its time.</summary>
internal sealed class NoRoomException : Exception;

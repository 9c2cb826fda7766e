namespace Agora.Outbound;

/// <summary>A stream that is read further than its first bytes only when there is room for all of it.</summary>
/// <param name="inner">Disposed of with this.</param>
/// <param name="small">Bytes that need no room.</param>
/// <param name="room">Waited for once.</param>
internal sealed class RoomyStream(Stream inner, int small, Func<CancellationToken, Task> room) : Stream
{
    private long _read;
    private bool _hasRoom;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_hasRoom && _read >= small)
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

        var read = await inner.ReadAsync(_hasRoom ? buffer : buffer[..(int)Math.Min(buffer.Length, small - _read)], cancellationToken);
        _read += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}

/// <summary>There was no room for an answer within its time.</summary>
internal sealed class NoRoomException : Exception;

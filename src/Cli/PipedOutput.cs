using Microsoft.Win32.SafeHandles;

namespace Agora.Cli;

/// <summary>Standard output where it is a pipe. The console's own stream does not say that nobody reads it any more, so what goes on by itself would never end.</summary>
internal sealed class PipedOutput(FileStream pipe) : Stream
{
    private const int StandardOutput = 1;

    public bool IsGone { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <returns>Null: it is none.</returns>
    public static PipedOutput? Of()
    {
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected) return null;

        var stream = new FileStream(new SafeFileHandle(StandardOutput, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return stream.CanSeek ? null : new(stream);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (IsGone) return;

        try
        {
            pipe.Write(buffer);
        }
        catch (IOException)
        {
            IsGone = true; // what is left is not written
        }
    }

    public override void Flush()
    {
        // Nothing is held back.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}

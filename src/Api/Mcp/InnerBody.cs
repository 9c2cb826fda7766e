using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Agora.Api.Mcp;

/// <summary>The body of a reply that stays within this process: what is written is there at once.</summary>
internal sealed class InnerBody : PipeWriter, IHttpResponseBodyFeature
{
    private const int UsualBytes = 1_024;

    private readonly ArrayBufferWriter<byte> _written = new(UsualBytes);

    public ReadOnlySpan<byte> Written => _written.WrittenSpan;

    public PipeWriter Writer => this;

    public Stream Stream => field ??= AsStream(leaveOpen: true);

    public override void Advance(int bytes) => _written.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => _written.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _written.GetSpan(sizeHint);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(new FlushResult(isCanceled: false, isCompleted: false));

    public override void CancelPendingFlush()
    {
        // None is ever pending.
    }

    public override void Complete(Exception? exception = null)
    {
        // Nobody reads along.
    }

    public void DisableBuffering()
    {
        // It is one.
    }

    public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task CompleteAsync() => Task.CompletedTask;

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => throw new NotSupportedException("No route sends files.");
}

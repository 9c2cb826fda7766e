using System.Buffers;
using Agora.Application.Values;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Models;

/// <summary>Server-sent events to a client that may go away: then nothing more is written, and nothing fails.</summary>
internal sealed class StreamedReply(HttpContext http)
{
    private readonly ArrayBufferWriter<byte> _pending = new(1024);
    private bool _isGone;

    /// <summary>Written with the next flush.</summary>
    public IBufferWriter<byte> Buffer => _pending;

    /// <summary>Again is as once.</summary>
    public void Begin(string contentType = "text/event-stream; charset=utf-8")
    {
        if (http.Response.HasStarted) return;

        http.Response.StatusCode = StatusCodes.Status200OK;
        http.Response.ContentType = contentType;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
    }

    public ValueTask Show(ModelReplies.Frames frames)
    {
        frames.Take(_pending);
        return Flush();
    }

    public async ValueTask Flush()
    {
        if (_pending.WrittenCount == 0) return;

        if (!_isGone)
        {
            try
            {
                using var place = UnreadReplies.Begin(http, _pending.WrittenCount);
                if (place is null)
                {
                    http.Abort(); // the client has not read the parts before
                    _isGone = true;
                    _pending.ResetWrittenCount();
                    return;
                }

                http.Response.BodyWriter.Write(_pending.WrittenSpan);
                _isGone = (await http.Response.BodyWriter.FlushAsync(CancellationToken.None)).IsCompleted || http.RequestAborted.IsCancellationRequested;
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException && http.RequestAborted.IsCancellationRequested)
            {
                _isGone = true;
            }
        }

        _pending.ResetWrittenCount();
    }
}

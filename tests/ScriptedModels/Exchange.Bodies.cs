using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Agora.ScriptedModels.Makers;

namespace Agora.ScriptedModels;

/// <summary>Bodies, and how they fail while they are written.</summary>
internal sealed partial class Exchange
{
    private const string Sse = "text/event-stream; charset=utf-8";

    private async Task Whole(byte[] body, string type, Fault? fault, Pieces? pieces, Progress progress, Counts counts, Counts? told)
    {
        body = fault is Fault.TextsAsNumbers ? Numbered(body) : body;
        var half = body.AsMemory(0, body.Length / 2);
        progress.Written = counts;
        type = fault is Fault.ContentType wrong ? wrong.Value : type;
        if (fault is null or Fault.Usage or Fault.HugeBody or Fault.TextsAsNumbers or Fault.ContentType && pieces is null)
        {
            Send(200, type, body);
            (progress.Told, progress.IsComplete) = (told, true);
            return;
        }

        (http.Response.StatusCode, http.Response.ContentType) = (200, type);
        http.Response.ContentLength = fault is Fault.Endless or Fault.EndEarly ? null : fault is Fault.MalformedChunk ? half.Length : body.Length;
        var pipe = new BodyPipe(http, pieces, LimitOf(fault));
        switch (fault)
        {
            case Fault.HangAfter:
                await pipe.Write(half);
                await pipe.Flush();
                await Hang();
                return;
            case Fault.EndEarly or Fault.MalformedChunk:
                await pipe.Write(half);
                await pipe.Flush();
                return;
            case Fault.Endless:
                await pipe.Write(body.AsMemory(0, body.Length - 1));
                var spaces = new byte[16 << 10];
                spaces.AsSpan().Fill((byte)' ');
                while (true)
                {
                    await pipe.Write(spaces);
                }

            default:
                await pipe.Write(body);
                await pipe.Flush();
                if (await EndsWithin(fault, pipe)) return;
                (progress.Told, progress.IsComplete) = (told, true);
                return;
        }
    }

    private async Task Stream(IMaker maker, Said said, Meter meter, Fault? fault, Progress progress)
    {
        (http.Response.StatusCode, http.Response.ContentType) = (200, fault is Fault.ContentType wrong ? wrong.Value : Sse);
        http.Response.Headers.CacheControl = "no-cache";
        var pipe = new BodyPipe(http, said.Delivery.Pieces, LimitOf(fault));
        var chunks = 0;
        foreach (var frame in maker.Stream(said, meter))
        {
            if (StopsBefore(frame, fault, chunks))
            {
                await pipe.Flush();
                if (fault is Fault.HangAfter or Fault.Usage)
                {
                    await http.Response.BodyWriter.FlushAsync(http.RequestAborted); // The headers too, where nothing comes behind them.
                    await Hang();
                }

                var told = fault is Fault.ErrorEvent { Tells: true } && maker is not Messages ? progress.Written : null;
                foreach (var failure in fault is Fault.ErrorEvent ? maker.Failure(said, meter, told) : [])
                {
                    await pipe.Write(failure);
                }

                progress.Told = told ?? progress.Told;

                await pipe.Flush();
                return;
            }

            if (frame.Kind == FrameKind.Content && said.Delivery.Pause > TimeSpan.Zero)
            {
                await Task.Delay(said.Delivery.Pause, http.RequestAborted);
            }

            if (frame.Kind == FrameKind.Content && chunks > 0 && said.Delivery.Until is { } until)
            {
                await pipe.Flush();
                await until.WaitAsync(http.RequestAborted);
            }

            progress.Written = frame.Written;
            var isMalformed = frame.Kind == FrameKind.Content && fault is Fault.MalformedChunk malformed && malformed.Chunk == chunks;
            await pipe.Write(isMalformed ? Broken(frame.Bytes) : fault is Fault.TextsAsNumbers && frame.Kind == FrameKind.Content ? Numbered(frame.Bytes) : frame.Bytes, isLast: frame.Kind == FrameKind.Terminal);
            if (pipe.IsOver) break;

            chunks += frame.Kind == FrameKind.Content ? 1 : 0;
            progress.Told = frame.Tells ?? progress.Told;
        }

        await pipe.Flush();
        if (await EndsWithin(fault, pipe)) return;
        progress.IsComplete = true;
    }

    /// <summary>A text that is shorter than the fault thinks ends before what would end it.</summary>
    private static bool StopsBefore(Frame frame, Fault? fault, int chunks)
    {
        int? after = fault switch
        {
            Fault.HangAfter hang => hang.Chunks,
            Fault.ErrorEvent error => error.Chunks,
            Fault.EndEarly early => early.Chunks ?? int.MaxValue,
            Fault.MalformedChunk malformed => malformed.EndsAfter,
            Fault.Usage { How: UsageFault.Awaited } => int.MaxValue,
            _ => null,
        };
        return after is { } most && (frame.Kind == FrameKind.Terminal || (frame.Kind != FrameKind.Head && chunks >= most) || (chunks >= most && chunks > 0));
    }

    private async Task<bool> EndsWithin(Fault? fault, BodyPipe pipe)
    {
        if (!pipe.IsOver) return false;
        switch (fault)
        {
            case Fault.Reset:
                await pipe.Reset();
                return true;
            case Fault.Close:
                await pipe.Close();
                return true;
            default:
                throw new UnreachableException();
        }
    }

    private static long? LimitOf(Fault? fault) => fault switch
    {
        Fault.Reset reset => reset.Bytes,
        Fault.Close close => close.Bytes,
        _ => null,
    };

    /// <summary>The event's end is there, half of its data is not.</summary>
    private static byte[] Broken(byte[] bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        var data = text.IndexOf("data: ", StringComparison.Ordinal) + "data: ".Length;
        return Encoding.UTF8.GetBytes(text[..(data + (text.Length - data) / 2)] + "\n\n");
    }

    private static byte[] Numbered(byte[] json) => Encoding.UTF8.GetBytes(TextMember().Replace(Encoding.UTF8.GetString(json), "\"$1\":5,\"was\":\""));

    [GeneratedRegex("\"(content|text|delta)\":\\s*\"")]
    private static partial Regex TextMember();

    /// <summary>Until the client leaves, or this server is stopped.</summary>
    private Task Hang() => Task.Delay(Timeout.InfiniteTimeSpan, http.RequestAborted);
}

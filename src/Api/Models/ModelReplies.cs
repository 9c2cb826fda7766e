using System.Buffers;
using System.Globalization;
using System.Text;
using Agora.Application.Calls;
using Agora.Application.Models;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Core.Responses;
using Agora.Models.Dialects;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Models;

/// <summary>Replies that are kept, read again: whole, or their stream from any place on. The same events give the same bytes, so a client that was cut off misses nothing and sees nothing twice.</summary>
internal sealed class ModelReplies(KeptReplies kept, ReplyProgress progress)
{
    private static readonly DialectFault WrongPlace = new(DialectErrorKind.InvalidRequest, Codes.ValidationFailed, "starting_after is the sequence_number of an event of the stream, 0 or more, and goes with stream=true.", "starting_after");

    private static readonly DialectFault NotInBackground = new(DialectErrorKind.InvalidRequest, Codes.ValidationFailed, "Only a response that was asked for with background: true is cancelled.");

    private static readonly DialectFault WrongPage = new(DialectErrorKind.InvalidRequest, Codes.ValidationFailed, $"limit is from 1 to {ResponsesInput.MostItems}, order is asc or desc, and after is the id of an item of this response.", "after");

    /// <summary>Whoever reads one keeps it in the memory until it is read.</summary>
    private readonly CallPlaces _readers = new();

    public Task Get(HttpContext http, AgentCall call, IDialect dialect) => Found(http, call, dialect, async reply =>
    {
        var (stream, after) = (call.Asked("stream") == "true", -1);
        if (call.Asked("starting_after") is { } text && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out after) || !stream))
        {
            await ModelDoor.Write(http, dialect, WrongPlace);
        }
        else if (stream)
        {
            await Stream(http, call, dialect, reply, after);
        }
        else if (reply.Ended is null && !await kept.IsOver(call.ForModels, reply, await progress.Of(call.ForModels, reply)))
        {
            await ModelDoor.WriteJson(http, StatusCodes.Status200OK, ModelClient.UnderWay(dialect.Stream(reply.Request, reply.Head)));
        }
        else
        {
            await Write(http, call, dialect, reply);
        }
    });

    /// <summary>Again is as once, and one that has ended is told as it is. The model goes on, for nobody could say what half of an answer costs: it is paid when it is over.</summary>
    public Task Cancel(HttpContext http, AgentCall call, IDialect dialect) => Found(http, call, dialect, async reply =>
    {
        if (!reply.Request.Background)
        {
            await ModelDoor.Write(http, dialect, NotInBackground);
            return;
        }

        if (reply.Ended is null && !await kept.IsOver(call.ForModels, reply, await progress.Of(call.ForModels, reply)))
        {
            await kept.Cancel(call.ForModels, reply);
        }

        await Write(http, call, dialect, reply);
    });

    /// <param name="reply">One that has ended; where it had not when it was read, it is read again.</param>
    private async Task Write(HttpContext http, AgentCall call, IDialect dialect, KeptReply reply)
    {
        var (ended, body) = (reply.Ended is null ? (await kept.Find(call.ForModels, call.Named("response_id")))! : reply, new ArrayBufferWriter<byte>(1024));
        dialect.Write(ended.Request, ended.Head, DialectFaults.Said(ended.Reply()), body);
        await ModelDoor.WriteJson(http, StatusCodes.Status200OK, body.WrittenMemory);
    }

    public Task Delete(HttpContext http, AgentCall call, IDialect dialect) => Found(http, call, dialect, async reply =>
    {
        await kept.Delete(call.ForModels, reply);
        await ModelDoor.WriteJson(http, StatusCodes.Status200OK, Encoding.UTF8.GetBytes($$"""{"id":"{{Responses.IdPrefix}}{{reply.RunId:N}}","object":"response","deleted":true}"""));
    });

    /// <summary>What was asked of it, page by page.</summary>
    public Task Inputs(HttpContext http, AgentCall call, IDialect dialect) => Found(http, call, dialect, async reply =>
    {
        var (limit, body) = (20, new ArrayBufferWriter<byte>(1024));
        var isPage = call.Asked("limit") is not { } text || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= ResponsesInput.MostItems);
        var page = new ResponsesInput(limit, call.Asked("order") == "asc", call.Asked("after"));
        if (!isPage || call.Asked("order") is not (null or "asc" or "desc") || !page.Write(reply.Request, reply.Head, [.. reply.OwnInput], body))
        {
            await ModelDoor.Write(http, dialect, WrongPage);
            return;
        }

        await ModelDoor.WriteJson(http, StatusCodes.Status200OK, body.WrittenMemory);
    });

    private async Task Found(HttpContext http, AgentCall call, IDialect dialect, Func<KeptReply, Task> read)
    {
        var refused = (await call.Visit()).Rejection;
        var reply = refused is null ? await kept.Find(call.ForModels, call.Named("response_id")) : null;

        // The longest there can be is read, too, by one at a time.
        using var place = reply is null ? null : _readers.Begin(call.Owner, Math.Min(reply.Bytes, Limits.ModelRequestBytesOfSession));
        if ((refused ?? (reply is null ? ResponseRejection.NotFound : place is null ? ModelCalls.TooMany : null)) is { } why)
        {
            await ModelDoor.Refuse(http, call, dialect, why);
            return;
        }

        await read(reply!);
    }

    private async Task Stream(HttpContext http, AgentCall call, IDialect dialect, KeptReply reply, int after)
    {
        var (writer, client, frames) = (dialect.Stream(reply.Request, reply.Head), new StreamedReply(http), new Frames(after));
        client.Begin();
        writer.Begin(frames.Buffer);
        await client.Show(frames);
        await foreach (var said in kept.Follow(call.ForModels, reply, () => progress.Of(call.ForModels, reply)))
        {
            if (!await call.Stands()) return; // whoever comes again is told why

            foreach (var one in said)
            {
                writer.Write(one, frames.Buffer);
            }

            await client.Show(frames);
        }

        if (call.Cancel.IsCancellationRequested) return;

        // One that was deleted meanwhile ends as if it was cancelled, and nothing of it is told again.
        var whole = await kept.Find(call.ForModels, call.Named("response_id")) is { } now ? now.Reply() : KeptReply.Deleted;
        if (whole is { Fault: null, Finish: not null })
        {
            writer.End(whole, frames.Buffer);
        }
        else
        {
            writer.Fail(DialectFaults.Of(whole.Fault ?? KeptReply.Cut), whole, frames.Buffer);
        }

        await client.Show(frames);
    }

    /// <summary>Events of a stream, of which the first are left out.</summary>
    /// <param name="after">The number of the last that is; events are numbered from 0 without a gap.</param>
    internal sealed class Frames(int after)
    {
        private int _next;

        public ArrayBufferWriter<byte> Buffer { get; } = new(1024);

        /// <summary>What is wanted of what was written since the last time.</summary>
        public void Take(IBufferWriter<byte> into)
        {
            var left = Buffer.WrittenSpan;
            for (int end; (end = left.IndexOf("\n\n"u8)) >= 0; left = left[(end + 2)..])
            {
                if (_next++ > after)
                {
                    into.Write(left[..(end + 2)]);
                }
            }

            Buffer.ResetWrittenCount();
        }
    }
}

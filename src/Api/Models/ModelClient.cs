using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Agora.Application.Calls;
using Agora.Application.Models;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Models;
using Agora.Models.Dialects;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Models;

/// <summary>A client of the door, which speaks a maker's dialect over HTTP.</summary>
internal sealed class ModelClient(HttpContext http, AgentCall call, IDialect dialect) : IModelClient
{
    private readonly StreamedReply _streamed = new(http);

    public void Held(ModelHold hold, RunView run)
    {
        var headers = http.Response.Headers;
        headers[ModelHeaders.Run] = run.RunId.ToString("D");
        headers[ModelHeaders.Held] = Money.FormatCents(hold.BoundMicros);
        if (hold.OutputTokens > 0)
        {
            headers[ModelHeaders.MaxOutput] = hold.OutputTokens.ToString(CultureInfo.InvariantCulture);
        }

        if (Allowance.Of(run) is not { } left) return;

        headers["Agora-Budget-Remaining-Cents"] = Money.FormatCents(left.RemainingMicros);
        if (left.Warning is { } warning)
        {
            headers["Agora-Budget-Warning"] = warning;
        }
    }

    public void Cost(long? posted)
    {
        if (posted is { } micros)
        {
            http.Response.Headers[ModelHeaders.Cost] = Money.FormatCents(micros);
        }
    }

    public void FromCache(CacheLook.Hit hit)
    {
        foreach (var (name, value) in CacheControl.Hit((long)hit.Age.TotalSeconds, hit.IsCollapsed))
        {
            http.Response.Headers[name] = value;
        }
    }

    public Task Refuse(Rejection refused) => ModelDoor.Refuse(http, call, dialect, refused);

    public Task Fail(DialectFault fault, Rejection? passing = null) => ModelDoor.Write(http, dialect, fault, passing);

    public async Task Whole(ModelRequest asked, ReplyHead head, ModelReply reply)
    {
        var body = new ArrayBufferWriter<byte>(1024);
        dialect.Write(asked, head, reply, body);
        await ModelDoor.WriteJson(http, StatusCodes.Status200OK, body.WrittenMemory);
    }

    public Task UnderWay(ModelRequest asked, ReplyHead head) => ModelDoor.WriteJson(http, StatusCodes.Status200OK, UnderWay(dialect.Stream(asked, head)));

    /// <summary>The response as the first event of its stream has it.</summary>
    internal static ReadOnlyMemory<byte> UnderWay(IReplyStream stream)
    {
        var begun = new ArrayBufferWriter<byte>(1024);
        stream.Begin(begun);
        var text = Encoding.UTF8.GetString(begun.WrittenSpan);
        var data = text[(text.LastIndexOf("data: ", StringComparison.Ordinal) + "data: ".Length)..].TrimEnd();
        using var json = JsonDocument.Parse(data);
        return Encoding.UTF8.GetBytes(json.RootElement.GetProperty("response").GetRawText());
    }

    public IReplyPieces Begin(ModelRequest asked, ReplyHead head)
    {
        var writer = dialect.Stream(asked, head);
        _streamed.Begin();
        writer.Begin(_streamed.Buffer);
        return new Pieces(writer, _streamed);
    }

    public ValueTask Sound(string mediaType, ReadOnlyMemory<byte> piece)
    {
        _streamed.Begin(mediaType);
        _streamed.Buffer.Write(piece.Span);
        return _streamed.Flush();
    }

    public Task CutSound(DialectFault fault)
    {
        if (!http.Response.HasStarted) return Fail(fault);

        http.Abort();
        return Task.CompletedTask;
    }

    private sealed class Pieces(IReplyStream writer, StreamedReply client) : IReplyPieces
    {
        public void Write(ModelEvent said) => writer.Write(said, client.Buffer);

        public void End(ModelReply reply) => writer.End(reply, client.Buffer);

        public void Fail(DialectFault fault, ModelReply reply) => writer.Fail(fault, reply, client.Buffer);

        public ValueTask Flush() => client.Flush();
    }
}

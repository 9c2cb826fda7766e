using System.Buffers;
using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>OpenAI Responses (POST /v1/responses), as OpenAI's SDKs and Codex speak it.</summary>
public sealed class Responses : IDialect
{
    /// <summary>In front of a response's id.</summary>
    public const string IdPrefix = "resp_";

    public ModelRequest Read(ReadOnlyMemory<byte> body) => ResponsesRequest.Read(body);

    public void Write(ModelRequest request, ReplyHead head, ModelReply reply, IBufferWriter<byte> into)
    {
        var (status, reason) = ResponsesBody.StatusOf(reply);
        var body = new ResponsesBody(request, head);
        using var writer = new Utf8JsonWriter(into, ResponsesJson.Writing);
        body.Write(writer, status, reason, ResponsesErrors.Of(reply), reply, output =>
        {
            for (var index = 0; index < reply.Output.Count; index++)
            {
                // The last item is the one that was cut.
                var isCut = status == "incomplete" && index == reply.Output.Count - 1;
                body.WriteItem(output, reply.Output[index], index, isCut ? "incomplete" : "completed");
            }
        });
    }

    public IReplyStream Stream(ModelRequest request, ReplyHead head) => new ResponsesStream(request, head);

    public void WriteError(DialectFault fault, IBufferWriter<byte> into)
    {
        using var writer = new Utf8JsonWriter(into, ResponsesJson.Writing);
        ResponsesErrors.WriteBody(writer, fault);
    }

    public int StatusOf(DialectErrorKind kind) => ResponsesErrors.StatusOf(kind);
}

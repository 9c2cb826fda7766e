using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using Agora.Models.Json;

namespace Agora.Models.Dialects;

/// <summary>OpenAI's Chat Completions (POST /v1/chat/completions), as its SDKs and those that speak like them send and read it.</summary>
public sealed class ChatCompletions : IDialect
{
    public ModelRequest Read(ReadOnlyMemory<byte> body) => Read(body, ChatRequestReader.Read);

    /// <summary>Bodies of OpenAI's other calls are read as strictly.</summary>
    internal static ModelRequest Read(ReadOnlyMemory<byte> body, Func<JsonElement, ModelRequest> read)
    {
        if (body.Length > ModelLimits.RequestBytes)
        {
            throw new DialectException(new(DialectErrorKind.TooLarge, "request_too_large", $"The body has at most {ModelLimits.RequestBytes} bytes."));
        }

        using var document = ChatJson.TryParse(body, out var why);
        return document is null ? throw DialectException.Invalid("", $"The body is refused. {why}") : read(document.RootElement);
    }

    public void Write(ModelRequest request, ReplyHead head, ModelReply reply, IBufferWriter<byte> into) => ChatReplyWriter.Write(head, reply, into);

    public IReplyStream Stream(ModelRequest request, ReplyHead head) => new ChatReplyStream(request, head);

    public void WriteError(DialectFault fault, IBufferWriter<byte> into)
    {
        using var json = new Utf8JsonWriter(into, ChatJson.Writing);
        ChatErrorWriter.Write(fault, json);
    }

    /// <summary>A budget without room is 402: most clients and frameworks ask again after a 429, whatever its code and x-should-retry say.</summary>
    public int StatusOf(DialectErrorKind kind) => kind switch
    {
        DialectErrorKind.InvalidRequest => 400,
        DialectErrorKind.Unauthenticated => 401,
        DialectErrorKind.BudgetExceeded => 402,
        DialectErrorKind.Forbidden => 403,
        DialectErrorKind.NotFound => 404,
        DialectErrorKind.Conflict => 409,
        DialectErrorKind.TooLarge => 413,
        DialectErrorKind.RateLimited => 429,
        DialectErrorKind.Failed => 500,
        DialectErrorKind.UpstreamFailed => 502,
        DialectErrorKind.Overloaded => 503,
        DialectErrorKind.Timeout => 504,
        _ => throw new UnreachableException(kind.ToString()),
    };
}

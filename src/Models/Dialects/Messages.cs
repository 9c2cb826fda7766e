using System.Buffers;

namespace Agora.Models.Dialects;

/// <summary>
/// Anthropic's Messages (POST /v1/messages, version 2023-06-01), as its SDKs and tools made for Claude speak it. Refused is what a provider would run at a cost of its own (server tools, containers, MCP servers), and what has no place in a
/// <see cref="ModelRequest"/> (documents, citations, edits of the context). Without a meaning that is kept: metadata, eager_input_streaming, defer_loading, the scope of cache_control, and cache_control of a tool_use block.
/// </summary>
public sealed class Messages : IDialect
{
    /// <summary>A request of which only is asked what it would read (POST /v1/messages/count_tokens).</summary>
    public static ModelRequest ReadCounted(ReadOnlyMemory<byte> body)
    {
        using var document = MessagesBody.Parse(body);
        return MessagesRequestReader.Read(document.RootElement, isCounted: true);
    }

    public ModelRequest Read(ReadOnlyMemory<byte> body)
    {
        using var document = MessagesBody.Parse(body);
        return MessagesRequestReader.Read(document.RootElement);
    }

    public void Write(ModelRequest request, ReplyHead head, ModelReply reply, IBufferWriter<byte> into) => MessagesReplyWriter.Write(head, reply, into);

    public IReplyStream Stream(ModelRequest request, ReplyHead head) => new MessagesStream(head);

    public void WriteError(DialectFault fault, IBufferWriter<byte> into) => MessagesErrors.Write(fault, into);

    public int StatusOf(DialectErrorKind kind) => MessagesErrors.StatusOf(kind);
}

using System.Buffers;
using System.Net.WebSockets;
using Agora.Application.Conversations;
using Agora.Application.Operations;
using Agora.Core.Kernel;

namespace Agora.Api.Conversations.Sockets;

/// <summary>Closed union of what a client sends over a WebSocket, a message each.</summary>
internal abstract record ClientFrame
{
    private ClientFrame()
    {
    }

    /// <summary>Once: from where on it wants to be told what its inbox has.</summary>
    /// <param name="After">As of <see cref="InboxRequest.After"/>.</param>
    /// <param name="Credits">So many entries, and no more until it sends <see cref="Credit"/>.</param>
    public sealed record Listen(string? After, int Credits) : ClientFrame;

    public sealed record Credit(int Credits) : ClientFrame;

    /// <param name="Id">By which its answer is known.</param>
    /// <param name="Body">As of the route that says something.</param>
    public sealed record Say(int Id, string ConversationId, ReadOnlyMemory<byte> Body) : ClientFrame;

    public sealed record Acknowledge(int Id, string ConversationId, int Number) : ClientFrame;
}

/// <summary>Closed union of what a client is sent.</summary>
internal abstract record ServerFrame
{
    private ServerFrame()
    {
    }

    /// <param name="NextCursor">From here on.</param>
    public sealed record Listening(string NextCursor) : ServerFrame;

    public sealed record Told(IReadOnlyList<InboxEntryData> Entries, string NextCursor) : ServerFrame;

    public sealed record Said(int Id, SaidData Data, bool Replayed) : ServerFrame;

    public sealed record Acknowledged(int Id, AcknowledgedData Data) : ServerFrame;

    public sealed record Refused(int Id, Rejection Rejection) : ServerFrame;
}

/// <summary>How frames are written.</summary>
internal interface IFrames
{
    /// <summary>As Sec-WebSocket-Protocol names it.</summary>
    string Protocol { get; }

    WebSocketMessageType Type { get; }

    /// <returns>Null: it is none, and <paramref name="findings"/> says why.</returns>
    ClientFrame? Read(ReadOnlyMemory<byte> message, Findings findings);

    void Write(IBufferWriter<byte> to, ServerFrame frame);
}

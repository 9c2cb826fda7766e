using System.Net.WebSockets;
using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Models;

namespace Agora.Api.Conversations.Sockets;

/// <summary>Why a WebSocket is closed (RFC 6455 section 7.4): codes from 4400 on are ours. Whatever was answered before counts, and whoever comes again goes on from its cursor.</summary>
/// <param name="Reason">For people: of at most 123 bytes.</param>
internal sealed record SocketEnd(int Code, string Reason)
{
    private const int ReasonBytes = 123;

    /// <summary>The client closes.</summary>
    public static readonly SocketEnd Done = new((int)WebSocketCloseStatus.NormalClosure, "");

    /// <summary>The process ends.</summary>
    public static readonly SocketEnd GoingAway = new((int)WebSocketCloseStatus.EndpointUnavailable, "This process ends: come again, and go on from your cursor.");

    /// <summary>Text where the protocol has binary messages, or the other way round.</summary>
    public static readonly SocketEnd WrongType = new((int)WebSocketCloseStatus.InvalidMessageType, "This protocol has no messages of that type.");

    public static readonly SocketEnd TooLong = new((int)WebSocketCloseStatus.MessageTooBig, $"A message has at most {Core.Conversations.TalkLimits.FrameBytes} bytes.");

    /// <summary>Too much that was asked for is not read yet, by all.</summary>
    public static readonly SocketEnd TooMuchUnread = new(1013, "Too much that was asked for is not read yet: come again later.");

    /// <summary>There is no room to read a long message.</summary>
    public static readonly SocketEnd NoRoom = new(1013, "Too many long messages are being read here: come again later.");

    /// <summary>A message began, and did not end.</summary>
    public static readonly SocketEnd TooSlow = new(4408, "A message that began did not end in time.");

    public static readonly SocketEnd ListensAlready = new(4400, "It listens already: listen is sent once.");

    public static readonly SocketEnd TooManyCredits = new(4400, $"There are at most {Core.Conversations.TalkLimits.Credits} credits at once, and none before it listens.");

    /// <summary>A cursor of nowhere, of another tenant, from the future, or of what is gone.</summary>
    public static readonly SocketEnd NoPlace = new(4410, "It is no cursor of this tenant's inboxes, or what stood there is gone: listen without it.");

    /// <summary>What the client sent is no frame.</summary>
    public static SocketEnd Malformed(Findings findings) =>
        new(4400, Cut(findings.Malformed?.Message ?? (findings.Violations is [var first, ..] ? $"{first.Path}: {first.Message}" : "It is no frame.")));

    /// <summary>The credential opens nothing any more; or it cannot be known.</summary>
    public static SocketEnd Of(Rejection refused) => new(Codes.StatusOf(refused.Code) switch { 401 => 4401, 403 => 4403, 404 => 4404, 503 => 1013, _ => 1011 }, Cut(refused.Code));

    private static string Cut(string text) => Excerpt.OfUtf8(text, ReasonBytes);
}

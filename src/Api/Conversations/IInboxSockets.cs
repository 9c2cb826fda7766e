using Agora.Application.Conversations;
using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.Extensions.Primitives;

namespace Agora.Api.Conversations;

/// <summary>Serves inboxes over WebSockets.</summary>
internal interface IInboxSockets
{
    /// <param name="wanted">The protocols that the client speaks.</param>
    Reply Open(PeerCall call, IList<string> wanted, InboxListener listener);
}

/// <summary>The protocols of these sockets, as Sec-WebSocket-Protocol (RFC 6455) names them.</summary>
internal static class InboxProtocols
{
    public const string Json = "agora.v1.json";
    public const string Protobuf = "agora.v1.protobuf";

    public static readonly IReadOnlyList<string> All = [Json, Protobuf];

    public static readonly Rejection None = new(Codes.MalformedRequest, $"Sec-WebSocket-Protocol names one of {string.Join(", ", All)}.");

    public static readonly Member Parameter = new(
        "Sec-WebSocket-Protocol", static () => Schemas.Meaning(Schemas.OneOf(All), "With Upgrade: websocket (RFC 6455): the inbox is told over a WebSocket, whose client also says and acknowledges. The one of these that frames are wanted in."));

    /// <summary>Whether the header is absent, or names one of the protocols.</summary>
    public static bool AreServed(StringValues header) =>
        header.Count == 0 || header.ToString().Split(',', StringSplitOptions.TrimEntries).Any(static name => All.Contains(name, StringComparer.Ordinal));
}

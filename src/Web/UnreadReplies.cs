using System.Buffers;
using Agora.Application.Calls;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Microsoft.AspNetCore.Http;

namespace Agora.Web;

/// <summary>
/// Large replies, pages and parts of streams that clients have not read yet. Each is in memory until its client has read it, however slowly. If all clients together would exceed <see cref="Limits.UnreadBytes"/>, or one client its fair share, the next one is not sent.
/// </summary>
internal static class UnreadReplies
{
    public static readonly Rejection TooMany = Crowded.NoRoom("Too much that was asked for is not read yet. Send it again, the same, in some seconds.");

    private static readonly FairPlaces Bytes = new(Limits.UnreadBytes, within: HeldBytes.Places);

    /// <param name="bytes">The size of the reply. Small replies are not counted, because the web server's buffer of their connection holds them.</param>
    /// <returns>Dispose it when the reply has been read or its client has gone. Null if there is no room.</returns>
    public static IDisposable? Begin(PlaceOwner owner, int bytes) => bytes <= Limits.SmallReplyBytes ? Uncounted.One : Bytes.Take(owner, bytes);

    /// <inheritdoc cref="Begin(PlaceOwner, int)"/>
    public static IDisposable? Begin(HttpContext http, int bytes) => bytes <= Limits.SmallReplyBytes ? Uncounted.One : Bytes.Take(RequestOwners.Of(http), bytes);

    /// <summary>Sends a whole reply whose status and headers are set. The body is copied before the first await.</summary>
    /// <returns>False if there is no room; nothing was sent then.</returns>
    public static async Task<bool> Send(HttpContext http, ReadOnlyMemory<byte> body)
    {
        using var place = Begin(http, body.Length);
        if (place is null) return false;

        http.Response.ContentLength = body.Length;
        http.Response.BodyWriter.Write(body.Span);
        await http.Response.BodyWriter.FlushAsync(CancellationToken.None); // ends with the connection; RequestAborted would first be made for it
        return true;
    }

    private sealed class Uncounted : IDisposable
    {
        public static readonly Uncounted One = new();

        public void Dispose()
        {
        }
    }
}

using Agora.Core.Kernel;

namespace Agora.Api.Http;

/// <summary>
/// Large replies that are on their way, of all clients together: each is in memory until its client has read it, however slowly. Above <see cref="Limits.UnreadBytes"/> the next
/// large one is not begun.
/// </summary>
internal static class UnreadReplies
{
    public static readonly Rejection TooMany = new(
        Codes.Unavailable, "Too much that was asked for is not read yet. Send it again, the same, in some seconds.", RetryAfterSeconds: 5, Retry: true);

    private static long _bytes;

    /// <returns>False: it is not begun. True: <see cref="End"/> follows, whatever becomes of it.</returns>
    public static bool Begin(int bytes)
    {
        if (bytes <= Limits.SmallReplyBytes || Interlocked.Add(ref _bytes, bytes) <= Limits.UnreadBytes) return true;

        End(bytes);
        return false;
    }

    public static void End(int bytes)
    {
        if (bytes > Limits.SmallReplyBytes)
        {
            Interlocked.Add(ref _bytes, -bytes);
        }
    }
}

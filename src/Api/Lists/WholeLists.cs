using System.Collections.Concurrent;
using Agora.Core.Kernel;

namespace Agora.Api.Lists;

/// <summary>Lists that are being sent whole: each keeps a page in memory until its reader has taken it, so a tenant has a few at once.</summary>
internal sealed class WholeLists
{
    public static readonly Rejection TooMany = new(
        Codes.Unavailable, $"{Limits.WholeListsAtOnce} lists are being sent whole already. Send it again, the same, when one of them is read.", RetryAfterSeconds: 5, Retry: true);

    private readonly ConcurrentDictionary<string, Count> _sent = new(StringComparer.Ordinal);

    /// <returns>To be disposed when it is sent; null: there are too many.</returns>
    public IDisposable? Begin(string tenant)
    {
        var sent = _sent.GetOrAdd(tenant, static _ => new());
        if (Interlocked.Increment(ref sent.Now) <= Limits.WholeListsAtOnce) return new Sending(sent);

        Interlocked.Decrement(ref sent.Now);
        return null;
    }

    private sealed class Count
    {
        public int Now;
    }

    private sealed class Sending(Count sent) : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0)
            {
                Interlocked.Decrement(ref sent.Now);
            }
        }
    }
}

using System.Runtime.CompilerServices;
using Agora.Journal;

namespace Agora.Simulation.Cluster;

/// <summary>The journal's feed without its wake-ups, which come on threads of their own: it is looked at, and again a while later.</summary>
public sealed class PolledFeed(IFeed feed, TimeProvider clock) : IFeed
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    public async IAsyncEnumerable<FeedWindow> Follow(FeedQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (cursor, since) = (query.After, clock.GetTimestamp());
        while (true)
        {
            var window = await Look(query with { After = cursor, Patience = TimeSpan.Zero }, cancel);
            cursor = window.Cursor;
            if (window.Reset || window.Rows.Count > 0 || clock.GetElapsedTime(since) >= query.Patience)
            {
                yield return window;
                if (window.Reset) yield break;

                since = clock.GetTimestamp();
            }

            if (window.Rows.Count == 0)
            {
                await Task.Delay(Every, clock, cancel);
            }
        }
    }

    public Task<string> FeedEnd(CancellationToken cancel) => feed.FeedEnd(cancel);

    private async Task<FeedWindow> Look(FeedQuery query, CancellationToken cancel)
    {
        await foreach (var window in feed.Follow(query, cancel))
        {
            return window;
        }

        throw new InvalidOperationException("The feed ended.");
    }
}

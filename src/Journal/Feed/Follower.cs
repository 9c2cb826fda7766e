using System.Runtime.CompilerServices;

namespace Agora.Journal.Feed;

/// <summary>
/// The loop of who follows, the same for every store: look, answer, wait.
/// <para>NothingMissed: what is to wake it is taken before it looks. Paced: when all is seen, the next look comes no sooner than the pace after the one
/// before; the first after a rest comes at once. HeldBack: while rows wait for a transaction that may end without a word, it looks at that pace.</para>
/// </summary>
/// <param name="pace">Zero for a store that costs nothing to look at.</param>
internal sealed class Follower(FeedSignal signal, TimeSpan pace, TimeProvider time, Func<FeedCursor, FeedQuery, CancellationToken, Task<FeedLook>> look)
{
    public async IAsyncEnumerable<FeedWindow> Follow(FeedQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        var cursor = FeedCursor.Parse(query.After);
        for (var answered = time.GetTimestamp(); ;)
        {
            cancel.ThrowIfCancellationRequested();
            var woken = signal.Next;
            var looked = time.GetTimestamp();
            var found = await look(cursor, query, cancel);
            cursor = found.Cursor;
            if (found.IsCutOff)
            {
                yield return new FeedWindow(cursor.ToString(), [], Reset: true);
                yield break;
            }

            if (found.Rows.Count > 0 || time.GetElapsedTime(answered) >= query.Patience)
            {
                yield return new FeedWindow(cursor.ToString(), found.Rows);
                answered = time.GetTimestamp();
            }

            if (found.HasMore) continue;
            var left = query.Patience - time.GetElapsedTime(answered);
            if (!found.IsHeldBack) await Either(woken, left, cancel);
            if (pace - time.GetElapsedTime(looked) is { Ticks: > 0 } rest) await Task.Delay(rest, time, cancel);
        }
    }

    private async Task Either(Task woken, TimeSpan atMost, CancellationToken cancel)
    {
        if (woken.IsCompleted || atMost <= TimeSpan.Zero) return;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAny(woken, Task.Delay(atMost, time, over.Token));
        await over.CancelAsync();
    }
}

using System.Runtime.CompilerServices;
using Agora.Journal.Archive;

namespace Agora.Journal.Feed;

/// <summary>
/// The loop of who follows, the same for every store: look, answer, wait.
/// <para>NothingMissed: what is to wake it is taken before it looks.</para>
/// <para>HeldBack: a row for which it was woken may stand above the cut, behind a transaction of which nobody will tell how it ended. So after a wake-up
/// it looks again until the cut has reached what was on top then.</para>
/// <para>Paced: between two looks that find all there is, the pace passes; the first after a rest comes at once.</para>
/// </summary>
/// <param name="bodies">Brings archived bodies back.</param>
/// <param name="pace">Zero for a store that costs nothing to look at.</param>
internal sealed class Follower(FeedSignal signal, PackedBodies bodies, TimeSpan pace, TimeProvider time, Func<FeedCursor, FeedQuery, CancellationToken, Task<FeedLook>> look)
{
    public async IAsyncEnumerable<FeedWindow> Follow(FeedQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        var cursor = FeedCursor.Parse(query.After);
        query = Named(query);
        using var waiting = signal.Wait(query.WakeFor ?? query.Kinds);
        var (isWoken, wanted) = (true, long.MinValue);
        for (var answered = time.GetTimestamp(); ;)
        {
            cancel.ThrowIfCancellationRequested();
            var (next, looked) = (waiting.Next, time.GetTimestamp());
            var found = await look(cursor, query, cancel);
            found = found.With(await bodies.Fill(found.Rows, query.MostBytes, query.BodyBytes, cancel));
            cursor = found.Cursor;
            if (found.IsCutOff)
            {
                yield return new FeedWindow(cursor.ToString(), [], Reset: true);
                yield break;
            }

            if (isWoken)
            {
                wanted = found.Top;
            }

            if (found.Rows.Count > 0 || time.GetElapsedTime(answered) >= query.Patience)
            {
                yield return new FeedWindow(cursor.ToString(), found.Rows) { Positions = found.Positions };
                answered = time.GetTimestamp();
            }

            if (!found.HasMore)
            {
                if (found.Cut >= wanted)
                {
                    await Either(next, query.Patience - time.GetElapsedTime(answered), cancel);
                }

                if (pace - time.GetElapsedTime(looked) is { Ticks: > 0 } rest)
                {
                    await Task.Delay(rest, time, cancel);
                }
            }

            isWoken = next.IsCompleted;
        }
    }

    /// <summary>Each stream once, and their kinds: of these alone it is to be woken.</summary>
    private static FeedQuery Named(FeedQuery query)
    {
        if (query.Streams is not { } streams) return query;
        if (streams.Count > FeedQuery.MaxStreams)
        {
            throw new ArgumentException($"No more than {FeedQuery.MaxStreams} streams can be asked for.", nameof(query));
        }

        var asked = streams.Where(query.IsOfKind).ToHashSet(StringComparer.Ordinal);
        return query with { Streams = [.. asked], Kinds = [.. asked.Select(stream => FeedTopics.KindOf(stream).ToString()).Distinct()] };
    }

    private async Task Either(Task next, TimeSpan atMost, CancellationToken cancel)
    {
        if (next.IsCompleted || atMost <= TimeSpan.Zero) return;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAny(next, Task.Delay(atMost, time, over.Token));
        await over.CancelAsync();
    }
}

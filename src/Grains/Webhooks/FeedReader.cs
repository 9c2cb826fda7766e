using System.Runtime.CompilerServices;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Webhooks;
using Agora.Journal;

namespace Agora.Grains.Webhooks;

/// <summary>
/// The windows of the feed that the endpoints of one set of kinds share. Thread-safe.
/// <para>OneLeader: at most one endpoint reads the store at the end of the feed. When it stops, another one that waits takes over.</para>
/// <para>NothingMissed: windows follow each other without a gap. An endpoint whose cursor is at no row of them, because it was away for long or because its history was cut off, reads by itself until it has caught up.</para>
/// <para>Paced: between two looks at the end passes <see cref="Limits.WebhookPace"/>, so one look returns many rows.</para>
/// <para>Bound: <see cref="MostWindows"/> windows, and <see cref="Limits.WebhookBytes"/> of rows or one window.</para>
/// </summary>
internal sealed class FeedReader(IFeed feed, IReadOnlyList<string> kinds, TimeProvider time)
{
    private const int MostWindows = 64;

    private readonly Lock _gate = new();
    private readonly List<SharedWindow> _windows = []; // without a gap, up to _end
    private FeedCursor? _end; // null: nothing is read yet
    private long _bytes;
    private long _history; // the number of the run of windows that is kept: it grows when a leader does not begin at _end
    private bool _isLed;
    private long? _looked; // when the leader last looked at the end; null: there are more rows to read
    private TaskCompletionSource _next = New();

    /// <summary>What an endpoint does next.</summary>
    private enum Step
    {
        /// <summary>Takes a window from memory.</summary>
        Take,

        /// <summary>Waits for the leader's next window.</summary>
        Wait,

        /// <summary>Reads the store for all.</summary>
        Lead,

        /// <summary>Reads the store for itself, to catch up.</summary>
        CatchUp,
    }

    public async IAsyncEnumerable<SharedWindow> Follow(FeedCursor cursor, TimeSpan patience, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (answered, verified, isAtEnd) = (time.GetTimestamp(), -1L, false);
        while (true)
        {
            var (step, kept, more, history) = StepAt(cursor, verified, isAtEnd);
            switch (step)
            {
                case Step.Take:
                    (cursor, answered) = (kept!.Cursor, time.GetTimestamp());
                    yield return kept;
                    break;
                case Step.Wait:
                    if (await Published(more, patience - time.GetElapsedTime(answered), cancel)) break;

                    answered = time.GetTimestamp();
                    yield return new(cursor, cursor, []);
                    break;
                case Step.Lead:
                    await foreach (var window in Lead(cursor, patience, cancel))
                    {
                        yield return window;
                    }

                    yield break; // it was reset
                case Step.CatchUp:
                    var own = WindowOf(cursor, await feed.Next(Query(cursor, TimeSpan.Zero), cancel));
                    (cursor, verified, isAtEnd, answered) = (own.Cursor, history, own.Rows.Count == 0, time.GetTimestamp());
                    if (own.Reset || own.Rows.Count > 0)
                    {
                        yield return own;
                    }

                    if (own.Reset) yield break;

                    break;
            }
        }
    }

    /// <param name="verified">The history during which the store answered from the cursor on. If the history was cut off since then, the number is another one.</param>
    /// <param name="isAtEnd">The store had no row behind the cursor then, so a leader can begin there.</param>
    private (Step Step, SharedWindow? Kept, Task More, long History) StepAt(FeedCursor cursor, long verified, bool isAtEnd)
    {
        lock (_gate)
        {
            var isVerified = verified == _history;
            if (Kept(cursor, isVerified) is { } kept) return (Step.Take, kept, _next.Task, _history);

            var isHere = _end is null || Same(_end, cursor);
            if (!isHere && !(isAtEnd && isVerified)) return (Step.CatchUp, null, _next.Task, _history);
            if (_isLed) return (Step.Wait, null, _next.Task, _history);

            if (!isHere)
            {
                Forget();
            }

            (_isLed, _end) = (true, cursor);
            return (Step.Lead, null, _next.Task, _history);
        }
    }

    private SharedWindow? Kept(FeedCursor cursor, bool isVerified)
    {
        if (_windows.Find(window => window.Cursor.Place.CompareTo(cursor.Place) > 0) is not { } found) return null;
        if (Same(found.After, cursor)) return found;

        var isIn = found.Rows.Any(row => Same(row.Behind, cursor)) || (isVerified && found.After.Place.CompareTo(cursor.Place) < 0);
        return isIn ? found with { After = cursor, Rows = [.. found.Rows.SkipWhile(row => row.Behind.Place.CompareTo(cursor.Place) <= 0)] } : null;
    }

    private async IAsyncEnumerable<SharedWindow> Lead(FeedCursor from, TimeSpan patience, [EnumeratorCancellation] CancellationToken cancel)
    {
        try
        {
            await Pace(cancel); // the former leader may have stopped right after its look
            await foreach (var read in feed.Follow(Query(from, patience), cancel))
            {
                var window = WindowOf(from, read);
                _looked = window.Rows.Count < Limits.WebhookRows ? time.GetTimestamp() : null;
                Publish(window);
                from = window.Cursor;
                yield return window;
                await Pace(cancel);
            }
        }
        finally
        {
            Publish(null);
        }
    }

    /// <summary>Waits for the rest of the pace, in whole milliseconds, the resolution of timers.</summary>
    private async Task Pace(CancellationToken cancel)
    {
        if (_looked is not { } looked) return;

        var rest = Math.Ceiling((Limits.WebhookPace - time.GetElapsedTime(looked)).TotalMilliseconds);
        if (rest <= 0) return;

        await Task.Delay(TimeSpan.FromMilliseconds(rest), time, cancel);
    }

    /// <param name="window">Null if the leader stops: one of those that wait leads next.</param>
    private void Publish(SharedWindow? window)
    {
        TaskCompletionSource published;
        lock (_gate)
        {
            (published, _next) = (_next, New());
            _isLed = window is not null;
            if (window is { Reset: true })
            {
                Forget();
            }
            else if (window is not null)
            {
                Keep(window);
            }
        }

        published.SetResult();
    }

    private void Keep(SharedWindow window)
    {
        _end = window.Cursor;
        if (!Same(window.After, window.Cursor))
        {
            _windows.Add(window);
            _bytes += BytesOf(window);
        }

        while (_windows.Count > MostWindows || (_bytes > Limits.WebhookBytes && _windows.Count > 1))
        {
            _bytes -= BytesOf(_windows[0]);
            _windows.RemoveAt(0);
        }
    }

    private void Forget()
    {
        _windows.Clear();
        (_end, _bytes, _history) = (null, 0, _history + 1);
    }

    /// <returns>False if the patience is over.</returns>
    private async Task<bool> Published(Task more, TimeSpan patience, CancellationToken cancel)
    {
        // Timers count whole milliseconds. A shorter wait would be over within the call, and the endpoint would ask again within it, for ever.
        var wait = TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(patience.TotalMilliseconds)));
        try
        {
            await more.WaitAsync(wait, time, cancel);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Rows of endpoints' own streams wake a reader only if they write the table of endpoints, that is when an endpoint was changed and has to notice.</summary>
    private FeedQuery Query(FeedCursor after, TimeSpan patience) => new(after.ToString(), [.. kinds])
    {
        WakeFor = [.. kinds.Where(kind => kind != Kinds.Webhook), WebhookTables.Webhooks.Name], Patience = patience, MostRows = Limits.WebhookRows, MostBytes = Limits.WebhookBytes,
    };

    private static SharedWindow WindowOf(FeedCursor after, FeedWindow read) => new(after, FeedCursor.Parse(read.Cursor), [.. read.Rows.Select((row, i) => new FeedRow(row, read.Behind(i)))], read.Reset);

    private static long BytesOf(SharedWindow window) => window.Rows.Sum(static row => (long)row.Row.Body.Length);

    private static bool Same(FeedCursor one, FeedCursor other) => one.Place == other.Place && one.Hash.Span.SequenceEqual(other.Hash.Span);

    // Completed outside the lock. A reader that waits continues in place: with RunContinuationsAsynchronously, WaitAsync would continue on a thread of the pool, outside its grain and its simulation.
    private static TaskCompletionSource New() => new();
}

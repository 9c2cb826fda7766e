using System.Runtime.CompilerServices;
using Agora.Core.Kernel;
using Agora.Core.Webhooks;
using Agora.Journal;

namespace Agora.Grains.Webhooks;

/// <summary>A row of the feed, and what is told of it: found out once, for the first endpoint that may want some of it.</summary>
internal sealed class FeedRow
{
    private readonly Lazy<IReadOnlyList<JournalEntry>> _entries;
    private readonly Lazy<IReadOnlyList<Happened>> _happened;

    public FeedRow(JournalRow row, FeedCursor behind)
    {
        (Row, Behind) = (row, behind);
        _entries = new(() => RowCodec.Decode(row));
        _happened = new(() => Happened.In(row, _entries.Value));
    }

    public JournalRow Row { get; }

    /// <summary>From where to go on behind it.</summary>
    public FeedCursor Behind { get; }

    /// <summary>What an endpoint wants of it; its events are read only where one of them may tell that.</summary>
    public IEnumerable<Happened> Told(WebhookDefinition wants) =>
        _entries.Value.Any(entry => entry.Events.Any(stored => Notices.MayTell(stored.Name, wants.Types)))
            ? _happened.Value.Where(happened => wants.Wants(happened.Notice.Type))
            : [];
}

/// <param name="After">Where it begins.</param>
/// <param name="Cursor">From where to go on.</param>
/// <param name="Rows">Empty: nothing came for as long as whoever asked has patience.</param>
/// <param name="Reset">What stood where it was to begin is gone.</param>
internal sealed record SharedWindow(FeedCursor After, FeedCursor Cursor, IReadOnlyList<FeedRow> Rows, bool Reset = false);

/// <summary>
/// The feed as the endpoints of a process read it: together. The first endpoint that is at the end reads on for all that are there; the others take from memory what it read. So the store is read once, however many endpoints there are.
/// <para>NothingMissed: windows follow each other without a gap. An endpoint whose cursor is at no row of them, because it was away for long or its history was cut off, reads by itself until it has caught up.</para>
/// <para>Paced: between two looks at the end passes <see cref="Limits.WebhookPace"/>, so that a look answers many rows.</para>
/// <para>Bound: <see cref="Limits.WebhookBytes"/> of rows, for each set of kinds that is being asked for now.</para>
/// </summary>
internal sealed class SharedFeed(IFeed feed, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (Reader Reader, int Endpoints)> _readers = new(StringComparer.Ordinal);

    /// <summary>As of <see cref="IFeed.Follow"/>; windows of one reader are the same for all.</summary>
    public async IAsyncEnumerable<SharedWindow> Follow(FeedCursor after, IReadOnlyList<string> kinds, TimeSpan patience, [EnumeratorCancellation] CancellationToken cancel)
    {
        var name = string.Join(' ', kinds);
        var reader = Enter(name, kinds);
        try
        {
            await foreach (var window in reader.Follow(after, patience, cancel)) yield return window;
        }
        finally
        {
            Leave(name);
        }
    }

    private Reader Enter(string name, IReadOnlyList<string> kinds)
    {
        lock (_gate)
        {
            var (reader, endpoints) = _readers.TryGetValue(name, out var known) ? known : (new(feed, kinds, time), 0);
            _readers[name] = (reader, endpoints + 1);
            return reader;
        }
    }

    private void Leave(string name)
    {
        lock (_gate)
        {
            var (reader, endpoints) = _readers[name];
            if (endpoints == 1)
            {
                _readers.Remove(name);
            }
            else
            {
                _readers[name] = (reader, endpoints - 1);
            }
        }
    }

    private sealed class Reader(IFeed feed, IReadOnlyList<string> kinds, TimeProvider time)
    {
        private const int MostWindows = 64;

        private readonly Lock _gate = new();
        private readonly List<SharedWindow> _windows = []; // without a gap, up to _end
        private FeedCursor? _end; // null: nothing is read yet
        private long _bytes;
        private long _history; // of what is here: the next one begins where a reader does not go on from _end
        private bool _isLed;
        private long? _looked; // when the end was looked at last; written by whoever leads. Null: there is more to read.
        private TaskCompletionSource _next = New();

        private enum Next
        {
            Known,
            Wait,
            Lead,
            Alone,
        }

        public async IAsyncEnumerable<SharedWindow> Follow(FeedCursor cursor, TimeSpan patience, [EnumeratorCancellation] CancellationToken cancel)
        {
            var (answered, verified, isAtEnd) = (time.GetTimestamp(), -1L, false);
            while (true)
            {
                var (next, known, more, history) = Behind(cursor, verified, isAtEnd);
                switch (next)
                {
                    case Next.Known:
                        (cursor, answered) = (known!.Cursor, time.GetTimestamp());
                        yield return known;
                        break;
                    case Next.Wait:
                        if (await Came(more, patience - time.GetElapsedTime(answered), cancel)) break;

                        answered = time.GetTimestamp();
                        yield return new(cursor, cursor, []);
                        break;
                    case Next.Lead:
                        await foreach (var window in Lead(cursor, patience, cancel))
                        {
                            yield return window;
                        }

                        yield break; // it was reset
                    default:
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

        /// <param name="verified">The history in which the store has answered from the cursor on; that it was cut off since then would have begun another one here.</param>
        /// <param name="isAtEnd">Nothing stood behind the cursor then, so whoever leads may begin there.</param>
        private (Next Next, SharedWindow? Known, Task More, long History) Behind(FeedCursor cursor, long verified, bool isAtEnd)
        {
            lock (_gate)
            {
                var isVerified = verified == _history;
                if (Known(cursor, isVerified) is { } known) return (Next.Known, known, _next.Task, _history);

                var isHere = _end is null || Same(_end, cursor);
                if (!isHere && !(isAtEnd && isVerified)) return (Next.Alone, null, _next.Task, _history);
                if (_isLed) return (Next.Wait, null, _next.Task, _history);

                if (!isHere)
                {
                    Forget();
                }

                (_isLed, _end) = (true, cursor);
                return (Next.Lead, null, _next.Task, _history);
            }
        }

        private SharedWindow? Known(FeedCursor cursor, bool isVerified)
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
                await Pace(cancel); // whoever led before may have left at once
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

        /// <summary>The rest of the pace, in whole milliseconds, as timers count them.</summary>
        private async Task Pace(CancellationToken cancel)
        {
            if (_looked is not { } looked) return;

            var rest = Math.Ceiling((Limits.WebhookPace - time.GetElapsedTime(looked)).TotalMilliseconds);
            if (rest <= 0) return;

            await Task.Delay(TimeSpan.FromMilliseconds(rest), time, cancel);
        }

        /// <param name="window">Null: whoever led reads on no more, and another does.</param>
        private void Publish(SharedWindow? window)
        {
            TaskCompletionSource told;
            lock (_gate)
            {
                (told, _next) = (_next, New());
                _isLed = window is not null;
                if (window is { Reset: true })
                {
                    Forget();
                }
                else if (window is not null)
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
            }

            told.SetResult();
        }

        private void Forget()
        {
            _windows.Clear();
            (_end, _bytes, _history) = (null, 0, _history + 1);
        }

        /// <returns>False: patience is over.</returns>
        private async Task<bool> Came(Task more, TimeSpan patience, CancellationToken cancel)
        {
            // Timers count whole milliseconds: one of less would be over within the call, and the endpoint would ask again within it, for ever.
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

        /// <summary>An endpoint that is put otherwise is to notice, so its table wakes whoever reads; of its own stream's rows nothing else does.</summary>
        private FeedQuery Query(FeedCursor after, TimeSpan patience) => new(after.ToString(), [.. kinds])
        {
            WakeFor = [.. kinds.Where(kind => kind != Core.Kinds.Webhook), WebhookTables.Webhooks.Name], Patience = patience, MostRows = Limits.WebhookRows, MostBytes = Limits.WebhookBytes,
        };

        private static SharedWindow WindowOf(FeedCursor after, FeedWindow read) => new(after, FeedCursor.Parse(read.Cursor), [.. read.Rows.Select((row, i) => new FeedRow(row, read.Behind(i)))], read.Reset);

        private static long BytesOf(SharedWindow window) => window.Rows.Sum(static row => (long)row.Row.Body.Length);

        private static bool Same(FeedCursor one, FeedCursor other) => one.Place == other.Place && one.Hash.Span.SequenceEqual(other.Hash.Span);

        // Completed outside the lock. What waits with patience is woken in place: asked to run elsewhere, WaitAsync would go on from a thread of the pool, outside its grain (and its simulation).
        private static TaskCompletionSource New() => new();
    }
}

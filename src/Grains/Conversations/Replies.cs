using System.Diagnostics.CodeAnalysis;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Grains.Conversations;

/// <summary>
/// Tells whoever made a request what became of it, from the journal's feed: it is followed once a process, as long as somebody waits.
/// <para>What was cut off, cannot be read here, or was said before it was expected, is not told: whoever has waited long enough looks in the log.</para>
/// </summary>
public sealed class Replies(IFeed feed, ConversationLog log, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<Expected>> _expected = new(StringComparer.Ordinal);
    private Task? _begun;

    /// <summary>Ends when whatever happens from then on is told.</summary>
    /// <param name="messageId">Of the request.</param>
    /// <param name="of">Whose reply it is.</param>
    public Task<Expected> Expect(StreamId conversation, string messageId, string of) => Expect(conversation, entry => entry.Happened switch
    {
        ConversationEvent.Said e => e.ReplyTo == messageId && e.From == of && !e.More,
        ConversationEvent.Unanswered e => e.MessageId == messageId,
        _ => false,
    });

    /// <summary>The same of any entry that is waited for.</summary>
    public async Task<Expected> Expect(StreamId conversation, Func<Entry, bool> isEnd)
    {
        var expected = new Expected(this, conversation.ToString(), isEnd);
        Task begun;
        lock (_gate)
        {
            if (!_expected.TryGetValue(expected.Stream, out var all))
            {
                _expected.Add(expected.Stream, all = []);
            }

            all.Add(expected);
            begun = _begun ??= Begin();
        }

        await begun;
        return expected;
    }

    private Task Begin()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = Follow(begun);
        return begun.Task;
    }

    private async Task Follow(TaskCompletionSource begun)
    {
        await Task.Yield(); // out of the lock in which it began
        await feed.FromNowOn(_ => begun.TrySetResult(), Hear, static _ => { }, time, CancellationToken.None);
    }

    private async Task<bool> Hear(FeedWindow window)
    {
        foreach (var row in window.Rows) await Tell(row);
        return !IsOver();
    }

    private bool IsOver()
    {
        lock (_gate)
        {
            if (_expected.Count > 0) return false;

            _begun = null;
            return true;
        }
    }

    private async Task Tell(JournalRow row)
    {
        List<Expected> here;
        lock (_gate)
        {
            if (!_expected.TryGetValue(row.Stream, out var all)) return;

            here = [.. all];
        }

        foreach (var entry in await log.Open(row))
        {
            foreach (var expected in here.Where(expected => expected.IsEndedBy(entry))) expected.End(entry);
        }
    }

    private void Forget(Expected expected)
    {
        lock (_gate)
        {
            if (_expected.TryGetValue(expected.Stream, out var all) && all.Remove(expected) && all.Count == 0)
            {
                _expected.Remove(expected.Stream);
            }
        }
    }

    /// <summary>An entry that somebody waits for.</summary>
    [SuppressMessage("Design", "CA1034", Justification = "It is nothing without its keeper.")]
    public sealed class Expected(Replies keeper, string stream, Func<Entry, bool> isEnd) : IDisposable
    {
        private readonly TaskCompletionSource<Entry> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal string Stream => stream;

        /// <summary>Of a request: the reply, or the entry that says that there was none in time.</summary>
        public Task<Entry> Ended => _end.Task;

        public bool IsEndedBy(Entry entry) => isEnd(entry);

        internal void End(Entry entry) => _end.TrySetResult(entry);

        /// <summary>Nobody waits any longer: whoever still does is cancelled.</summary>
        public void Forsake() => _end.TrySetCanceled();

        public void Dispose() => keeper.Forget(this);
    }
}

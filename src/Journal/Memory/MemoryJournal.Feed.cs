using Agora.Journal.Feed;

namespace Agora.Journal.Memory;

public sealed partial class MemoryJournal
{
    public IAsyncEnumerable<FeedWindow> Follow(FeedQuery query, CancellationToken cancel) =>
        new Follower(_store.Appended, _bodies, TimeSpan.Zero, _time, (after, asked, stop) => Call(JournalCall.Read, () => _store.Look(after, asked), stop)).Follow(query, cancel);

    public Task<string> FeedEnd(CancellationToken cancel) => Call(JournalCall.Read, () => _store.FeedEnd().ToString(), cancel);
}

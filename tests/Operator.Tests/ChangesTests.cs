using Agora.Api.Desk;
using Agora.Journal;

namespace Agora.Operator.Tests;

public sealed class ChangesTests
{
    [Fact]
    public async Task Whoever_goes_from_page_to_page_costs_one_look_a_second_as_whoever_stays()
    {
        var feed = new Looked();
        var changes = new DeskChanges(feed, TimeProvider.System);
        for (var n = 0; n < 8; n++) await Watch(changes, TimeSpan.Zero);
        await Watch(changes, TimeSpan.FromSeconds(2.5));

        Assert.InRange(feed.Times, 1, 5);
    }

    private static async Task Watch(DeskChanges changes, TimeSpan time)
    {
        using var leaves = new CancellationTokenSource();
        await using var page = changes.Watch(leaves.Token).GetAsyncEnumerator(CancellationToken.None);
        var told = page.MoveNextAsync();
        await Task.Delay(time, CancellationToken.None);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await told);
    }

    /// <summary>Nothing is ever written.</summary>
    private sealed class Looked : IFeed
    {
        private int _times;

        public int Times => Volatile.Read(ref _times);

        public Task<string> FeedEnd(CancellationToken cancel)
        {
            Interlocked.Increment(ref _times);
            return Task.FromResult("end");
        }

        public IAsyncEnumerable<FeedWindow> Follow(FeedQuery query, CancellationToken cancel) => throw new NotSupportedException();
    }
}

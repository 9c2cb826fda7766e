using Agora.Api.Desk;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Operator.Tests;

public sealed class ChangesTests
{
    private static readonly (string Tenant, string Name) Ann = ("default", "ann"), Bob = ("default", "bob");

    [Fact]
    public async Task Whoever_goes_from_page_to_page_costs_one_look_a_second_as_whoever_stays()
    {
        var feed = new Looked();
        var changes = new DeskChanges(feed, TimeProvider.System);
        for (var n = 0; n < 8; n++) await Watch(changes, TimeSpan.Zero);
        await Watch(changes, TimeSpan.FromSeconds(2.5));

        Assert.InRange(feed.Times, 1, 5);
    }

    [Fact]
    public async Task The_more_pages_are_open_the_less_often_they_are_told()
    {
        var changes = new DeskChanges(new Looked(isWritten: true), TimeProvider.System);
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(4.5));
        var told = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Told(changes, over.Token)));

        // A look finds what was written a second after the first; then twelve pages have six seconds to be read.
        Assert.All(told, times => Assert.Equal(1, times));
        Assert.InRange(await Told(new(new Looked(isWritten: true), TimeProvider.System), new CancellationTokenSource(TimeSpan.FromSeconds(4.5)).Token), 2, 5);
    }

    private static async Task<int> Told(DeskChanges changes, CancellationToken over, (string, string)? who = null)
    {
        var times = 0;
        try
        {
            await foreach (var changed in changes.Watch(who ?? Ann, over)) times += changed ? 1 : 0;
        }
        catch (OperationCanceledException)
        {
            // The time is over.
        }

        return times;
    }

    [Fact]
    public async Task After_as_many_pages_as_may_be_open_at_once_have_come_and_gone_the_next_is_told()
    {
        var changes = new DeskChanges(new Looked(isWritten: true), TimeProvider.System);
        for (var n = 0; n < Limits.DeskWatched; n++) await Watch(changes, TimeSpan.Zero);
        await using var last = changes.Watch(Ann, CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);

        Assert.True(await last.MoveNextAsync() && last.Current);
    }

    [Fact]
    public async Task Whoever_has_as_many_pages_open_as_one_may_takes_none_of_anybody_elses()
    {
        var changes = new DeskChanges(new Looked(isWritten: true), TimeProvider.System);
        using var leaves = new CancellationTokenSource();
        var pages = Enumerable.Range(0, Limits.DeskWatchedOfOne).Select(_ => changes.Watch(Ann, leaves.Token).GetAsyncEnumerator(CancellationToken.None)).ToList();
        await Task.WhenAll(pages.Select(page => page.MoveNextAsync().AsTask()));
        await using var more = changes.Watch(Ann, CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);
        await using var other = changes.Watch(Bob, CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);
        Assert.False(await more.MoveNextAsync());
        Assert.True(await other.MoveNextAsync());

        foreach (var page in pages) await page.DisposeAsync();
        await using var again = changes.Watch(Ann, CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);
        Assert.True(await again.MoveNextAsync());
    }

    [Fact]
    public async Task Where_no_place_is_left_whoever_has_most_gives_one_to_whoever_has_fewer()
    {
        var changes = new DeskChanges(new Looked(), TimeProvider.System);
        using var leaves = new CancellationTokenSource();
        var pages = new List<IAsyncEnumerator<bool>>();
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            pages.AddRange(Enumerable.Range(0, Limits.DeskWatchedOfOne).Select(_ => changes.Watch(("other", name), leaves.Token).GetAsyncEnumerator(CancellationToken.None)));
        }

        var waiting = pages.ConvertAll(page => page.MoveNextAsync().AsTask());
        await using var ann = changes.Watch(Ann, leaves.Token).GetAsyncEnumerator(CancellationToken.None);
        var told = ann.MoveNextAsync().AsTask();

        Assert.False(await await Task.WhenAny(waiting));
        Assert.Equal(1, waiting.Count(page => page.IsCompleted));
        Assert.False(told.IsCompleted);

        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => told);
    }

    [Fact]
    public async Task However_many_pages_another_tenant_has_open_nobody_waits_for_them()
    {
        var changes = new DeskChanges(new Looked(isWritten: true), TimeProvider.System);
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(5.5));
        var others = Enumerable.Range(0, 40).Select(_ => Told(changes, over.Token, ("other", "cat"))).ToList();

        Assert.InRange(await Told(changes, over.Token), 2, 5);
        Assert.All(await Task.WhenAll(others), times => Assert.Equal(1, times));
    }

    private static async Task Watch(DeskChanges changes, TimeSpan time)
    {
        using var leaves = new CancellationTokenSource();
        await using var page = changes.Watch(Ann, leaves.Token).GetAsyncEnumerator(CancellationToken.None);
        var told = page.MoveNextAsync();
        await Task.Delay(time, CancellationToken.None);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await told);
    }

    /// <param name="isWritten">Something is, before each look; else nothing ever.</param>
    private sealed class Looked(bool isWritten = false) : IFeed
    {
        private int _times;

        public int Times => Volatile.Read(ref _times);

        public Task<string> FeedEnd(CancellationToken cancel)
        {
            var times = Interlocked.Increment(ref _times);
            return Task.FromResult(isWritten ? $"end {times}" : "end");
        }

        public IAsyncEnumerable<FeedWindow> Follow(FeedQuery query, CancellationToken cancel) => throw new NotSupportedException();
    }
}

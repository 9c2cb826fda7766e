using Agora.Api.Desk;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Testing;

namespace Agora.Operator.Tests;

public sealed class ChangesTests
{
    private static readonly (string Tenant, string Name) Ann = ("default", "ann"), Bob = ("default", "bob");

    [Fact]
    public async Task Whoever_goes_from_page_to_page_costs_one_look_a_second_as_whoever_stays()
    {
        var (feed, clock) = (new Looked(), new LookClock());
        var changes = new DeskChanges(feed, clock);
        for (var n = 0; n < 8; n++) await Watch(changes);
        using var leaves = new CancellationTokenSource();
        await using var page = changes.Watch(Ann, leaves.Token).GetAsyncEnumerator(CancellationToken.None);
        var told = page.MoveNextAsync().AsTask();
        await clock.Begun();
        await clock.Second();
        await clock.Second();

        Assert.Equal(3, feed.Times);
        Assert.False(told.IsCompleted);

        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => told);
    }

    [Fact]
    public async Task The_more_pages_are_open_the_less_often_they_are_told()
    {
        var clock = new LookClock();
        var changes = new DeskChanges(new Looked(isWritten: true), clock);
        using var leaves = new CancellationTokenSource();
        var pages = Enumerable.Range(0, 12).Select(_ => changes.Watch(Ann, leaves.Token).GetAsyncEnumerator(CancellationToken.None)).ToList();
        var told = pages.ConvertAll(page => page.MoveNextAsync().AsTask());
        await clock.Begun();
        await clock.Second();
        Assert.All(await Task.WhenAll(told).WaitAsync(Hang.Timeout), Assert.True);

        // Twelve pages have six seconds to be read.
        told = pages.ConvertAll(page => page.MoveNextAsync().AsTask());
        for (var second = 0; second < 5; second++) await clock.Second();
        Assert.All(told, again => Assert.False(again.IsCompleted));

        await clock.Second();
        Assert.All(await Task.WhenAll(told).WaitAsync(Hang.Timeout), Assert.True);
    }

    [Fact]
    public async Task A_page_that_is_still_read_when_something_is_written_is_told_afterwards()
    {
        var clock = new LookClock();
        var feed = new Looked(isWritten: true);
        await using var page = new DeskChanges(feed, clock).Watch(Ann, CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);
        var told = page.MoveNextAsync().AsTask();
        await clock.Begun();
        await clock.Second();
        Assert.True(await told.WaitAsync(Hang.Timeout));

        await clock.Second();
        feed.IsWritten = false;
        Assert.True(await page.MoveNextAsync().AsTask().WaitAsync(Hang.Timeout));
    }

    [Fact]
    public async Task After_as_many_pages_as_may_be_open_at_once_have_come_and_gone_the_next_is_told()
    {
        var changes = new DeskChanges(new Looked(isWritten: true), TimeProvider.System);
        for (var n = 0; n < Limits.DeskWatched; n++) await Watch(changes);
        await using var last = changes.Watch(Ann, CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);

        Assert.True(await last.MoveNextAsync() && last.Current);
    }

    [Fact]
    public async Task Whoever_has_as_many_pages_open_as_one_may_takes_none_of_anybody_elses()
    {
        var clock = new LookClock();
        var changes = new DeskChanges(new Looked(isWritten: true), clock);
        var pages = Enumerable.Range(0, Limits.DeskWatchedOfOne).Select(_ => changes.Watch(Ann, CancellationToken.None).GetAsyncEnumerator(CancellationToken.None)).ToList();
        var told = pages.ConvertAll(page => page.MoveNextAsync().AsTask());
        await clock.Begun();
        await clock.Second();
        Assert.All(await Task.WhenAll(told).WaitAsync(Hang.Timeout), Assert.True);

        await using var more = changes.Watch(Ann, CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);
        await using var other = changes.Watch(Bob, CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);
        Assert.False(await more.MoveNextAsync());
        Assert.True(await AfterSilence(other, clock));

        foreach (var page in pages) await page.DisposeAsync();
        await using var again = changes.Watch(Ann, CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);
        Assert.True(await AfterSilence(again, clock));
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
        var clock = new LookClock();
        var changes = new DeskChanges(new Looked(isWritten: true), clock);
        using var leaves = new CancellationTokenSource();
        var others = Enumerable.Range(0, 40).Select(_ => changes.Watch(("other", "cat"), leaves.Token).GetAsyncEnumerator(CancellationToken.None)).ToList();
        var told = others.ConvertAll(page => page.MoveNextAsync().AsTask());
        await using var ann = changes.Watch(Ann, leaves.Token).GetAsyncEnumerator(CancellationToken.None);
        var own = ann.MoveNextAsync().AsTask();
        await clock.Begun();
        await clock.Second();
        Assert.All(await Task.WhenAll(told).WaitAsync(Hang.Timeout), Assert.True);
        Assert.True(await own.WaitAsync(Hang.Timeout));

        told = others.ConvertAll(page => page.MoveNextAsync().AsTask());
        for (var second = 0; second < 4; second++)
        {
            own = ann.MoveNextAsync().AsTask();
            await clock.Second();
            Assert.True(await own.WaitAsync(Hang.Timeout));
        }

        Assert.All(told, other => Assert.False(other.IsCompleted));
    }

    /// <summary>A page that has a place is shown a sign of life after 15 s, while its tenant's 64 pages still have half a minute to read what they were told.</summary>
    private static async Task<bool> AfterSilence(IAsyncEnumerator<bool> page, LookClock clock)
    {
        var shown = page.MoveNextAsync().AsTask();
        for (var second = 0; second < 15; second++) await clock.Second();
        return await shown.WaitAsync(Hang.Timeout);
    }

    /// <summary>Opens a page and leaves it.</summary>
    private static async Task Watch(DeskChanges changes)
    {
        using var leaves = new CancellationTokenSource();
        await using var page = changes.Watch(Ann, leaves.Token).GetAsyncEnumerator(CancellationToken.None);
        var told = page.MoveNextAsync();
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await told);
    }

    /// <summary>Time that moves by the looks at the feed: each is over before the next begins.</summary>
    private sealed class LookClock : TimeProvider
    {
        private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
        private readonly SimTimeProvider _time = new();
        private readonly SemaphoreSlim _waits = new(0);

        public override long TimestampFrequency => _time.TimestampFrequency;

        /// <summary>The first look is over.</summary>
        public async Task Begun() => Assert.True(await _waits.WaitAsync(Hang.Timeout));

        public async Task Second()
        {
            _time.Advance(LookEvery);
            Assert.True(await _waits.WaitAsync(Hang.Timeout));
        }

        public override long GetTimestamp() => _time.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => _time.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = _time.CreateTimer(callback, state, dueTime, period);
            if (dueTime == LookEvery)
            {
                _waits.Release();
            }

            return timer;
        }
    }

    /// <param name="isWritten">Something is, before each look; else nothing ever.</param>
    private sealed class Looked(bool isWritten = false) : IFeed
    {
        private int _times;

        public bool IsWritten { get; set; } = isWritten;

        public int Times => Volatile.Read(ref _times);

        public Task<string> FeedEnd(CancellationToken cancel)
        {
            var times = Interlocked.Increment(ref _times);
            return Task.FromResult(IsWritten ? $"end {times}" : "end");
        }

        public IAsyncEnumerable<FeedWindow> Follow(FeedQuery query, CancellationToken cancel) => throw new NotSupportedException();
    }
}

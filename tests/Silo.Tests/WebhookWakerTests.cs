using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Journal;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Silo.Tests;

/// <summary>What a process spends on seeing to it that endpoints are at work.</summary>
public sealed class WebhookWakerTests
{
    [Fact]
    public async Task A_round_wakes_a_thousand_at_most_and_the_next_goes_on_behind_them()
    {
        var endpoints = new Endpoints(2 * Limits.WokenAtOnce + 500);
        var woken = 0;
        var entities = new Entities(null!, _ =>
        {
            Interlocked.Increment(ref woken);
            return Task.FromResult(new Envelope(Guid.Empty, null, "woken"));
        });
        using var waker = new WebhookWaker(endpoints, entities, TimeProvider.System, NullLogger<WebhookWaker>.Instance);
        var rounds = new List<int>();
        for (var round = 0; round < 4; round++)
        {
            var before = woken;
            await waker.Once(CancellationToken.None);
            rounds.Add(woken - before);
        }

        Assert.Equal([Limits.WokenAtOnce, Limits.WokenAtOnce, 500, Limits.WokenAtOnce], rounds);
        Assert.Equal(["", "t00999/w", "t01999/w", ""], endpoints.Asked);
    }

    [Fact]
    public async Task A_store_that_is_away_is_asked_again_from_the_same_place()
    {
        var endpoints = new Endpoints(Limits.WokenAtOnce + 1);
        using var waker = new WebhookWaker(endpoints, new Entities(null!, _ => Task.FromResult(new Envelope(Guid.Empty, null, "woken"))), TimeProvider.System, NullLogger<WebhookWaker>.Instance);
        await waker.Once(CancellationToken.None);
        endpoints.IsAway = true;
        await waker.Once(CancellationToken.None);
        endpoints.IsAway = false;
        await waker.Once(CancellationToken.None);

        Assert.Equal(["", "t00999/w", "t00999/w"], endpoints.Asked);
    }

    [Fact]
    public async Task One_that_cannot_be_woken_keeps_no_other_from_being_woken()
    {
        var woken = 0;
        var entities = new Entities(null!, _ => Interlocked.Increment(ref woken) % 10 == 1 ? throw new ArgumentException("no grain") : Task.FromResult(new Envelope(Guid.Empty, null, "woken")));
        using var waker = new WebhookWaker(new Endpoints(100), entities, TimeProvider.System, NullLogger<WebhookWaker>.Instance);

        await waker.Once(CancellationToken.None);

        Assert.Equal(100, woken);
    }

    [Fact]
    public async Task Upstreams_that_are_followed_are_woken_and_the_next_round_goes_on_within_their_tenant()
    {
        var upstreams = new Endpoints(1, Limits.WokenAtOnce + 1);
        using var waker = new UpstreamWaker(upstreams, new Entities(null!, _ => Task.FromResult(new Envelope(Guid.Empty, null, "woken"))), TimeProvider.System, NullLogger<UpstreamWaker>.Instance);
        await waker.Once(CancellationToken.None);
        await waker.Once(CancellationToken.None);
        await waker.Once(CancellationToken.None);

        Assert.Equal(["", "t00000/w00999", ""], upstreams.Asked);
        Assert.All(upstreams.Wanted, wanted => Assert.Equal(new Condition("follows", Comparison.Equal, 1L), wanted));
    }

    /// <summary>Tenants with so many endpoints each.</summary>
    private sealed class Endpoints(int count, int each = 1) : ITables
    {
        public List<string> Asked { get; } = [];

        public List<Condition> Wanted { get; } = [];

        public bool IsAway { get; set; }

        public Task<TablePage> Query(TableQuery query, CancellationToken cancel)
        {
            Asked.Add(query.After is { } after ? $"{after[0]}/{after[1]}" : "");
            Wanted.AddRange(query.Where);
            if (IsAway) throw new JournalUnavailableException("away");

            var rows = Enumerable.Range(0, count).SelectMany(n => Enumerable.Range(0, each).Select(m => (Tenant: $"t{n:D5}", Id: each == 1 ? "w" : $"w{m:D5}")))
                .Where(row => query.After is not { } place || string.CompareOrdinal($"{row.Tenant}/{row.Id}", $"{place[0]}/{place[1]}") > 0).Take(query.Limit);
            return Task.FromResult(new TablePage([.. rows.Select(row => new TableRow($"{row.Tenant}/webhook/{row.Id}", 1, [row.Tenant, row.Id]))], 0));
        }

        public Task<IReadOnlyList<long>> Totals(TableShape table, string tenant, IReadOnlyList<string> columns, CancellationToken cancel) => throw new NotSupportedException();

        public Task Clear(IReadOnlyList<TableShape> tables, CancellationToken cancel) => throw new NotSupportedException();

        public Task Write(IReadOnlyList<OwnedUpsert> rows, CancellationToken cancel) => throw new NotSupportedException();

        public Task<IReadOnlyList<ActiveDay>> Active(ActiveQuery query, CancellationToken cancel) => throw new NotSupportedException();

        public Task<IReadOnlyList<DayTotals>> DayTotals(TableShape table, string tenant, IReadOnlyList<string> columns, long fromDay, long toDay, CancellationToken cancel) => throw new NotSupportedException();

        public Task<DaySums?> Sums(DaysQuery query, CancellationToken cancel) => throw new NotSupportedException();
    }
}

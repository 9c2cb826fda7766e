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

    /// <summary>Tenants with an endpoint each.</summary>
    private sealed class Endpoints(int count) : ITables
    {
        public List<string> Asked { get; } = [];

        public bool IsAway { get; set; }

        public Task<TablePage> Query(TableQuery query, CancellationToken cancel)
        {
            Asked.Add(query.After is { } after ? $"{after[0]}/{after[1]}" : "");
            if (IsAway) throw new JournalUnavailableException("away");

            var rows = Enumerable.Range(0, count).Select(n => $"t{n:D5}").Where(tenant => query.After is not { } place || string.CompareOrdinal(tenant, (string)place[0]) > 0).Take(query.Limit);
            return Task.FromResult(new TablePage([.. rows.Select(tenant => new TableRow($"{tenant}/webhook/w", 1, [tenant, "w"]))], 0));
        }

        public Task<IReadOnlyList<long>> Totals(TableShape table, string tenant, IReadOnlyList<string> columns, CancellationToken cancel) => throw new NotSupportedException();

        public Task Clear(IReadOnlyList<TableShape> tables, CancellationToken cancel) => throw new NotSupportedException();

        public Task Write(IReadOnlyList<OwnedUpsert> rows, CancellationToken cancel) => throw new NotSupportedException();

        public Task<DaySums?> Sums(DaysQuery query, CancellationToken cancel) => throw new NotSupportedException();
    }
}

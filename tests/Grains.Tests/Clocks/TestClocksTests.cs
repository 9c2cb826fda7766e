using Agora.Grains.Clocks;
using Agora.Journal;

namespace Agora.Grains.Tests.Clocks;

/// <summary>Whose alarms are due before the world's time: those of all tenants whose clocks are ahead, however many these are.</summary>
public sealed class TestClocksTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(999)]
    [InlineData(1_000)]
    [InlineData(2_001)]
    public async Task All_clocks_that_are_ahead_are_found(int clocks)
    {
        var found = await new TestClocks(new Rows(clocks)).Ahead(CancellationToken.None);

        Assert.Equal(Enumerable.Range(0, clocks).Select(i => new StreamsAhead($"tenant-{i:D4}_t7/", i + 1)), found);
    }

    private sealed class Rows(int clocks) : ITables
    {
        public Task<TablePage> Query(TableQuery query, CancellationToken cancel)
        {
            var rows = Enumerable.Range(0, clocks).Select(i => new TableRow("", 1, [$"tenant-{i:D4}", 7L, i + 1L, 0L]));
            var after = query.After is [string last] ? last : "";
            return Task.FromResult(new TablePage([.. rows.Where(row => string.CompareOrdinal((string)row.Values[0]!, after) > 0).Take(query.Limit)], 0));
        }

        public Task<IReadOnlyList<long>> Totals(TableShape table, string tenant, IReadOnlyList<string> columns, CancellationToken cancel) => throw new NotSupportedException();

        public Task<IReadOnlyList<ActiveDay>> Active(ActiveQuery query, CancellationToken cancel) => throw new NotSupportedException();

        public Task<IReadOnlyList<DayTotals>> DayTotals(TableShape table, string tenant, IReadOnlyList<string> columns, long fromDay, long toDay, CancellationToken cancel) => throw new NotSupportedException();

        public Task<DaySums?> Sums(DaysQuery query, CancellationToken cancel) => throw new NotSupportedException();

        public Task Clear(IReadOnlyList<TableShape> tables, CancellationToken cancel) => throw new NotSupportedException();

        public Task Write(IReadOnlyList<OwnedUpsert> rows, CancellationToken cancel) => throw new NotSupportedException();
    }
}

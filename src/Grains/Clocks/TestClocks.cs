using Agora.Core.Clocks;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Journal;

namespace Agora.Grains.Clocks;

/// <summary>Which tenants for tests there are whose time is ahead of the world's: for the sweeper, which rings their alarms by it.</summary>
public sealed class TestClocks(ITables tables)
{
    private const int Page = 1_000;
    private static readonly int TenantOf = ClockTables.Clocks.Columns.ToList().IndexOf("tenant");
    private static readonly int GenerationOf = ClockTables.Clocks.Columns.ToList().IndexOf("generation");
    private static readonly int OffsetOf = ClockTables.Clocks.Columns.ToList().IndexOf("offset_micros");

    public async Task<IReadOnlyList<StreamsAhead>> Ahead(CancellationToken cancel)
    {
        var ahead = new List<StreamsAhead>();
        for (IReadOnlyList<object>? after = null; ;)
        {
            var query = new TableQuery(TableShapes.Of(ClockTables.Clocks), [new("offset_micros", Comparison.GreaterThan, 0L)], [new("tenant")], 0, Page) { After = after, CountUpTo = 0 };
            var rows = (await tables.Query(query, cancel)).Rows;
            ahead.AddRange(rows.Select(row => new StreamsAhead(
                $"{Tenant.Parse((string)row.Values[TenantOf]!)!.Of((int)(long)row.Values[GenerationOf]!).Name}/", (long)row.Values[OffsetOf]!)));
            if (rows.Count < Page) return ahead;

            after = [rows[^1].Values[TenantOf]!];
        }
    }
}

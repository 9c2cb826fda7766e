using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Journal;

namespace Agora.Application.Reading;

/// <summary>A row of a query table, read by the names of its columns.</summary>
internal readonly struct NamedRow(TableShape table, TableRow row)
{
    /// <summary>Its table's name.</summary>
    public string Table => table.Name;

    /// <summary>The journal row that it follows from.</summary>
    public string Stream => row.Stream;

    public long Seq => row.Seq;

    public string Text(string column) => OptionalText(column) ?? throw Missing(column);

    public string? OptionalText(string column) => (string?)this[column];

    public long Number(string column) => OptionalNumber(column) ?? throw Missing(column);

    public long? OptionalNumber(string column) => (long?)this[column];

    public DateTimeOffset Time(string column) => Timestamps.FromMicros(Number(column));

    public DateTimeOffset? OptionalTime(string column) => OptionalNumber(column) is { } micros ? Timestamps.FromMicros(micros) : null;

    private object? this[string column]
    {
        get
        {
            for (var i = 0; i < table.Columns.Count; i++)
            {
                if (table.Columns[i] == column) return row.Values[i];
            }

            throw new InvalidDataException($"Table {table.Name} has no column {column}.");
        }
    }

    private static InvalidDataException Missing(string column) => new($"The column {column} is null.");
}

/// <summary>The query tables, of one tenant at a time.</summary>
internal sealed class TableReader(ITables tables) : IDisposable
{
    private readonly Turns _turns = new();

    /// <summary>For what this process keeps of all tenants, apart from each other.</summary>
    public TenantTables OfAll => new(tables, _turns, "", []);

    public static Condition Is(string column, object value) => new(column, Comparison.Equal, value);

    /// <summary>Runs with a payment. A failed call of a model has one too, for what its provider counted.</summary>
    public static Condition IsPaid { get; } = new("payment_id", Comparison.NotEqual, null);

    public TenantTables In(Tenant tenant) => new(tables, _turns, tenant.Name, [Is("tenant", tenant.Name)]);

    public void Dispose() => _turns.Dispose();
}

/// <summary>Reads pages of one tenant's rows.</summary>
internal readonly struct TenantTables(ITables tables, Turns turns, string tenant, IReadOnlyList<Condition> own)
{
    private const long CountUpTo = Limits.LookedAt + 1;

    /// <summary>A page by offset, counted as far as a page of a list looks.</summary>
    public async Task<(IReadOnlyList<NamedRow> Rows, Total Total)> Page(Table table, Page page, IReadOnlyList<Order> order, CancellationToken cancel, params IEnumerable<Condition> where)
    {
        var shape = TableShapes.Of(table);
        IReadOnlyList<Condition> conditions = [.. own, .. where];
        var found = await tables.Query(new TableQuery(shape, conditions, order, page.Offset, page.Limit) { CountUpTo = CountUpTo }, cancel);
        return ([.. found.Rows.Select(row => new NamedRow(shape, row))], Total.Of(found.TotalCount, CountUpTo));
    }

    /// <summary>The first rows that an index finds, in its order; not counted.</summary>
    public async Task<IReadOnlyList<NamedRow>> First(Table table, IReadOnlyList<Order> order, IReadOnlyList<Condition> where, int limit, CancellationToken cancel)
    {
        var shape = TableShapes.Of(table);
        var found = await tables.Query(new TableQuery(shape, [.. own, .. where], order, 0, limit) { CountUpTo = 0 }, cancel);
        return [.. found.Rows.Select(row => new NamedRow(shape, row))];
    }

    /// <summary>
    /// A part of a list, of which no more than so many rows are looked at. The first of them by everybody at once, for mostly that is enough; what is left waits for its turn.
    /// So who asks for what hardly anything matches keeps the store's readers from nobody.
    /// </summary>
    public async Task<Looked> Look(Table table, IReadOnlyList<Order> order, IReadOnlyList<Condition> where, IReadOnlyList<Condition> sieve, ListPart part, CancellationToken cancel)
    {
        var shape = TableShapes.Of(table);
        var (store, first) = (tables, Math.Min(Limits.LookedAtFirst, part.LookAt));
        var query = new TableQuery(shape, [.. own, .. where], order, 0, part.Limit) { Sieve = sieve, LookAt = first, After = part.After, CountUpTo = part.CountUpTo };
        var found = await store.Query(query, cancel);
        var (rows, to, count) = (found.Rows, found.LookedTo, Counted.Of(found));
        if (part.LookAt > first && (to is not null || !count.IsAll))
        {
            using var turn = await turns.Take(tenant, cancel);
            if (to is not null)
            {
                var rest = await store.Query(query with { After = to, LookAt = part.LookAt - first, Limit = part.Limit - rows.Count, CountUpTo = 0 }, cancel);
                (rows, to) = ([.. rows, .. rest.Rows], rest.LookedTo);
            }

            if (!count.IsAll)
            {
                count = part.After is null && rows.Count < part.Limit ? new(rows.Count, to is null) // A page that is not full has all that there was.
                    : Counted.Of(await store.Query(query with { LookAt = part.LookAt, Limit = 0 }, cancel));
            }
        }

        return new([.. rows.Select(row => new NamedRow(shape, row))], to, count);
    }

    /// <summary>How many rows an index finds of which something holds that it does not know; of so many only that everybody may look at them at once. Null: there are more.</summary>
    /// <param name="order">Names one place, and is the index's.</param>
    public async Task<long?> Count(Table table, IReadOnlyList<string> order, Condition where, Condition sieve, CancellationToken cancel)
    {
        var query = new TableQuery(TableShapes.Of(table), [.. own, where], [.. order.Select(static column => new Order(column))], 0, 0) { Sieve = [sieve], LookAt = Limits.LookedAtFirst, CountUpTo = CountUpTo };
        return await tables.Query(query, cancel) is { IsCounted: true, TotalCount: var count } ? count : null;
    }

    public async Task<NamedRow?> One(Table table, CancellationToken cancel, params IEnumerable<Condition> where)
    {
        var rows = await First(table, [], [.. where], 1, cancel);
        return rows.Count == 0 ? null : rows[0];
    }
}

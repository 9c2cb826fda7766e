using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Api.Http;

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
internal sealed class TableReader(ITables tables)
{
    /// <summary>For what this process keeps of all tenants, apart from each other.</summary>
    public TenantTables OfAll => new(tables, []);

    public static Condition Is(string column, object value) => new(column, Comparison.Equal, value);

    public TenantTables In(Tenant tenant) => new(tables, [Is("tenant", tenant.Name)]);
}

/// <summary>Which part of an ordered table (<see cref="TableQuery"/>).</summary>
internal readonly record struct ListPart(IReadOnlyList<object>? After, int Offset, int Limit, long CountUpTo);

/// <summary>Reads pages of one tenant's rows.</summary>
internal readonly struct TenantTables(ITables tables, IReadOnlyList<Condition> own)
{
    public async Task<(IReadOnlyList<NamedRow> Rows, long Total)> Page(Table table, Page page, IReadOnlyList<Order> order, CancellationToken cancel, params IEnumerable<Condition> where)
    {
        var shape = new TableShape(table.Name, table.KeyColumns, table.Columns);
        IReadOnlyList<Condition> conditions = [.. own, .. where];
        var found = await tables.Query(new TableQuery(shape, conditions, order, page.Offset, page.Limit), cancel);
        return ([.. found.Rows.Select(row => new NamedRow(shape, row))], found.TotalCount);
    }

    /// <summary>From a position on.</summary>
    public async Task<(IReadOnlyList<NamedRow> Rows, long Count)> List(Table table, IReadOnlyList<Order> order, IReadOnlyList<Condition> where, ListPart part, CancellationToken cancel)
    {
        var shape = new TableShape(table.Name, table.KeyColumns, table.Columns);
        var query = new TableQuery(shape, [.. own, .. where], order, part.Offset, part.Limit) { After = part.After, CountUpTo = part.CountUpTo };
        var found = await tables.Query(query, cancel);
        return ([.. found.Rows.Select(row => new NamedRow(shape, row))], found.TotalCount);
    }

    public async Task<NamedRow?> One(Table table, CancellationToken cancel, params IEnumerable<Condition> where)
    {
        var (rows, _) = await Page(table, new Page(0, 1), [], cancel, where);
        return rows.Count == 0 ? null : rows[0];
    }
}

using Agora.Api.Http;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Api.Lists;

/// <summary>Where a list comes from: one table, or several whose rows are one list, newest first by their times and then by their ids.</summary>
/// <param name="Items">What is shown of some rows, in their order.</param>
/// <param name="Nothing">Said of a list that is empty without a filter: what would put something in it.</param>
internal sealed record ListSource<T>(IReadOnlyList<ListTable> Tables, Func<TenantTables, IReadOnlyList<NamedRow>, CancellationToken, Task<IReadOnlyList<T>>> Items, string Nothing)
{
    public ListSource(Table table, string time, Func<TenantTables, IReadOnlyList<NamedRow>, CancellationToken, Task<IReadOnlyList<T>>> items, string nothing)
        : this([new ListTable(table, time)], items, nothing)
    {
    }

    public ListSource(Table table, string time, Func<NamedRow, T> item, string nothing)
        : this([new ListTable(table, time)], item, nothing)
    {
    }

    public ListSource(IReadOnlyList<ListTable> tables, Func<NamedRow, T> item, string nothing)
        : this(tables, (_, rows, _) => Task.FromResult<IReadOnlyList<T>>([.. rows.Select(item)]), nothing)
    {
    }

    /// <summary>What of the tables belongs to the list.</summary>
    public IReadOnlyList<Condition> Always { get; init; } = [];

    public IReadOnlyList<object> Position(NamedRow row)
    {
        var (at, id) = Place(row);
        return [at, id];
    }

    /// <summary>A position has a place in every table, whichever its row was of. Behind an offset the rows before are read and left out, a batch at a time.</summary>
    public async Task<(IReadOnlyList<NamedRow> Rows, long Count)> Read(TenantTables own, IReadOnlyList<Condition> where, ListPart part, CancellationToken cancel)
    {
        if (Tables is [var only]) return await own.List(only.Table, only.Order, where, part, cancel);

        var (rows, count) = await Merged(own, where, part with { Offset = 0, Limit = Batch(part) }, cancel);
        while (part.Offset > 0)
        {
            if (rows.Count < Batch(part)) return ([], count);

            part = part with { Offset = part.Offset - rows.Count, After = Position(rows[^1]), CountUpTo = 0 };
            (rows, _) = await Merged(own, where, part with { Offset = 0, Limit = Batch(part) }, cancel);
        }

        return (rows, count);
    }

    private static int Batch(ListPart part) => part.Offset > 0 ? Math.Min(part.Offset, Limits.StreamedRows) : part.Limit;

    private async Task<(IReadOnlyList<NamedRow> Rows, long Count)> Merged(TenantTables own, IReadOnlyList<Condition> where, ListPart part, CancellationToken cancel)
    {
        var (rows, count) = (new List<NamedRow>(), 0L);
        foreach (var table in Tables)
        {
            if (table.Narrow(where) is not { } conditions) continue;

            var (some, matching) = await own.List(table.Table, table.Order, conditions, part, cancel);
            rows.AddRange(some);
            count += matching;
        }

        return ([.. rows.OrderByDescending(row => Place(row).At).ThenByDescending(row => Place(row).Id, StringComparer.Ordinal).Take(part.Limit)], count);
    }

    private (long At, string Id) Place(NamedRow row) => Tables.First(table => table.Table.Name == row.Table).Place(row);
}

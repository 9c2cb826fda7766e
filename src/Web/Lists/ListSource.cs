using Agora.Application.Reading;
using Agora.Journal;

namespace Agora.Web.Lists;

/// <summary>Where a list comes from: one table, or several whose rows are one list, newest first by their times and then by their ids.</summary>
/// <param name="Items">What is shown of some rows, in their order.</param>
/// <param name="Nothing">Said of a list that is empty without a filter: what would put something in it.</param>
internal sealed record ListSource<T>(IReadOnlyList<ListTable> Tables, Func<TenantTables, IReadOnlyList<NamedRow>, CancellationToken, Task<IReadOnlyList<T>>> Items, string Nothing)
{
    public ListSource(ListTable table, Func<TenantTables, IReadOnlyList<NamedRow>, CancellationToken, Task<IReadOnlyList<T>>> items, string nothing)
        : this([table], items, nothing)
    {
    }

    public ListSource(ListTable table, Func<NamedRow, T> item, string nothing)
        : this([table], item, nothing)
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

    /// <summary>
    /// A position has a place in every table, whichever its row was of. Where one table was looked at less far than another, what lies behind is left for the next part: rows of that
    /// table may stand between.
    /// </summary>
    public async Task<Looked> Read(TenantTables own, IReadOnlyList<Condition> where, ListPart part, CancellationToken cancel)
    {
        if (Tables is [var only]) return await only.Look(own, where, part, cancel);

        var (rows, to, count) = (new List<NamedRow>(), (IReadOnlyList<object>?)null, new Counted(0, IsAll: true));
        foreach (var table in Tables)
        {
            if (table.Narrow(where) is not { } conditions) continue;

            var some = await table.Look(own, conditions, part, cancel);
            rows.AddRange(some.Rows);
            count += some.Count;
            to = to is null || (some.To is not null && Compare(some.To, to) > 0) ? some.To ?? to : to;
        }

        var seen = rows.Where(row => to is null || Compare(Position(row), to) >= 0);
        IReadOnlyList<NamedRow> first = [.. seen.OrderByDescending(row => Place(row).At).ThenByDescending(row => Place(row).Id, StringComparer.Ordinal).Take(part.Limit)];
        return new(first, first.Count == part.Limit ? null : to, count);
    }

    private static int Compare(IReadOnlyList<object> one, IReadOnlyList<object> other) =>
        ((long)one[0]).CompareTo((long)other[0]) is var time and not 0 ? time : string.CompareOrdinal((string)one[1], (string)other[1]);

    private (long At, string Id) Place(NamedRow row) => Tables.First(table => table.Table.Name == row.Table).Place(row);
}

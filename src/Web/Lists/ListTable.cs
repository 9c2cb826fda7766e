using Agora.Application.Reading;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Web.Lists;

/// <summary>A table of which a list has rows: newest first by one of its columns and then by its id.</summary>
/// <param name="Orders">
/// Columns of which an index has the rows that are alike in that order, on either store; those come first that have few rows. One that a list asks for is gone through, and all other
/// filters are asked of what is met there: a page looks at <see cref="Limits.LookedAt"/> rows of it.
/// </param>
internal sealed record ListTable(Table Table, string Time, params IReadOnlyList<string> Orders)
{
    private readonly string _id = Table.Columns[Table.KeyColumns - 1];

    /// <summary>What a list's conditions are of this table, where several are one list; null: none of its rows match.</summary>
    public Func<IReadOnlyList<Condition>, IReadOnlyList<Condition>?> Narrow { get; init; } = static where => where;

    public IReadOnlyList<Order> Order => [new(Time, Descending: true), new(_id, Descending: true)];

    public (long At, string Id) Place(NamedRow row) => (row.Number(Time), row.Text(_id));

    public Task<Looked> Look(TenantTables own, IReadOnlyList<Condition> where, ListPart part, CancellationToken cancel)
    {
        var order = Orders.Select(column => where.FirstOrDefault(condition => condition.Column == column && IsServed(condition))).FirstOrDefault(condition => condition is not null);
        var served = where.Where(condition => condition == order || condition.Column == Time).ToList();
        return own.Look(Table, Order, served, [.. where.Except(served)], part, cancel);
    }

    /// <summary>An index has what is alike, or only the rows that have a value at all.</summary>
    private static bool IsServed(Condition condition) => condition.Comparison is Comparison.Equal ? condition.Value is not null : condition is { Comparison: Comparison.NotEqual, Value: null };
}

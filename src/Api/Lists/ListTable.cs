using Agora.Api.Http;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Api.Lists;

/// <summary>A table of which a list has rows: newest first by one of its columns and then by its id.</summary>
internal sealed record ListTable(Table Table, string Time)
{
    private readonly string _id = Table.Columns[Table.KeyColumns - 1];

    /// <summary>What a list's conditions are of this table, where several are one list; null: none of its rows match.</summary>
    public Func<IReadOnlyList<Condition>, IReadOnlyList<Condition>?> Narrow { get; init; } = static where => where;

    public IReadOnlyList<Order> Order => [new(Time, Descending: true), new(_id, Descending: true)];

    public (long At, string Id) Place(NamedRow row) => (row.Number(Time), row.Text(_id));
}

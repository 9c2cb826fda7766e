using Agora.Api.Http;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Api.Lists;

/// <summary>Where a list comes from: a table, newest first by one of its columns and then by its id.</summary>
/// <param name="Items">What is shown of some rows, in their order.</param>
/// <param name="Nothing">Said of a list that is empty without a filter: what would put something in it.</param>
internal sealed record ListSource<T>(Table Table, string Time, Func<TenantTables, IReadOnlyList<NamedRow>, CancellationToken, Task<IReadOnlyList<T>>> Items, string Nothing)
{
    private readonly string _id = Table.Columns[Table.KeyColumns - 1];

    public ListSource(Table table, string time, Func<NamedRow, T> item, string nothing)
        : this(table, time, (_, rows, _) => Task.FromResult<IReadOnlyList<T>>([.. rows.Select(item)]), nothing)
    {
    }

    /// <summary>What of the table belongs to the list.</summary>
    public IReadOnlyList<Condition> Always { get; init; } = [];

    public IReadOnlyList<Order> Order => [new(Time, Descending: true), new(_id, Descending: true)];

    public IReadOnlyList<object> Position(NamedRow row) => [row.Number(Time), row.Text(_id)];
}

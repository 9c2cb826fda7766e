using System.Text.Json;
using static Agora.Journal.SqlTables;

namespace Agora.Journal.Sqlite;

/// <summary>The statements of one query: what its conditions select, in its order.</summary>
internal sealed class SqliteRows
{
    private readonly SqliteSession _session;
    private readonly TableQuery _query;
    private readonly string _from;
    private readonly Func<string, string> _name;
    private readonly List<object?> _values = [];
    private readonly List<string> _conditions = [];
    private readonly string _order;

    public SqliteRows(SqliteSession session, TableQuery query, DeferredSeries? series)
    {
        (_session, _query) = (session, query);
        (_from, _name) = series is null ? (SqlTables.Name(query.Table.Name), (Func<string, string>)SqlTables.Name) : (series.Value.Index.Rows(query.Table.Name, "$0"), series.Value.Index.Name);
        if (series is not null)
        {
            _values.Add(series.Value.Number);
        }

        foreach (var condition in query.Where) _conditions.Add(Sql(condition, _name(condition.Column), _values));
        _order = OrderBy(_name);
    }

    public IReadOnlyList<TableRow> Page()
    {
        var (matching, values) = Behind();
        return _session.List(
            $"SELECT {Columns} {matching} ORDER BY {_order} LIMIT ${values.Count} OFFSET ${values.Count + 1}", Read, [.. values, (long)_query.Limit, (long)_query.Offset]);
    }

    public long Count() => _query.CountUpTo switch
    {
        0 => 0,
        long.MaxValue => First($"SELECT count(*) {Matching(_conditions)}", [.. _values]),
        var most => First($"SELECT count(*) FROM (SELECT 1 {Matching(_conditions)} LIMIT ${_values.Count})", [.. _values, most]),
    };

    /// <summary>
    /// Page and count of what the sieve lets through, out of the rows that are looked at. These come in their order, one at a time: said again outside, it would have all of them
    /// read and sorted for the first few.
    /// </summary>
    public TablePage Sieved()
    {
        var (matching, values) = Behind();
        var looked = Looked(Columns, matching, _order, $"${values.Count}");
        List<object?> sieved = [.. values, (long)_query.LookAt];
        var sieve = Sieve(sieved);
        var rows = _session.List(
            $"SELECT {string.Join(", ", TableValues.AllColumns(_query.Table).Select(SqlTables.Name))} FROM {looked} WHERE {sieve} LIMIT ${sieved.Count}",
            Read,
            [.. sieved, (long)_query.Limit]);
        var to = rows.Count < _query.Limit ? LookedTo(matching, values) : null;
        if (SqlTables.CountOf(_query, rows.Count) is { } counted)
        {
            return new(rows, counted) { LookedTo = to, IsCounted = counted == _query.CountUpTo || to is null };
        }

        var count = CountSieved();
        return new(rows, count) { LookedTo = to, IsCounted = count == _query.CountUpTo || LookedTo(Matching(_conditions), _values) is null };
    }

    private long CountSieved()
    {
        List<object?> values = [.. _values, (long)_query.LookAt];
        var looked = Looked(Columns, Matching(_conditions), _order, $"${_values.Count}");
        var sieve = Sieve(values);
        return First($"SELECT count(*) FROM (SELECT 1 FROM {looked} WHERE {sieve} LIMIT ${values.Count})", [.. values, _query.CountUpTo]);
    }

    private IReadOnlyList<object>? LookedTo(string matching, List<object?> values)
    {
        var position = string.Join(", ", _query.OrderBy.Select(o => _name(o.Column)));
        var last = _session.List(
            SqlTables.LookedTo(position, matching, _order, $"${values.Count}"), row => Position(row, _query.OrderBy.Count), [.. values, _query.LookAt - 1L]);
        return last.Count == 2 ? last[0] : null;
    }

    private (string Matching, List<object?> Values) Behind() => _query.After is not { } after
        ? (Matching(_conditions), _values)
        : (Matching([.. _conditions, SqlTables.Behind(_query, _name, index => $"${_values.Count + index}")]), [.. _values, .. after]);

    private string Sieve(List<object?> values) => string.Join(" AND ", _query.Sieve.Select(condition => Sql(condition, SqlTables.Name(condition.Column), values)));

    private string Matching(IReadOnlyList<string> conditions) => $"FROM {_from}{(conditions.Count == 0 ? "" : " WHERE " + string.Join(" AND ", conditions))}";

    /// <summary>By their own names, whatever the rows are found by.</summary>
    private string Columns => string.Join(", ", TableValues.AllColumns(_query.Table).Select(column => $"{_name(column)} AS {SqlTables.Name(column)}"));

    // Where nobody asked for an order the rows are few, found by a condition, and sorted. A plain key would have SQLite go through all of a tenant's rows by it instead (test: FoundByIdTests).
    private string OrderBy(Func<string, string> name) => string.Join(", ", _query.OrderBy
        .Select(o => $"{name(o.Column)} COLLATE BINARY {(o.Descending ? "DESC" : "ASC")}")
        .Concat(TableValues.KeyOrder(_query).Select(key => $"{(_query.OrderBy.Count == 0 ? "+" : "")}{name(key)} COLLATE BINARY ASC")));

    private TableRow Read(Microsoft.Data.Sqlite.SqliteDataReader row) => Row(row, _query.Table);

    private long First(string sql, object?[] values) => _session.First(sql, static row => row.GetInt64(0), values);

    private static string Sql(Condition condition, string column, List<object?> values)
    {
        if (condition is { Comparison: Comparison.AnyOf, Value: IReadOnlyList<string> list })
        {
            values.Add(JsonSerializer.Serialize(list)); // one statement for lists of any length
            return $"{column} IN (SELECT value FROM json_each(${values.Count - 1}))";
        }

        // As a parameter null would be found by no index of those rows alone that have a value.
        if (condition is { Value: null, Comparison: Comparison.Equal or Comparison.NotEqual })
        {
            return $"{column} IS {(condition.Comparison is Comparison.Equal ? "" : "NOT ")}NULL";
        }

        values.Add(condition.Value);
        return $"{column} {condition.Comparison switch
        {
            Comparison.Equal => "=",
            Comparison.NotEqual => "IS NOT",
            Comparison.LessThan => "<",
            Comparison.AtMost => "<=",
            Comparison.GreaterThan => ">",
            Comparison.AtLeast => ">=",
            _ => throw new ArgumentOutOfRangeException(nameof(condition)),
        }} ${values.Count - 1}";
    }
}

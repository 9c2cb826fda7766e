using System.Globalization;
using Npgsql;
using static Agora.Journal.SqlTables;

namespace Agora.Journal.Postgres;

/// <summary>
/// Runs, or calls of the audit, that are alike in one column, newest first, by their places: <c>runs_placed</c> and <c>audit_placed</c> list the times at which there are some, from postings and from what waits for
/// one, both of the statement's snapshot, so none is missed that is committed. At a time there may be others too, and none any more, so a query still compares the column, and rows can be fewer than the times that
/// were asked for.
/// </summary>
/// <param name="AboveMicros">Exclusive.</param>
internal sealed record PostgresPlaces(PostgresPlaces.Placed Of, string Tenant, string Column, string Value, long AboveMicros, long UptoMicros)
{
    // Far from every time, with room for a day more.
    private const long Ever = long.MaxValue / 2;

    private static readonly Placed[] All =
    [
        new("runs", "settled_at", "run_id", "", ["user_id", "agent_id", "campaign_id", "service_id", "provider", "amount_micros", "payer", "source"]),
        new("audit", "created_at", "audit_id", "audit.", ["user_id", "agent_id", "operation", "response_status"]),
    ];

    /// <summary>The name of a place's time, which no column of the table has: so the planner knows that rows come in its order, and reads no further than a page needs.</summary>
    public const string Time = "at";

    public string Order => $"{Time} DESC, {Of.Id} DESC";

    /// <summary>Null: the query names no such column, or asks for more than that and a range of times, or in another order.</summary>
    public static PostgresPlaces? For(TableQuery query)
    {
        if (query.OrderBy is not [{ Descending: true } time, { Descending: true } id]) return null;
        if (All.FirstOrDefault(one => one.Table == query.Table.Name && time.Column == one.At && id.Column == one.Id) is not { } placed) return null;

        var (above, upto) = (-Ever, Ever);
        string? tenant = null, column = null, value = null;
        foreach (var condition in query.Where)
        {
            switch (condition)
            {
                case { Column: "tenant", Comparison: Comparison.Equal, Value: string name } when tenant is null:
                    tenant = name;
                    break;
                case { Comparison: Comparison.Equal, Value: { } of } when column is null && placed.Columns.Contains(condition.Column, StringComparer.Ordinal):
                    (column, value) = (condition.Column, Convert.ToString(of, CultureInfo.InvariantCulture));
                    break;
                case { Value: long at and > -Ever and < Ever } when condition.Column == placed.At && condition.Comparison is Comparison.AtLeast or Comparison.GreaterThan:
                    above = Math.Max(above, condition.Comparison is Comparison.AtLeast ? at - 1 : at);
                    break;
                case { Value: long at and > -Ever and < Ever } when condition.Column == placed.At && condition.Comparison is Comparison.AtMost or Comparison.LessThan:
                    upto = Math.Min(upto, condition.Comparison is Comparison.AtMost ? at : at - 1);
                    break;
                default:
                    return null;
            }
        }

        return tenant is null || column is null ? null : new(placed, tenant, column, value!, above, upto);
    }

    /// <summary>What stands in place of the table: rows at those times, newest first. One search for each time that is read, and none for the others.</summary>
    public string Rows(TableQuery query, NpgsqlBatchCommand command, long wanted) =>
        $"{Listed(query, command, wanted)} CROSS JOIN LATERAL (SELECT * FROM {Of.Table} r WHERE r.tenant = $1 AND r.{Of.At} = place.at OFFSET 0) AS {Name(query.Table.Name)}";

    /// <summary>The end of what was looked at where rows are fewer than the times that were: behind all rows of the last one. None where there are no more times.</summary>
    public NpgsqlBatchCommand LookedTo(TableQuery query)
    {
        var command = new NpgsqlBatchCommand();
        var listed = Listed(query, command, query.LookAt + 1L);
        command.Parameters.Add(PostgresColumns.Number(query.LookAt));
        command.CommandText = $"SELECT {Time}, '' FROM {listed} ORDER BY {Time} DESC LIMIT 1 OFFSET ${command.Parameters.Count}";
        return command;
    }

    /// <summary>The first so many times from the query's position on, newest first. The tenant is the first parameter.</summary>
    public string Listed(TableQuery query, NpgsqlBatchCommand command, long wanted)
    {
        var upto = query.After is [long at, string id] ? Math.Min(id.Length == 0 ? at - 1 : at, UptoMicros) : UptoMicros; // No id is less than none.
        NpgsqlParameter[] parameters = [
            PostgresRows.Parameter(Tenant), PostgresColumns.Text(Of.Series + Column), PostgresRows.Parameter(Value), PostgresColumns.Number(AboveMicros), PostgresColumns.Number(upto), PostgresColumns.Number(wanted)];
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        return $"(SELECT at FROM {Of.Table}_placed(place_series($1, $2, $3), $4, $5, $6) AS at ORDER BY at DESC) AS place";
    }

    /// <summary>A table whose rows have places.</summary>
    /// <param name="Series">What the name of a column begins with in its series, so that those of two tables are told apart.</param>
    /// <param name="Columns">Those that <c>runs_series</c> or <c>audit_series</c> names.</param>
    internal sealed record Placed(string Table, string At, string Id, string Series, IReadOnlyList<string> Columns);
}

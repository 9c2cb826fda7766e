using System.Globalization;
using Npgsql;
using static Agora.Journal.SqlTables;

namespace Agora.Journal.Postgres;

/// <summary>
/// Runs that are alike in one column, newest first, by their places: <c>runs_placed</c> lists them from postings and from what waits for one, both of the statement's snapshot, so none is missed that is committed.
/// A place whose row is gone, or is another's by now, is passed over, so rows can be fewer than the places that were asked for.
/// </summary>
/// <param name="AboveMicros">Exclusive, as is <paramref name="UptoMicros"/>.</param>
internal sealed record PostgresPlaces(string Tenant, string Column, string Value, long AboveMicros, long UptoMicros)
{
    private const string At = "settled_at", Id = "run_id";

    // Far from every time, with room for a day more.
    private const long Ever = long.MaxValue / 2;

    /// <summary>Columns that <c>runs_series</c> names.</summary>
    private static readonly string[] Columns = ["user_id", "agent_id", "campaign_id", "service_id", "provider", "amount_micros", "payer", "source"];

    /// <summary>Of a place, by names that no column of the table has; said so the planner knows that they come in their order, and reads no further than a page needs.</summary>
    public const string Position = "at, id", Order = "at DESC, id DESC";

    /// <summary>Null: the query names no such column, or asks for more than that and a range of times, or in another order.</summary>
    public static PostgresPlaces? Of(TableQuery query)
    {
        if (query.Table.Name != "runs" || query.OrderBy is not [{ Column: At, Descending: true }, { Column: Id, Descending: true }]) return null;

        var (above, upto) = (-Ever, Ever);
        string? tenant = null, column = null, value = null;
        foreach (var condition in query.Where)
        {
            switch (condition)
            {
                case { Column: "tenant", Comparison: Comparison.Equal, Value: string name } when tenant is null:
                    tenant = name;
                    break;
                case { Comparison: Comparison.Equal, Value: { } of } when column is null && Columns.Contains(condition.Column, StringComparer.Ordinal):
                    (column, value) = (condition.Column, Convert.ToString(of, CultureInfo.InvariantCulture));
                    break;
                case { Column: At, Value: long at and > -Ever and < Ever } when condition.Comparison is Comparison.AtLeast or Comparison.GreaterThan:
                    above = Math.Max(above, condition.Comparison is Comparison.AtLeast ? at - 1 : at);
                    break;
                case { Column: At, Value: long at and > -Ever and < Ever } when condition.Comparison is Comparison.AtMost or Comparison.LessThan:
                    upto = Math.Min(upto, condition.Comparison is Comparison.AtMost ? at + 1 : at);
                    break;
                default:
                    return null;
            }
        }

        return tenant is null || column is null ? null : new(tenant, column, value!, above, upto);
    }

    /// <summary>What stands in place of the table: its rows by their keys, in the places' order. One search for each that is read, and none for the others.</summary>
    public string Rows(TableQuery query, NpgsqlBatchCommand command, long wanted) =>
        $"{Listed(query, command, wanted)} CROSS JOIN LATERAL (SELECT * FROM runs r WHERE r.tenant = $1 AND r.{Id} = place.id AND r.{At} = place.at LIMIT 1) AS {Name(query.Table.Name)}";

    /// <summary>The first so many places behind the query's position, in their order. The tenant is the first parameter.</summary>
    public string Listed(TableQuery query, NpgsqlBatchCommand command, long wanted)
    {
        var (upto, before) = query.After is [long at, string id] && at < UptoMicros ? (at, id) : (UptoMicros, "");
        NpgsqlParameter[] parameters = [
            PostgresRows.Parameter(Tenant), PostgresColumns.Text(Column), PostgresRows.Parameter(Value), PostgresColumns.Number(AboveMicros), PostgresColumns.Number(upto),
            PostgresRows.Parameter(before), PostgresColumns.Number(wanted)];
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        return "(SELECT at, id COLLATE \"C\" AS id FROM runs_placed(place_series($1, $2, $3), $4, $5, $6, $7) ORDER BY 1 DESC, 2 DESC) AS place";
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Agora.Journal.Sqlite;

/// <summary>
/// Runs in the order of their end, by whose they are: <c>runs_index</c>, and the sums by the day beside it. An append only adds what it changes to
/// <c>runs_pending</c>; <see cref="DeferredIndexer"/> brings that to its place, and who asks waits until it is there.
/// <para>Invariant. Nothing is lost or counted twice: a row leaves <c>runs_pending</c> in the transaction that adds it to the sums, after its places are durable,
/// and a place that is taken again is the same place.</para>
/// </summary>
internal static class DeferredIndex
{
    private const string Table = "runs", At = "settled_at", Id = "run_id";

    // The first that a query names is taken: what has few rows comes first.
    private static readonly string[] Columns = ["user_id", "agent_id", "campaign_id", "service_id", "provider", "amount_micros", "payer", "source"];

    // As what waits has them: the amounts there are what is added to the sums.
    private static readonly string Waits = string.Join(", ", Columns).Replace("amount_micros", "price_micros", StringComparison.Ordinal);

    /// <summary>A row's place, which is to be there or not.</summary>
    public readonly record struct Place(long Series, long AtMicros, string Id, bool IsThere);

    /// <summary>What waits.</summary>
    /// <param name="Upto">The last that waits.</param>
    /// <param name="Places">In their order, each once.</param>
    public sealed record Waiting(int Rows, long Upto, IReadOnlyList<Place> Places);

    /// <summary>The series in which the rows that a query asks for stand in its order; null: none.</summary>
    public static long? SeriesOf(TableQuery query) =>
        query.Table.Name == Table && query.OrderBy is [{ Column: At }, ..] && query.OrderBy.Skip(1).All(o => o.Column == Id) && Is(query, "tenant") is { } tenant
            ? Columns.Where(column => Is(query, column) is not null).Select(column => (long?)Series(tenant, column, Is(query, column)!)).FirstOrDefault()
            : null;

    public static long? SeriesOf(DaysQuery query) =>
        query is { IsKept: false, Summed: { Table.Name: Table, At: At }, Column: { } column, Value: { } value } && Columns.Contains(column, StringComparer.Ordinal)
            ? Series(query.Tenant, column, value)
            : null;

    /// <summary>Rows of <c>runs</c> in their places: what is asked for is named by conditions on the rows, among them the tenant.</summary>
    /// <param name="runs">The name of the rows.</param>
    /// <param name="series">The parameter's name.</param>
    public static string Rows(string runs, string series) => $"runs_index AS place CROSS JOIN runs AS {runs} ON place.series = {series} AND {runs}.run_id = place.id";

    /// <summary>A column as the places have it, if they do.</summary>
    public static string Name(string column) => column switch
    {
        At => "place.at",
        Id => "place.id",
        _ => SqlTables.Name(column),
    };

    /// <param name="most">Rows; the rest waits.</param>
    public static Waiting Pending(SqliteSession session, int most)
    {
        var (upto, count) = (0L, 0);
        var places = new Dictionary<(long, long, string), bool>();
        using var rows = session.Query($"SELECT n, sign, tenant, run_id, settled_at, {Waits} FROM runs_pending ORDER BY n LIMIT $0", (long)most);
        while (rows.Read())
        {
            (upto, count) = (rows.GetInt64(0), count + 1);
            for (var i = 0; i < Columns.Length; i++)
            {
                if (rows.IsDBNull(5 + i)) continue;
                places[(Series(rows.GetString(2), Columns[i], rows.GetString(5 + i)), rows.GetInt64(4), rows.GetString(3))] = rows.GetInt64(1) > 0;
            }
        }

        return new(count, upto, [.. places.Select(p => new Place(p.Key.Item1, p.Key.Item2, p.Key.Item3, p.Value)).OrderBy(p => p.Series).ThenBy(p => p.AtMicros)]);
    }

    public static int Put(SqliteSession session, IEnumerable<Place> places)
    {
        foreach (var place in places)
        {
            session.Execute(
                place.IsThere ? "INSERT INTO runs_index (series, at, id) VALUES ($0, $1, $2) ON CONFLICT DO NOTHING" : "DELETE FROM runs_index WHERE series = $0 AND at = $1 AND id = $2",
                place.Series, place.AtMicros, place.Id);
        }

        return 0;
    }

    /// <summary>Adds up to the sums what has its places, which no longer waits then.</summary>
    public static int Sum(SqliteSession session, long upto)
    {
        session.Execute(
            """
            INSERT INTO runs_days (tenant, day, kind, id, part, payments, amount_micros, refunded_micros)
            SELECT tenant, day, kind, id, part, sum(sign), sum(sign * amount_micros), sum(sign * refunded_micros) FROM (
              SELECT tenant, settled_at / 86400000000 AS day, '' AS kind, '' AS id, '' AS part, sign, amount_micros, refunded_micros FROM runs_pending WHERE n <= $0 AND payments = 1
              UNION ALL SELECT tenant, settled_at / 86400000000, 'agent_id', agent_id, '', sign, amount_micros, refunded_micros FROM runs_pending WHERE n <= $0 AND payments = 1
              UNION ALL SELECT tenant, settled_at / 86400000000, 'campaign_id', campaign_id, '', sign, amount_micros, refunded_micros FROM runs_pending
                WHERE n <= $0 AND payments = 1 AND campaign_id IS NOT NULL
              UNION ALL SELECT tenant, settled_at / 86400000000, 'service_id', service_id, provider, sign, amount_micros, refunded_micros FROM runs_pending WHERE n <= $0 AND payments = 1)
            WHERE true GROUP BY 1, 2, 3, 4, 5
            ON CONFLICT (tenant, day, kind, id, part) DO UPDATE SET
              payments = payments + excluded.payments, amount_micros = amount_micros + excluded.amount_micros, refunded_micros = refunded_micros + excluded.refunded_micros
            """,
            upto);
        return session.Execute("DELETE FROM runs_pending WHERE n <= $0", upto);
    }

    private static string? Is(TableQuery query, string column) =>
        query.Where.FirstOrDefault(w => w.Column == column && w.Comparison is Comparison.Equal)?.Value switch
        {
            string text => text,
            long number => number.ToString(CultureInfo.InvariantCulture),
            _ => null,
        };

    // 64 bits of a hash: two that are equal by accident share a series, so a query still compares the column itself.
    private static long Series(string tenant, string column, string value)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{tenant}\n{column}\n{value}"), hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash);
    }
}

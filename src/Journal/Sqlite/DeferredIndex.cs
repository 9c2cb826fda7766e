using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Agora.Journal.Sqlite;

/// <summary>
/// A table's rows in the order of their time, by whose they are: <c>{table}_index</c>, and of runs the sums by the day beside it. An append only adds what it changes to
/// <c>{table}_pending</c>; <see cref="DeferredIndexer"/> brings that to its place, and who asks waits until it is there.
/// <para>Invariant. Nothing is lost or counted twice: a row leaves what waits in the transaction that adds it to the sums, after its places are durable,
/// and a place that is taken again is the same place.</para>
/// </summary>
/// <param name="At">The column of the time.</param>
/// <param name="Id">The last column of the key.</param>
/// <param name="Columns">The first that a query names is taken: what has few rows comes first. With the tenant among them all rows have an order, with no index of the table's own.</param>
internal sealed record DeferredIndex(string Table, string At, string Id, IReadOnlyList<string> Columns)
{
    public static readonly DeferredIndex Runs = new("runs", "settled_at", "run_id", ["user_id", "agent_id", "campaign_id", "service_id", "provider", "amount_micros", "payer", "source"])
    {
        Sums = DeferredSums.OfRuns, Waits = new Dictionary<string, string>(StringComparer.Ordinal) { ["amount_micros"] = "price_micros" },
    };

    public static readonly IReadOnlyList<DeferredIndex> All =
    [
        Runs,
        new("audit", "created_at", "audit_id", ["user_id", "agent_id", "operation", "response_status", "tenant"]),
        new("refusals", "refused_at", "refusal_id", [Session, "user_id", "campaign_id", "agent_id", "service_id", "code", "tenant"]),
    ];

    // Of runs and audit the table itself has an index of a session's rows.
    private const string Session = "session_id";

    /// <summary>A statement that adds up to the sums what waits up to $0; null: none are kept.</summary>
    public string? Sums { get; private init; }

    /// <summary>Columns that have another name where rows wait: the amounts there are what is added to the sums.</summary>
    private IReadOnlyDictionary<string, string> Waits { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>A row's place, which is to be there or not.</summary>
    public readonly record struct Place(long Series, long AtMicros, string Id, bool IsThere);

    /// <summary>What waits.</summary>
    /// <param name="Steps">The last of so many rows each, and at last the last that waits.</param>
    /// <param name="Places">In their order, each once.</param>
    public sealed record Waiting(int Rows, IReadOnlyList<long> Steps, IReadOnlyList<Place> Places);

    /// <summary>The series in which the rows that a query asks for stand in its order; null: none.</summary>
    public static DeferredSeries? SeriesOf(TableQuery query) =>
        All.FirstOrDefault(index => index.Table == query.Table.Name) is { } own && own.Orders(query) && Is(query, "tenant") is { } tenant && (own.Columns.Contains(Session, StringComparer.Ordinal) || Is(query, Session) is null)
            ? own.Columns.Where(column => Is(query, column) is not null).Select(column => (DeferredSeries?)new DeferredSeries(own, Series(tenant, column, Is(query, column)!))).FirstOrDefault()
            : null;

    /// <summary>Rows of the table in their places: what is asked for is named by conditions on the rows, among them the tenant.</summary>
    /// <param name="rows">The name of the rows.</param>
    /// <param name="series">The parameter's name.</param>
    public string Rows(string rows, string series) => $"{Table}_index AS place CROSS JOIN {Table} AS {rows} ON place.series = {series} AND {rows}.{Id} = place.id";

    /// <summary>A column as the places have it, if they do.</summary>
    public string Name(string column) => column == At ? "place.at" : column == Id ? "place.id" : SqlTables.Name(column);

    /// <param name="most">Rows; the rest waits.</param>
    /// <param name="step">Rows.</param>
    public Waiting Pending(SqliteSession session, int most, int step)
    {
        var (steps, count) = (new List<long>(), 0);
        var places = new Dictionary<(long, long, string), bool>();
        using var rows = session.Query($"SELECT n, sign, tenant, {Id}, {At}, {string.Join(", ", Columns.Select(column => Waits.GetValueOrDefault(column, column)))} FROM {Table}_pending ORDER BY n LIMIT $0", (long)most);
        while (rows.Read())
        {
            if (count++ % step == 0)
            {
                steps.Add(0);
            }

            steps[^1] = rows.GetInt64(0);
            for (var i = 0; i < Columns.Count; i++)
            {
                if (rows.IsDBNull(5 + i)) continue;
                places[(Series(rows.GetString(2), Columns[i], Text(rows.GetValue(5 + i))), rows.GetInt64(4), rows.GetString(3))] = rows.GetInt64(1) > 0;
            }
        }

        return new(count, steps, [.. places.Select(p => new Place(p.Key.Item1, p.Key.Item2, p.Key.Item3, p.Value)).OrderBy(p => p.Series).ThenBy(p => p.AtMicros)]);
    }

    public int Put(SqliteSession session, IEnumerable<Place> places)
    {
        var (put, take) = ($"INSERT INTO {Table}_index (series, at, id) VALUES ($0, $1, $2) ON CONFLICT DO NOTHING", $"DELETE FROM {Table}_index WHERE series = $0 AND at = $1 AND id = $2");
        foreach (var place in places) session.Execute(place.IsThere ? put : take, place.Series, place.AtMicros, place.Id);
        return 0;
    }

    /// <summary>What has its places no longer waits, and is added to the sums.</summary>
    public int Finish(SqliteSession session, long upto)
    {
        if (Sums is not null)
        {
            session.Execute(Sums, upto);
        }

        return session.Execute($"DELETE FROM {Table}_pending WHERE n <= $0", upto);
    }

    private bool Orders(TableQuery query) => query.OrderBy is [{ Column: var first }, ..] && first == At && query.OrderBy.Skip(1).All(o => o.Column == Id);

    private static string? Is(TableQuery query, string column) =>
        query.Where.FirstOrDefault(w => w.Column == column && w.Comparison is Comparison.Equal)?.Value is { } value ? Text(value) : null;

    private static string Text(object value) => value as string ?? Convert.ToString(value, CultureInfo.InvariantCulture)!;

    // 64 bits of a hash: two that are equal by accident share a series, so a query still compares the column itself.
    private static long Series(string tenant, string column, string value)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{tenant}\n{column}\n{value}"), hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash);
    }
}

/// <summary>Rows that are alike in one column, in their order.</summary>
internal readonly record struct DeferredSeries(DeferredIndex Index, long Number);

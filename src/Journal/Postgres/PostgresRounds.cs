using Npgsql;

namespace Agora.Journal.Postgres;

/// <summary>
/// Brings what waits behind the append to its place, of runs to the sums by the day and to postings, of the audit to postings: whoever asks meanwhile sees what waits, or its place, and never both. One process
/// at a time does it; who comes meanwhile leaves it to the other.
/// <para>It is added up here, for the server took most of its time in sorting it, and written some rows at a time with a breath between, so that appends go on beside it (ADR 0082).</para>
/// </summary>
internal static class PostgresRounds
{
    private const int RowsAtOnce = 1_000;

    /// <summary>Of a posting, so that it is never stored out of line.</summary>
    private const int TimesOfPosting = 100;

    /// <summary>A posting that spans so much is wide: who reads looks for those that reach over a place among a minute's and a day's.</summary>
    private const long WideMicros = 60_000_000;

    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);

    /// <returns>How many rows waited, up to <paramref name="most"/>.</returns>
    public static Task<long> Runs(NpgsqlConnection connection, long most, CancellationToken cancel)
    {
        var sums = new Dictionary<Sum, DaySums>();
        return Round(
            connection, "runs_days_waiting", "settled_at, series, tenant, day, payments, amount_micros, refunded_micros, user_id, agent_id, campaign_id, service_id, provider", most,
            row =>
            {
                var (tenant, day, more) = (row.GetString(2), row.GetInt64(3), new DaySums(row.GetInt64(4), row.GetInt64(5), row.GetInt64(6)));
                if (more is { Count: 0, ReturnedMicros: 0 }) return;

                Add(new(tenant, day, "", "", ""), more);
                Add(new(tenant, day, "user_id", row.GetString(7), ""), more);
                Add(new(tenant, day, "agent_id", row.GetString(8), ""), more);
                Add(new(tenant, day, "service_id", row.GetString(10), row.GetString(11)), more);
                if (!row.IsDBNull(9))
                {
                    Add(new(tenant, day, "campaign_id", row.GetString(9), ""), more);
                }
            },
            () => Put(connection, sums, cancel),
            cancel);

        void Add(Sum of, DaySums more) => sums[of] = sums.TryGetValue(of, out var had) ? new(had.Count + more.Count, had.AmountMicros + more.AmountMicros, had.ReturnedMicros + more.ReturnedMicros) : more;
    }

    /// <returns>How many rows waited, up to <paramref name="most"/>.</returns>
    public static Task<long> Audit(NpgsqlConnection connection, long most, CancellationToken cancel) =>
        Round(connection, "audit_waiting", "at, series", most, static _ => { }, static () => Task.CompletedTask, cancel);

    // The first two columns are a row's time and series, or null where it changes sums only.
    private static async Task<long> Round(NpgsqlConnection connection, string waiting, string columns, long most, Action<NpgsqlDataReader> take, Func<Task> put, CancellationToken cancel)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (!await Begins(connection, waiting, cancel)) return 0;

        var (count, places) = (0L, new Dictionary<(long Series, long Day), List<long>>());
        await using (var command = new NpgsqlCommand($"DELETE FROM {waiting} WHERE ctid = ANY (ARRAY (SELECT ctid FROM {waiting} LIMIT $1)) RETURNING {columns}", connection) { Parameters = { PostgresColumns.Number(most) } })
        {
            await using var row = await command.ExecuteReaderAsync(cancel);
            for (; await row.ReadAsync(cancel); count++)
            {
                take(row);
                if (row.IsDBNull(1)) continue;

                var at = row.GetInt64(0);
                foreach (var series in row.GetFieldValue<long[]>(1))
                {
                    var place = (series, at / DaysQuery.DayMicros);
                    if (!places.TryGetValue(place, out var times))
                    {
                        places.Add(place, times = []);
                    }

                    times.Add(at);
                }
            }
        }

        await put();
        await Put(connection, places, cancel);
        await transaction.CommitAsync(cancel);
        return count;
    }

    // A plan that is made while nothing waits would read the whole table for each row that it takes.
    private static async Task<bool> Begins(NpgsqlConnection connection, string waiting, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { new("SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)"), new($"SELECT pg_try_advisory_xact_lock('{waiting}'::regclass::oid::bigint)") },
        };
        await using var row = await batch.ExecuteReaderAsync(cancel);
        return await row.NextResultAsync(cancel) && await row.ReadAsync(cancel) && row.GetBoolean(0);
    }

    private static async Task Put(NpgsqlConnection connection, Dictionary<Sum, DaySums> sums, CancellationToken cancel)
    {
        foreach (var some in sums.OrderBy(static sum => sum.Key).Chunk(RowsAtOnce))
        {
            await using var command = new NpgsqlCommand(
                """
                INSERT INTO runs_days AS d
                SELECT s.tenant, s.day, s.kind, s.id, s.part, 0, s.payments, s.amount_micros, s.refunded_micros
                FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[]) AS s (tenant, day, kind, id, part, payments, amount_micros, refunded_micros)
                ON CONFLICT (tenant, day, kind, id, part, shard) DO UPDATE SET
                payments = d.payments + excluded.payments, amount_micros = d.amount_micros + excluded.amount_micros, refunded_micros = d.refunded_micros + excluded.refunded_micros
                """,
                connection)
            {
                Parameters =
                {
                    PostgresColumns.Text([.. some.Select(s => s.Key.Tenant)]), PostgresColumns.Numbers([.. some.Select(s => s.Key.Day)]), PostgresColumns.Text([.. some.Select(s => s.Key.Kind)]),
                    PostgresColumns.Text([.. some.Select(s => s.Key.Id)]), PostgresColumns.Text([.. some.Select(s => s.Key.Part)]), PostgresColumns.Numbers([.. some.Select(s => s.Value.Count)]),
                    PostgresColumns.Numbers([.. some.Select(s => s.Value.AmountMicros)]), PostgresColumns.Numbers([.. some.Select(s => s.Value.ReturnedMicros)]),
                },
            };
            await command.ExecuteNonQueryAsync(cancel);
            await Task.Delay(Breath, cancel);
        }
    }

    private static async Task Put(NpgsqlConnection connection, Dictionary<(long Series, long Day), List<long>> places, CancellationToken cancel)
    {
        foreach (var some in places.OrderBy(static place => place.Key).SelectMany(static place => place.Value.Order().Chunk(TimesOfPosting).Select(times => (place.Key.Series, Times: times))).Chunk(RowsAtOnce))
        {
            var firsts = new long[some.Length];
            for (var i = 1; i < some.Length; i++) firsts[i] = firsts[i - 1] + some[i - 1].Times.Length;
            await using var command = new NpgsqlCommand(
                $"""
                INSERT INTO runs_places
                SELECT p.series, p.times[p.n] - p.times[1] >= {WideMicros}, p.times[1], p.times[p.n], p.times
                FROM (SELECT u.series, u.n, ($1::bigint[])[u.first + 1:u.first + u.n] AS times FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS u (series, first, n)) p
                """,
                connection)
            {
                Parameters =
                {
                    PostgresColumns.Numbers([.. some.SelectMany(static posting => posting.Times)]), PostgresColumns.Numbers([.. some.Select(static posting => posting.Series)]), PostgresColumns.Numbers(firsts),
                    PostgresColumns.Numbers([.. some.Select(static posting => (long)posting.Times.Length)]),
                },
            };
            await command.ExecuteNonQueryAsync(cancel);
            await Task.Delay(Breath, cancel);
        }
    }

    /// <summary>What a sum is of: all of a tenant's on a day, or those of one user, agent, campaign, or service and provider.</summary>
    private readonly record struct Sum(string Tenant, long Day, string Kind, string Id, string Part) : IComparable<Sum>
    {
        // In the order of the primary key, for its index.
        public int CompareTo(Sum other) =>
            string.CompareOrdinal(Tenant, other.Tenant) is not 0 and var tenant ? tenant : Day.CompareTo(other.Day) is not 0 and var day ? day
            : string.CompareOrdinal(Kind, other.Kind) is not 0 and var kind ? kind : string.CompareOrdinal(Id, other.Id) is not 0 and var id ? id : string.CompareOrdinal(Part, other.Part);
    }
}

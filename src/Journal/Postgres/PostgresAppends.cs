using Npgsql;

namespace Agora.Journal.Postgres;

/// <summary>
/// The conditional append: plain inserts of all rows in one round trip and one transaction, which the server's unique keys and the guard
/// refuse as a whole. Only then is it looked at stream by stream, and what may be written is sent again.
/// <para>AfterTheOther: an insert waits for whoever is about to write the same row, an earlier attempt of ours on a connection that we
/// lost included. So once an insert was refused, or passed, what stands there is decided.</para>
/// <para>Bounds: <see cref="Rounds"/> of refusals, <see cref="Retries"/> of deadlocks, the first at once; then unavailable.</para>
/// </summary>
internal sealed class PostgresAppends(NpgsqlDataSource source, PostgresTables tables, PostgresHeads heads)
{
    private const int Rounds = 8;
    private const int Retries = 3;
    private const int PauseMs = 50;

    /// <summary>
    /// Within the transaction: acknowledged means on the disks of the server and of every synchronous standby, whatever the default is.
    /// <c>local</c> and <c>remote_write</c> would lose what was acknowledged when a standby takes over; <c>remote_apply</c> is more, and stays.
    /// </summary>
    public const string Durably = "CASE WHEN current_setting('synchronous_commit') NOT IN ('on', 'remote_apply') THEN set_config('synchronous_commit', 'on', true) END";

    public async Task<IReadOnlyList<AppendOutcome>> Append(IReadOnlyList<StreamAppend> batch, bool again, CancellationToken cancel)
    {
        foreach (var append in batch)
            foreach (var upsert in append.Upserts)
                TableValues.Check(upsert);
        var outcomes = new AppendOutcome[batch.Count];
        var open = new List<int>(batch.Count);
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (IsChain(batch[i]))
                open.Add(i);
            else
                outcomes[i] = AppendOutcome.Moved;
        }

        open.Sort((x, y) => string.CompareOrdinal(batch[x].Stream, batch[y].Stream));
        await using var connection = await PostgresConnections.Open(source, cancel);
        for (var round = 0; open.Count > 0; round++)
        {
            if (round == Rounds) throw new JournalUnavailableException("PostgreSQL: others wrote to the same streams and keys again and again");
            var sent = open.ConvertAll(i => batch[i]);
            if (await Write(connection, sent, trust: round == 0 && !again, cancel))
            {
                foreach (var i in open) outcomes[i] = AppendOutcome.Written;
                break;
            }

            var last = heads.Last();
            var (looked, incarnation, areThere) = await PostgresLook.At(connection, sent, last, again, cancel);
            heads.Looked(last, incarnation, areThere);
            heads.Keep(incarnation, [.. sent.Where((_, i) => looked[i] == AppendOutcome.Written)]);
            for (var i = 0; i < looked.Length; i++)
                if (looked[i] is { } outcome)
                    outcomes[open[i]] = outcome;
            open = [.. open.Where((_, i) => looked[i] is null)];
        }

        return outcomes;
    }

    // What no journal could hold need not be asked for.
    private static bool IsChain(StreamAppend append) =>
        (append.Row is not { } row || row.Seq == append.Head.Seq + 1) && (append.Head.Seq > 0 || append.Head.Hash.Span.SequenceEqual(StreamHead.Empty.Hash.Span));

    // False when the batch was refused as a whole.
    private async Task<bool> Write(NpgsqlConnection connection, List<StreamAppend> appends, bool trust, CancellationToken cancel)
    {
        for (var retry = 0; ; retry++)
        {
            await using var batch = new NpgsqlBatch(connection);
            var known = new bool[appends.Count];
            var incarnation = heads.Known(appends, trust, known);
            Journal(batch, appends);
            Keys(batch, appends);
            Decides(batch, appends);
            Alarms(batch, appends);
            tables.Upsert(batch, Upserts(appends), areNew: trust);
            batch.BatchCommands.Add(Guard(appends, known, incarnation));
            try
            {
                heads.Keep((long)(await batch.ExecuteScalarAsync(cancel))!, appends);
                return true;
            }
            catch (PostgresException e) when (PostgresErrors.IsRefusal(e))
            {
                return false;
            }
            catch (PostgresException e) when (PostgresErrors.IsTransient(e) && retry < Retries)
            {
                // Whoever waited for what this held may not have run yet: it would be met again in the same order.
                if (retry > 0)
                {
                    await Task.Delay(retry * PauseMs, cancel);
                }
            }
            catch (Exception e) when (PostgresErrors.OfWrite(e, connection) is var mapped && mapped != e)
            {
                if (mapped is JournalUnknownException)
                {
                    source.Clear();
                }

                throw mapped;
            }
        }
    }

    private static List<OwnedUpsert> Upserts(List<StreamAppend> appends)
    {
        List<OwnedUpsert> upserts = [];
        foreach (var append in appends)
            foreach (var upsert in append.Upserts)
                upserts.Add(new(append.Stream, append.Row!.Seq, upsert));
        return upserts;
    }

    private static void Journal(NpgsqlBatch batch, List<StreamAppend> appends)
    {
        var rows = appends.Count(static append => append.Row is not null);
        if (rows == 0) return;
        var (streams, seqs, hashes, bodies) = (new string[rows], new long[rows], new ReadOnlyMemory<byte>[rows], new ReadOnlyMemory<byte>[rows]);
        var at = 0;
        foreach (var append in appends)
            if (append.Row is { } row)
                (streams[at], seqs[at], hashes[at], bodies[at++]) = (row.Stream, row.Seq, row.Hash, row.Body);
        batch.BatchCommands.Add(new("INSERT INTO journal (stream, seq, hash, body, tx) SELECT *, (SELECT journal_tx()) FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::bytea[])")
        {
            Parameters = { PostgresColumns.Text(streams), PostgresColumns.Numbers(seqs), PostgresColumns.Bytes(hashes), PostgresColumns.Bytes(bodies) },
        });
    }

    private static void Keys(NpgsqlBatch batch, List<StreamAppend> appends)
    {
        List<ClientKey> keys = [];
        foreach (var append in appends)
            foreach (var key in append.Keys)
                keys.Add(key with { Seq = append.Row!.Seq });
        if (keys.Count == 0) return;
        keys.Sort(static (x, y) => string.CompareOrdinal(x.Tenant, y.Tenant) is var tenant and not 0 ? tenant
            : string.CompareOrdinal(x.Credential, y.Credential) is var credential and not 0 ? credential
            : string.CompareOrdinal(x.Key, y.Key));
        batch.BatchCommands.Add(new(
            "INSERT INTO client_keys (tenant, credential, key, stream, command_id, body_hash, expires, seq) "
            + "SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::bytea[], $7::bigint[], $8::bigint[])")
        {
            Parameters =
            {
                PostgresColumns.Text([.. keys.Select(static key => key.Tenant)]),
                PostgresColumns.Text([.. keys.Select(static key => key.Credential)]),
                PostgresColumns.Text([.. keys.Select(static key => key.Key)]),
                PostgresColumns.Text([.. keys.Select(static key => key.Stream)]),
                PostgresColumns.Ids([.. keys.Select(static key => key.CommandId)]),
                PostgresColumns.Bytes([.. keys.Select(static key => key.BodyHash)]),
                PostgresColumns.Numbers([.. keys.Select(static key => key.ExpiresMicros)]),
                PostgresColumns.Numbers([.. keys.Select(static key => key.Seq)]),
            },
        });
    }

    private static void Decides(NpgsqlBatch batch, List<StreamAppend> appends)
    {
        var deciding = appends.FindAll(static append => append.Decides.Count > 0);
        if (deciding.Count == 0) return;
        batch.BatchCommands.Add(new("CALL journal_decides($1, $2, $3)")
        {
            Parameters =
            {
                PostgresColumns.Ids([.. deciding.SelectMany(static append => append.Decides)]),
                PostgresColumns.Text([.. deciding.SelectMany(static append => append.Decides.Select(_ => append.Stream))]),
                PostgresColumns.Numbers([.. deciding.SelectMany(static append => append.Decides.Select(_ => append.Row!.Seq))]),
            },
        });
    }

    private static void Alarms(NpgsqlBatch batch, List<StreamAppend> appends)
    {
        var set = appends.FindAll(static append => append.Alarm is { AtMicros: not null });
        if (set.Count > 0)
        {
            batch.BatchCommands.Add(new("INSERT INTO due (stream, at) SELECT * FROM unnest($1::text[], $2::bigint[]) ON CONFLICT (stream) DO UPDATE SET at = excluded.at")
            {
                Parameters = { Streams(set), PostgresColumns.Numbers([.. set.Select(static append => append.Alarm!.Value.AtMicros!.Value)]) },
            });
        }

        var cleared = appends.FindAll(static append => append.Alarm is { AtMicros: null });
        if (cleared.Count > 0)
        {
            batch.BatchCommands.Add(new("DELETE FROM due WHERE stream = ANY ($1::text[])") { Parameters = { Streams(cleared) } });
        }
    }

    private static NpgsqlBatchCommand Guard(List<StreamAppend> appends, bool[] known, long incarnation)
    {
        var latest = long.MinValue;
        List<StreamAppend> follow = [], check = [];
        for (var i = 0; i < appends.Count; i++)
        {
            if (appends[i].Row is null)
                check.Add(appends[i]);
            else
                latest = Math.Max(latest, appends[i].AtMicros);
            if (!known[i] && appends[i].Head.Seq > 0)
            {
                follow.Add(appends[i]);
            }
        }

        if (follow.Count + check.Count == 0)
        {
            return new($"SELECT journal_guard($1, $2), {Durably}") { Parameters = { PostgresColumns.Number(incarnation), PostgresColumns.Number(latest) } };
        }

        return new($"SELECT journal_guard($1, $2, $3, $4, $5, $6, $7), {Durably}")
        {
            Parameters =
            {
                PostgresColumns.Number(incarnation),
                PostgresColumns.Number(latest),
                Streams(follow),
                PostgresColumns.Numbers([.. follow.Select(static append => append.Head.Seq)]),
                PostgresColumns.Bytes([.. follow.Select(static append => append.Head.Hash)]),
                Streams(check),
                PostgresColumns.Numbers([.. check.Select(static append => append.Head.Seq)]),
            },
        };
    }

    private static NpgsqlParameter Streams(List<StreamAppend> appends) => PostgresColumns.Text([.. appends.Select(static append => append.Stream)]);
}

using Microsoft.Data.Sqlite;

namespace Agora.Journal.Sqlite;

/// <summary>The conditional append, within the writer's transaction: nobody else writes meanwhile, so what is checked first still holds when it is written.</summary>
internal static class SqliteAppends
{
    public static AppendOutcome[] Append(SqliteSession session, IReadOnlyList<StreamAppend> batch, bool again, long nowMicros)
    {
        var outcomes = new AppendOutcome[batch.Count];
        for (var i = 0; i < outcomes.Length; i++) outcomes[i] = Append(session, batch[i], again, nowMicros);
        return outcomes;
    }

    private static AppendOutcome Append(SqliteSession session, StreamAppend append, bool again, long nowMicros)
    {
        var (id, head, next) = Find(session, append);
        var follows = next is null && append.Head.Hash.Span.SequenceEqual(head.Span);
        if (append.Row is not { } row) return follows ? AppendOutcome.Written : AppendOutcome.Moved;

        if (next is { } there)
        {
            return again && there.Seq == row.Seq && row.Hash.Span.SequenceEqual(there.Hash) ? AppendOutcome.Written : AppendOutcome.Moved;
        }

        if (!follows || row.Seq != append.Head.Seq + 1) return AppendOutcome.Moved;
        if (append.IsAhead(nowMicros)) return AppendOutcome.ClockAhead;
        if (!TakeKeys(session, append.Keys, row.Seq)) return AppendOutcome.KeyTaken;

        id ??= session.First("INSERT INTO streams (name) VALUES ($0) RETURNING id", static inserted => (long?)inserted.GetInt64(0), append.Stream);
        session.Execute("INSERT INTO journal (stream, seq, hash, body) VALUES ($0, $1, $2, $3)", id, row.Seq, row.Hash, row.Body);
        foreach (var decided in append.Decides)
            session.Execute("UPDATE client_keys SET seq = $0 WHERE command_id = $1 AND stream = $2", row.Seq, decided.ToByteArray(bigEndian: true), append.Stream);
        foreach (var upsert in append.Upserts) SqliteTables.Upsert(session, append.Stream, row.Seq, upsert);
        if (append.Alarm is { } alarm)
        {
            SetAlarm(session, append.Stream, alarm.AtMicros);
        }

        session.Heads.Keep(append.Stream, new(id!.Value, row.Seq, row.Hash));
        return AppendOutcome.Written;
    }

    // What this session wrote last of a stream is its head: nobody else writes to the file. Anything else is looked up.
    private static (long? Id, ReadOnlyMemory<byte> Head, (long Seq, byte[] Hash)? Next) Find(SqliteSession session, StreamAppend append)
    {
        if (session.Heads.Find(append.Stream) is { } known && known.Seq == append.Head.Seq) return (known.Id, known.Hash, null);
        var id = session.First("SELECT id FROM streams WHERE name = $0", static row => (long?)row.GetInt64(0), append.Stream);
        var (head, next) = HeadAndNext(session, id, append.Head.Seq);
        return (id, head, next);
    }

    // One search of the index finds the predecessor and whatever stands above it.
    private static (byte[]? Head, (long Seq, byte[] Hash)? Next) HeadAndNext(SqliteSession session, long? id, long headSeq)
    {
        var head = headSeq == 0 ? new byte[RowCodec.HashBytes] : null;
        if (id is null) return (head, null);
        using var rows = session.Query("SELECT seq, hash FROM journal WHERE stream = $0 AND seq >= $1 ORDER BY seq LIMIT 2", id, headSeq);
        while (rows.Read())
        {
            if (rows.GetInt64(0) > headSeq) return (head, (rows.GetInt64(0), Bytes(rows, 1)));
            head = Bytes(rows, 1);
        }

        return (head, null);
    }

    private static bool TakeKeys(SqliteSession session, IReadOnlyList<ClientKey> keys, long seq)
    {
        if (keys.Count == 0) return true;
        if (keys.DistinctBy(static key => (key.Tenant, key.Credential, key.Key)).Count() < keys.Count) return false;
        foreach (var key in keys)
            if (session.First("SELECT 1 FROM client_keys WHERE tenant = $0 AND credential = $1 AND key = $2", static _ => true, key.Tenant, key.Credential, key.Key))
                return false;
        foreach (var key in keys)
            session.Execute(
                "INSERT INTO client_keys (tenant, credential, key, stream, command_id, body_hash, expires, seq) VALUES ($0, $1, $2, $3, $4, $5, $6, $7)",
                key.Tenant, key.Credential, key.Key, key.Stream, key.CommandId.ToByteArray(bigEndian: true), key.BodyHash, key.ExpiresMicros, seq);
        return true;
    }

    private static void SetAlarm(SqliteSession session, string stream, long? atMicros)
    {
        if (atMicros is { } at)
            session.Execute("INSERT INTO due (stream, at) VALUES ($0, $1) ON CONFLICT (stream) DO UPDATE SET at = excluded.at", stream, at);
        else
            session.Execute("DELETE FROM due WHERE stream = $0", stream);
    }

    private static byte[] Bytes(SqliteDataReader row, int column) => row.GetFieldValue<byte[]>(column);
}

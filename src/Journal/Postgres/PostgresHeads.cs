using System.Runtime.InteropServices;
using Npgsql;

namespace Agora.Journal.Postgres;

/// <summary>
/// Heads that this process wrote or verified lately: a row that follows one, or a check of one, needs no look at it. Rows are never deleted,
/// so a head stays true as long as the server lives; the guard of each append checks that it is the same life. Bounded: two generations,
/// dropped whole. Safe from any thread.
/// <para>NothingGone: the first append on another incarnation of the server, and all until then, are refused whole, and the last rows that were acknowledged are looked
/// for. A server that lost rows lost the last commits, so when these are there, all before them are, and the incarnation is taken on. When one is gone, this process is
/// cut off for good: it may have told others of what is no more, and must not finish it.</para>
/// </summary>
internal sealed class PostgresHeads(int capacity = 100_000)
{
    // The last commit is among the last acknowledgements, whatever their order, as long as there are more of these than batches in flight.
    private const int MostLast = 16;
    private const long None = 0, Doubtful = -1; // no server's

    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _cutOff = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<LastRow> _last = new();
    private Dictionary<string, KnownHead> _young = new(StringComparer.Ordinal);
    private Dictionary<string, KnownHead> _old = new(StringComparer.Ordinal);
    private long _incarnation = None;
    private long _noted;

    /// <summary>Completes when acknowledged rows turn out to be gone.</summary>
    public Task CutOff => _cutOff.Task;

    /// <summary>Of who begins now: what the journal ends with is as if it had been acknowledged.</summary>
    public static async Task<PostgresHeads> Of(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("SELECT journal_incarnation(), stream, seq, hash FROM (SELECT) now LEFT JOIN journal_feed_end() ON true", connection);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        var heads = new PostgresHeads();
        heads.Begin(reader.GetInt64(0), reader.IsDBNull(1) ? null : new(reader.GetString(1), reader.GetInt64(2), reader.GetFieldValue<byte[]>(3)));
        return heads;
    }

    /// <summary>Sorts out whose head is known, if these are to be trusted, and within which incarnation the batch may be written; 0 when in any.</summary>
    /// <exception cref="JournalCutOffException">In none.</exception>
    public long Known(IReadOnlyList<StreamAppend> appends, bool trust, Span<bool> known)
    {
        CheckCutOff();
        lock (_gate)
        {
            for (var i = 0; trust && i < known.Length; i++)
            {
                var append = appends[i];
                known[i] = Find(append.Stream) == KnownHead.Of(append.Head.Seq, append.Head.Hash);
            }

            return _incarnation;
        }
    }

    /// <summary>These rows were committed, and these heads found, within the incarnation.</summary>
    public void Keep(long incarnation, IReadOnlyList<StreamAppend> appends)
    {
        lock (_gate)
        {
            Note(incarnation, appends.Select(static append => append.Row).FirstOrDefault(static row => row is not null) is { } last ? new(last.Stream, last.Seq, last.Hash.ToArray()) : null);
            if (_incarnation == Doubtful) return;
            foreach (var append in appends)
            {
                if (append.Row is null && append.Head.Seq == 0) continue;
                if (_young.Count >= capacity && !_young.ContainsKey(append.Stream))
                {
                    (_old, _young) = (_young, new(StringComparer.Ordinal));
                }

                _young[append.Stream] = append.Row is { } row ? KnownHead.Of(row.Seq, row.Hash) : KnownHead.Of(append.Head.Seq, append.Head.Hash);
            }
        }
    }

    /// <summary>The journal, of this incarnation, ends with the row now.</summary>
    public void Begin(long incarnation, LastRow? last)
    {
        lock (_gate) Note(incarnation, last);
    }

    /// <summary>What is to be looked for before another incarnation is taken on.</summary>
    public LastRows Last()
    {
        lock (_gate) return new(_incarnation, _noted, [.. _last]);
    }

    /// <param name="areThere">All that was looked for is there.</param>
    /// <exception cref="JournalCutOffException">It is not.</exception>
    public void Looked(LastRows last, long incarnation, bool areThere)
    {
        if (!areThere)
        {
            _cutOff.TrySetResult();
        }

        CheckCutOff();
        lock (_gate)
        {
            Drop();
            if (last.Noted == _noted)
            {
                _incarnation = incarnation;
            }
        }
    }

    /// <exception cref="JournalCutOffException">Acknowledged rows are gone.</exception>
    public void CheckCutOff()
    {
        if (_cutOff.Task.IsCompleted) throw new JournalCutOffException();
    }

    // An acknowledgement that comes late, of another incarnation than was taken on meanwhile, is looked for too before anything more is written.
    private void Note(long incarnation, LastRow? row)
    {
        if (incarnation != _incarnation)
        {
            Drop();
            _incarnation = _incarnation == None ? incarnation : Doubtful;
        }

        if (row is null) return;
        if (_last.Count == MostLast)
        {
            _last.Dequeue();
        }

        _last.Enqueue(row.Value);
        _noted++;
    }

    private KnownHead Find(string stream) => _young.TryGetValue(stream, out var head) ? head : _old.GetValueOrDefault(stream);

    private void Drop()
    {
        _young.Clear();
        _old.Clear();
    }

    // By value: the hash of a row in memory is a slice of the row, which must not be kept for its sake.
    private readonly record struct KnownHead(long Seq, UInt128 HashStart, UInt128 HashEnd)
    {
        public static KnownHead Of(long seq, ReadOnlyMemory<byte> hash)
        {
            var halves = MemoryMarshal.Cast<byte, UInt128>(hash.Span);
            return new KnownHead(seq, halves[0], halves[1]);
        }
    }
}

internal readonly record struct LastRow(string Stream, long Seq, ReadOnlyMemory<byte> Hash);

/// <param name="Noted">Acknowledgements up to now.</param>
internal sealed record LastRows(long Incarnation, long Noted, IReadOnlyList<LastRow> Rows);

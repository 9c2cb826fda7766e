using System.Runtime.InteropServices;

namespace Agora.Journal.Postgres;

/// <summary>
/// Heads that this process wrote or verified lately: a row that follows one, or a check of one, needs no look at it. Rows are never deleted,
/// so a head stays true as long as the server lives; the guard of each append checks that it is the same life. Bounded: two generations,
/// dropped whole. Safe from any thread.
/// </summary>
internal sealed class PostgresHeads(int capacity = 100_000)
{
    private readonly Lock _gate = new();
    private Dictionary<string, KnownHead> _young = new(StringComparer.Ordinal);
    private Dictionary<string, KnownHead> _old = new(StringComparer.Ordinal);
    private long _incarnation;

    /// <summary>Sorts out whose head is known, and within which incarnation that is true; 0 when none is.</summary>
    public long Known(IReadOnlyList<StreamAppend> appends, Span<bool> known)
    {
        lock (_gate)
        {
            var any = false;
            for (var i = 0; i < known.Length; i++)
            {
                var append = appends[i];
                known[i] = Find(append.Stream) == KnownHead.Of(append.Head.Seq, append.Head.Hash);
                any |= known[i];
            }

            return any ? _incarnation : 0;
        }
    }

    /// <summary>These rows were committed, and these heads found, within the incarnation.</summary>
    public void Keep(long incarnation, IReadOnlyList<StreamAppend> appends)
    {
        lock (_gate)
        {
            if (incarnation != _incarnation)
            {
                Drop();
            }

            _incarnation = incarnation;
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

    public void Clear()
    {
        lock (_gate) Drop();
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

namespace Agora.Journal.Sqlite;

/// <summary>A stream's number in the file, and its last row as this session wrote it.</summary>
internal sealed record KnownHead(long Id, long Seq, ReadOnlyMemory<byte> Hash);

/// <summary>
/// Heads of streams that were written lately: saves two look-ups an append. True only because one session of one process writes
/// the file (the lock file holds that); whatever is rolled back clears all of it. Bounded: when full it starts afresh.
/// </summary>
internal sealed class StreamHeads
{
    private const int Most = 100_000;
    private readonly Dictionary<string, KnownHead> _heads = new(StringComparer.Ordinal);

    public KnownHead? Find(string stream) => _heads.GetValueOrDefault(stream);

    public void Keep(string stream, KnownHead head)
    {
        if (_heads.Count >= Most)
        {
            Clear();
        }

        _heads[stream] = head;
    }

    public void Clear() => _heads.Clear();
}

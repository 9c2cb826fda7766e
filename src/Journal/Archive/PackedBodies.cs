namespace Agora.Journal.Archive;

/// <summary>
/// Brings archived bodies back into rows that a store has read: a row that is archived has an empty body, which no other row has. The last packs are kept open: who
/// reads a stream reads on, and the feed comes back to each of the streams that were written in turns.
/// </summary>
internal sealed class PackedBodies(Func<string, long, CancellationToken, Task<RowPack?>> packOf)
{
    /// <summary>Bodies of open packs, besides those of the last one.</summary>
    internal const long MostOpenBytes = 32 << 20;

    private readonly Lock _gate = new();
    private readonly LinkedList<(RowPack Pack, IReadOnlyList<ReadOnlyMemory<byte>> Bodies)> _open = new();
    private long _openBytes;

    /// <summary>The rows with their bodies, up to the one that takes these to so many bytes.</summary>
    /// <param name="bodyBytes">So many first bytes of each body; null: all.</param>
    public async ValueTask<IReadOnlyList<JournalRow>> Fill(IReadOnlyList<JournalRow> rows, long mostBytes, int? bodyBytes, CancellationToken cancel)
    {
        if (rows.All(static row => !row.Body.IsEmpty)) return rows;

        var filled = new List<JournalRow>(rows.Count);
        for (var bytes = 0L; filled.Count < rows.Count && bytes < mostBytes; bytes += filled[^1].Body.Length)
        {
            filled.Add(await Fill(rows[filled.Count], bodyBytes, cancel));
        }

        return filled;
    }

    public async ValueTask<FoundRow?> Fill(FoundRow? found, CancellationToken cancel) =>
        found is { Source: { } source } ? found with { Source = await Fill(source, null, cancel) } : found;

    public async ValueTask<JournalRow> Fill(JournalRow row, int? bodyBytes, CancellationToken cancel)
    {
        if (!row.Body.IsEmpty || await Bodies(row, cancel) is not { } pack) return row;

        var body = pack.Bodies[(int)(row.Seq - pack.Pack.First)];
        return row with { Body = body[..Math.Min(bodyBytes ?? body.Length, body.Length)].ToArray() }; // A slice would keep a pack for each row of a window over many streams.
    }

    private async ValueTask<(RowPack Pack, IReadOnlyList<ReadOnlyMemory<byte>> Bodies)?> Bodies(JournalRow row, CancellationToken cancel)
    {
        lock (_gate)
        {
            for (var node = _open.First; node is not null; node = node.Next)
            {
                if (node.Value.Pack is var pack && pack.Stream == row.Stream && pack.First <= row.Seq && pack.Last >= row.Seq)
                {
                    _open.Remove(node);
                    _open.AddFirst(node);
                    return node.Value;
                }
            }
        }

        if (await packOf(row.Stream, row.Seq, cancel) is not { } found) return null; // whoever decodes the row says that it has no body

        var opened = (found, found.Open());
        lock (_gate)
        {
            _open.AddFirst(opened);
            _openBytes += Length(opened.Item2);
            while (_openBytes > MostOpenBytes && _open.Count > 1)
            {
                _openBytes -= Length(_open.Last!.Value.Bodies);
                _open.RemoveLast();
            }
        }

        return opened;
    }

    private static long Length(IReadOnlyList<ReadOnlyMemory<byte>> bodies) => bodies.Sum(static body => (long)body.Length);
}

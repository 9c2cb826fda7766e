using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Replay.Reading;

/// <summary>One stream of the journal, entry by entry; a page is in memory.</summary>
internal sealed class StreamCursor(IJournal journal, StreamId stream, int page)
{
    private readonly string _name = stream.ToString();
    private readonly Queue<JournalEntry> _entries = [];
    private long _seq;
    private bool _ended;

    public StreamId Stream => stream;

    public long Rows { get; private set; }

    /// <summary>The next entry; null at the end.</summary>
    public JournalEntry? Entry => _entries.TryPeek(out var entry) ? entry : null;

    public async ValueTask Fill(CancellationToken cancel)
    {
        while (_entries.Count == 0 && !_ended)
        {
            var rows = await journal.Read(_name, _seq, page, cancel);
            foreach (var entry in rows.SelectMany(RowCodec.Decode))
            {
                _entries.Enqueue(entry);
            }

            Rows += rows.Count;
            (_seq, _ended) = rows.Count == 0 ? (_seq, true) : (rows[^1].Seq, JournalPages.EndsWith(rows, page));
        }
    }

    public JournalEntry Take() => _entries.Dequeue();
}

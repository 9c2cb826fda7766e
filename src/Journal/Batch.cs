using System.Diagnostics;

namespace Agora.Journal;

/// <summary>Drafts of different streams that are sent together.</summary>
internal sealed class Batch
{
    private readonly List<(StreamWriter Writer, RowDraft Draft)> _items = [];
    private StreamAppend[] _appends = [];
    private int _bytes;

    public int Count => _items.Count;

    public int Entries { get; private set; }

    public (StreamWriter Writer, RowDraft Draft, StreamAppend? Append) this[int i] =>
        (_items[i].Writer, _items[i].Draft, i < _appends.Length ? _appends[i] : null);

    public bool HasRoom(CommitterOptions options) => Count < options.MaxRowsPerBatch && _bytes < options.MaxBytesPerBatch;

    public void Add(StreamWriter writer, RowDraft draft)
    {
        _items.Add((writer, draft));
        _bytes += draft.Bytes;
        Entries += draft.Entries.Count;
    }

    /// <summary>Whose entries these are, as far as their traces are kept.</summary>
    public IEnumerable<ActivityContext> Traces() => _items.SelectMany(static item => item.Draft.Entries).Where(static entry => entry.Trace is not null).Select(static entry => entry.Trace!.Context);

    /// <summary>Rows are encoded and hashed here, on the lane. Nobody else moves a writer's head while it is in this batch.</summary>
    public IReadOnlyList<StreamAppend> Appends()
    {
        _appends = new StreamAppend[Count];
        for (var i = 0; i < Count; i++) _appends[i] = _items[i].Draft.Build(_items[i].Writer.Stream, _items[i].Writer.Durable.Head);
        return _appends;
    }
}

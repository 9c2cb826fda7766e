namespace Agora.Journal.Memory;

/// <summary>The order in which rows came, and what was signed of it; the owner holds the lock.</summary>
internal sealed class MemoryCheckpoints
{
    private readonly List<PlacedRow> _rows = [];
    private readonly Dictionary<(string Stream, long Seq), PlacedRow> _places = [];
    private readonly List<(Checkpoint Checkpoint, IReadOnlyList<CheckpointTile> Tiles)> _checkpoints = [];
    private readonly SortedSet<long> _untold = [];

    public long Cut => _rows.Count;

    public Checkpoint? Last => _checkpoints.Count == 0 ? null : _checkpoints[^1].Checkpoint;

    public void Add(JournalRow row)
    {
        var placed = new PlacedRow(new RowPlace(_rows.Count + 1, row.Stream, row.Seq), row.Hash);
        _rows.Add(placed);
        _places.Add((row.Stream, row.Seq), placed);
    }

    public IReadOnlyList<PlacedRow> Placed(RowPlace after, long upTo, int limit) =>
        [.. _rows.Skip((int)after.Position - 1).TakeWhile(row => row.Place.Position <= upTo).Where(row => row.Place.CompareTo(after) > 0).Take(limit)];

    public PlacedRow? PlaceOf(string stream, long seq) => _places.GetValueOrDefault((stream, seq));

    public bool Add(Checkpoint checkpoint, IReadOnlyList<CheckpointTile> tiles)
    {
        if (checkpoint.Number != _checkpoints.Count + 1) return false;
        _checkpoints.Add((checkpoint, tiles));
        _untold.Add(checkpoint.Number);
        return true;
    }

    public IReadOnlyList<Checkpoint> After(long number, int limit) => [.. _checkpoints.Select(c => c.Checkpoint).Where(c => c.Number > number).Take(limit)];

    public Checkpoint? Of(long position) => _checkpoints.Select(c => c.Checkpoint).FirstOrDefault(c => c.After < position && position <= c.UpTo);

    public IReadOnlyList<CheckpointTile> Tiles(long number) => number >= 1 && number <= _checkpoints.Count ? _checkpoints[(int)number - 1].Tiles : [];

    public IReadOnlyList<Checkpoint> Untold(int limit) => [.. _untold.Take(limit).Select(number => _checkpoints[(int)number - 1].Checkpoint)];

    public bool Tell(long number) => _untold.Remove(number);
}

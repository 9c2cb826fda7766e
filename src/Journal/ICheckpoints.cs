namespace Agora.Journal;

/// <summary>
/// All rows of all streams in one order, and the signed checkpoints over it. Cases of the contract, each a test on every provider:
/// <list type="number">
/// <item>A row has one place for ever. Places are ordered by position, then stream (its UTF-8 bytes), then seq.</item>
/// <item>Below a cut nothing is missing and nothing comes any more, whatever was being appended when it was made.</item>
/// <item>A row that was acknowledged before a cut was asked for stands below it, unless a transaction that began earlier is still open: then below a later one.</item>
/// <item>Checkpoints are numbered from 1 without gaps; a number is given once, whoever else tries; a checkpoint is there with all its tiles or not at all.</item>
/// </list>
/// </summary>
public interface ICheckpoints
{
    /// <summary>A position up to which (inclusive) the order is complete. Never falls.</summary>
    Task<long> Cut(CancellationToken cancel);

    /// <summary>Rows after a place and at most at a position that a cut has named, in order.</summary>
    Task<IReadOnlyList<PlacedRow>> Placed(RowPlace after, long upTo, int limit, CancellationToken cancel);

    /// <summary>The place of a row, or null when there is no such row.</summary>
    Task<PlacedRow?> PlaceOf(string stream, long seq, CancellationToken cancel);

    /// <summary>False, and nothing is written, when its number is not the next one.</summary>
    Task<bool> AddCheckpoint(Checkpoint checkpoint, IReadOnlyList<CheckpointTile> tiles, CancellationToken cancel);

    /// <summary>By number, above <paramref name="after"/>.</summary>
    Task<IReadOnlyList<Checkpoint>> Checkpoints(long after, int limit, CancellationToken cancel);

    Task<Checkpoint?> LastCheckpoint(CancellationToken cancel);

    /// <summary>The one that covers a position, or null as long as none does.</summary>
    Task<Checkpoint?> CheckpointOf(long position, CancellationToken cancel);

    /// <summary>In order.</summary>
    Task<IReadOnlyList<CheckpointTile>> Tiles(long number, CancellationToken cancel);

    /// <summary>Those that were not yet told to the outside, by number.</summary>
    Task<IReadOnlyList<Checkpoint>> UntoldCheckpoints(int limit, CancellationToken cancel);

    Task MarkTold(long number, CancellationToken cancel);
}

/// <summary>Where a row stands in the order of all rows.</summary>
public readonly record struct RowPlace(long Position, string Stream, long Seq) : IComparable<RowPlace>
{
    public static readonly RowPlace Start = new(-1, "", 0);

    /// <summary>Behind all rows of a position.</summary>
    public static RowPlace After(long position) => new(position, "\U0010FFFF", long.MaxValue);

    /// <summary>Right before this one: what is read after it begins with this.</summary>
    public RowPlace Previous() => this with { Seq = Seq - 1 };

    public int CompareTo(RowPlace other) =>
        Position != other.Position ? Position.CompareTo(other.Position)
        : Utf8Order.Instance.Compare(Stream, other.Stream) is var order and not 0 ? order
        : Seq.CompareTo(other.Seq);
}

public sealed record PlacedRow(RowPlace Place, ReadOnlyMemory<byte> Hash);

/// <summary>What is stored of a checkpoint: its facts, and the signed token that says them.</summary>
/// <param name="After">Position of the last row before it.</param>
/// <param name="UpTo">Position of its last row.</param>
/// <param name="Size">Rows that it covers, at least 1.</param>
public sealed record Checkpoint(long Number, long After, long UpTo, long Size, long AtMicros, string Token);

/// <summary>The Merkle root of consecutive rows of a checkpoint, so that a proof reads a tile and not all rows.</summary>
/// <param name="First">Place of the tile's first row.</param>
public sealed record CheckpointTile(long Tile, RowPlace First, ReadOnlyMemory<byte> Root);

using System.Buffers.Binary;
using System.Text;
using Agora.Journal;

namespace Agora.Proof.Checkpoints;

/// <summary>
/// The tree over a checkpoint's rows, as they come: <see cref="TileRows"/> at a time are kept, and of each such tile its root. So memory is
/// one tile and 32 bytes for each that is full, whatever the number of rows: 60 KB for two million.
/// </summary>
public sealed class RowTiles
{
    /// <summary>A power of two, so that a full tile is a subtree. A proof reads so many rows.</summary>
    public const int TileRows = 1024;

    /// <summary>Rows that are read at once: some 15 MB. A store may go through all that is left for each such page.</summary>
    public const int PageRows = 64 * TileRows;

    private readonly List<CheckpointTile> _tiles = [];
    private readonly List<ReadOnlyMemory<byte>> _leaves = new(TileRows);
    private RowPlace _first;

    public long Count { get; private set; }

    public void Add(PlacedRow row)
    {
        if (_leaves.Count == 0)
        {
            _first = row.Place;
        }

        _leaves.Add(Leaf(row));
        Count++;
        if (_leaves.Count == TileRows)
        {
            Close();
        }
    }

    /// <summary>Once, after the last row.</summary>
    public (IReadOnlyList<CheckpointTile> Tiles, byte[] Root) Finish()
    {
        if (_leaves.Count > 0)
        {
            Close();
        }

        return (_tiles, MerkleTree.Root(Roots(_tiles)));
    }

    public static ReadOnlyMemory<byte>[] Roots(IReadOnlyList<CheckpointTile> tiles) => [.. tiles.Select(t => t.Root)];

    /// <summary>Leaf of a row: <c>length of stream (4), stream, seq (8), hash (32)</c>; numbers are little endian, text is UTF-8, as in the row's own hash.</summary>
    public static byte[] Leaf(PlacedRow row)
    {
        var stream = Encoding.UTF8.GetBytes(row.Place.Stream);
        var data = new byte[4 + stream.Length + 8 + row.Hash.Length];
        BinaryPrimitives.WriteInt32LittleEndian(data, stream.Length);
        stream.CopyTo(data, 4);
        BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(4 + stream.Length), row.Place.Seq);
        row.Hash.Span.CopyTo(data.AsSpan(4 + stream.Length + 8));
        return MerkleTree.Leaf(data);
    }

    private void Close()
    {
        _tiles.Add(new CheckpointTile(_tiles.Count, _first, MerkleTree.Root([.. _leaves])));
        _leaves.Clear();
    }
}

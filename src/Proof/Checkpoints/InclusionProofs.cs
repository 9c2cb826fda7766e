using Agora.Journal;

namespace Agora.Proof.Checkpoints;

/// <summary>That a row is one of those under a checkpoint.</summary>
/// <param name="Index">Of the row among the checkpoint's, from 0.</param>
public sealed record InclusionProof(PlacedRow Row, long Index, Checkpoint Checkpoint, IReadOnlyList<byte[]> Path);

/// <summary>Makes proofs of rows. One costs the checkpoint's tile roots and the rows of one tile, whatever the checkpoint's size.</summary>
public sealed class InclusionProofs(ICheckpoints store)
{
    /// <returns>Null as long as no checkpoint covers the row.</returns>
    public async Task<InclusionProof?> Of(string stream, long seq, CancellationToken cancel)
    {
        var row = await store.PlaceOf(stream, seq, cancel) ?? throw new InvalidDataException($"There is no row {stream} #{seq}.");
        if (await store.CheckpointOf(row.Place.Position, cancel) is not { } checkpoint) return null;

        var tiles = await store.Tiles(checkpoint.Number, cancel);
        var tile = TileOf(row.Place, tiles);
        var upTo = tile + 1 < tiles.Count ? tiles[tile + 1].First.Position : checkpoint.UpTo;
        var rows = await store.Placed(tiles[tile].First.Previous(), upTo, RowTiles.TileRows, cancel);
        var inTile = rows.Select(r => r.Place).ToList().IndexOf(row.Place);
        if (inTile < 0)
        {
            throw new InvalidDataException($"{stream} #{seq} is not where checkpoint {checkpoint.Number} had it: the journal was changed.");
        }

        var path = new List<byte[]>(MerkleTree.Path([.. rows.Select(r => (ReadOnlyMemory<byte>)RowTiles.Leaf(r))], inTile));
        path.AddRange(MerkleTree.Path(RowTiles.Roots(tiles), tile));
        return new(row, ((long)tile * RowTiles.TileRows) + inTile, checkpoint, path);
    }

    // The last tile that does not begin after the row.
    private static int TileOf(RowPlace place, IReadOnlyList<CheckpointTile> tiles)
    {
        var (low, high) = (0, tiles.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (tiles[middle].First.CompareTo(place) <= 0)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }
}

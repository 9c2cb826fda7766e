using Agora.Journal;
using Agora.Proof.Checkpoints;

namespace Agora.Proof.Tests.Checkpoints;

public sealed class MerkleTreeTests
{
    // The leaves and roots that implementations of Certificate Transparency hold each other to.
    private static readonly string[] Leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    private static readonly string[] Roots =
    [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    [Fact]
    public void The_roots_of_the_known_trees_come_out()
    {
        var leaves = Leaves.Select(leaf => (ReadOnlyMemory<byte>)MerkleTree.Leaf(Convert.FromHexString(leaf))).ToArray();
        for (var size = 1; size <= leaves.Length; size++) Assert.Equal(Roots[size - 1], Convert.ToHexStringLower(MerkleTree.Root(leaves.AsSpan(0, size))));
    }

    [Fact]
    public void A_path_of_the_known_trees_comes_out()
    {
        var leaves = Leaves.Select(leaf => (ReadOnlyMemory<byte>)MerkleTree.Leaf(Convert.FromHexString(leaf))).ToArray();
        Assert.Equal(
            ["bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b", "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"],
            MerkleTree.Path(leaves.AsSpan(0, 8), 5).Select(Convert.ToHexStringLower));
    }

    [Fact]
    public void Every_leaf_of_every_size_leads_to_the_root_and_to_no_other_from_any_other_place()
    {
        for (var size = 1; size <= 40; size++)
        {
            var leaves = Numbered(size);
            var root = MerkleTree.Root(leaves);
            for (var index = 0; index < size; index++)
            {
                var path = MerkleTree.Path(leaves, index);
                Assert.Equal(root, MerkleTree.RootOf(leaves[index].Span, index, size, path));
                for (var other = 0; other < size; other++)
                {
                    if (other == index) continue;
                    Assert.NotEqual(root, MerkleTree.RootOf(leaves[other].Span, index, size, path));
                    Assert.NotEqual(root, MerkleTree.RootOf(leaves[index].Span, other, size, path));
                }

                Assert.Null(MerkleTree.RootOf(leaves[index].Span, index, size, [.. path, new byte[32]]));
                if (path.Count > 0)
                {
                    Assert.Null(MerkleTree.RootOf(leaves[index].Span, index, size, [.. path.SkipLast(1)]));
                }
            }

            Assert.Null(MerkleTree.RootOf(leaves[0].Span, size, size, MerkleTree.Path(leaves, 0)));
            Assert.Null(MerkleTree.RootOf(leaves[0].Span, -1, size, MerkleTree.Path(leaves, 0)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(2048)]
    [InlineData(2049)]
    [InlineData(5 * 1024 + 7)]
    public void Tiles_make_the_root_of_all_rows(int rows)
    {
        var placed = Enumerable.Range(1, rows).Select(n => new PlacedRow(new RowPlace(n, $"s/{n % 7}", n), BitConverter.GetBytes(n).Concat(new byte[28]).ToArray())).ToList();
        var tiles = new RowTiles();
        placed.ForEach(tiles.Add);
        var (kept, root) = tiles.Finish();
        Assert.Equal(MerkleTree.Root([.. placed.Select(row => (ReadOnlyMemory<byte>)RowTiles.Leaf(row))]), root);
        Assert.Equal((rows + 1023) / 1024, kept.Count);
        Assert.Equal(kept.Select((_, i) => placed[i * 1024].Place), kept.Select(tile => tile.First));
    }

    [Fact]
    public void Rows_that_differ_in_stream_seq_or_hash_are_different_leaves()
    {
        var row = new PlacedRow(new RowPlace(1, "s/1", 2), new byte[32]);
        byte[] other = [1, .. new byte[31]];
        Assert.Equal(RowTiles.Leaf(row), RowTiles.Leaf(row with { Place = row.Place with { Position = 9 } }));
        PlacedRow[] changed = [row with { Place = row.Place with { Stream = "s/2" } }, row with { Place = row.Place with { Seq = 3 } }, row with { Hash = other }];
        Assert.All(changed, c => Assert.NotEqual(RowTiles.Leaf(row), RowTiles.Leaf(c)));
    }

    private static ReadOnlyMemory<byte>[] Numbered(int count) => [.. Enumerable.Range(0, count).Select(n => (ReadOnlyMemory<byte>)MerkleTree.Leaf(BitConverter.GetBytes(n)))];
}

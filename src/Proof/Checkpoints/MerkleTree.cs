using System.Security.Cryptography;

namespace Agora.Proof.Checkpoints;

/// <summary>
/// The tree hash of RFC 6962 §2.1 (RFC 9162 §2.1): leaves and nodes are hashed with different prefixes, so that neither is taken for the
/// other, and a tree of n leaves splits at the largest power of two below n. Hence consecutive groups of 2^k leaves are subtrees: the tree over the
/// groups' roots is the tree over all leaves.
/// </summary>
public static class MerkleTree
{
    public const int HashBytes = 32;
    private const byte LeafPrefix = 0;
    private const byte NodePrefix = 1;

    public static byte[] Leaf(ReadOnlySpan<byte> data)
    {
        var input = new byte[1 + data.Length];
        input[0] = LeafPrefix;
        data.CopyTo(input.AsSpan(1));
        return SHA256.HashData(input);
    }

    public static byte[] Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> input = stackalloc byte[1 + 2 * HashBytes];
        input[0] = NodePrefix;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + HashBytes)..]);
        return SHA256.HashData(input);
    }

    /// <summary>Of at least one leaf (or root of a full group).</summary>
    public static byte[] Root(ReadOnlySpan<ReadOnlyMemory<byte>> leaves)
    {
        ArgumentOutOfRangeException.ThrowIfZero(leaves.Length);
        if (leaves.Length == 1) return leaves[0].ToArray();
        var split = Split(leaves.Length);
        return Node(Root(leaves[..split]), Root(leaves[split..]));
    }

    /// <summary>What has to be known besides a leaf to come to the root, from the leaf's sibling upwards.</summary>
    public static IReadOnlyList<byte[]> Path(ReadOnlySpan<ReadOnlyMemory<byte>> leaves, int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, leaves.Length);
        var path = new List<byte[]>();
        Descend(leaves, index, path);
        return path;
    }

    /// <summary>The root that follows from a leaf and its path (RFC 9162 §2.1.3.2), or null when the path has not the length that the place asks for.</summary>
    public static byte[]? RootOf(ReadOnlySpan<byte> leaf, long index, long size, IReadOnlyList<byte[]> path)
    {
        if (index < 0 || index >= size) return null;
        var (node, last, root) = (index, size - 1, leaf.ToArray());
        foreach (var sibling in path)
        {
            if (last == 0) return null;
            if ((node & 1) == 1 || node == last)
            {
                root = Node(sibling, root);
                while ((node & 1) == 0 && node != 0) (node, last) = (node >> 1, last >> 1);
            }
            else
            {
                root = Node(root, sibling);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 ? root : null;
    }

    private static void Descend(ReadOnlySpan<ReadOnlyMemory<byte>> leaves, int index, List<byte[]> path)
    {
        if (leaves.Length == 1) return;
        var split = Split(leaves.Length);
        if (index < split)
        {
            Descend(leaves[..split], index, path);
            path.Add(Root(leaves[split..]));
        }
        else
        {
            Descend(leaves[split..], index - split, path);
            path.Add(Root(leaves[..split]));
        }
    }

    private static int Split(int count) => 1 << (31 - System.Numerics.BitOperations.LeadingZeroCount((uint)(count - 1)));
}

using System.Numerics;

namespace Agora.Search;

/// <summary>
/// Tells most ids that are not in a set from their hash alone. Looking up each of 100,000 matches in the caller's set would
/// cost eight milliseconds instead of one, nearly all in reading id strings from all over the memory.
/// </summary>
internal readonly struct IdProbe
{
    private readonly ulong[] _bits;

    public IdProbe(IEnumerable<string> ids, int count)
    {
        // 16 bits an id: about one in 16 strangers is looked up in vain.
        _bits = new ulong[BitOperations.RoundUpToPowerOf2((uint)count / 4 + 1)];
        foreach (string id in ids)
        {
            int hash = Hash(id);
            _bits[Word(hash)] |= Bit(hash);
        }
    }

    public static int Hash(string id) => StringComparer.Ordinal.GetHashCode(id);

    public bool MayHold(int hash) => (_bits[Word(hash)] & Bit(hash)) != 0;

    private int Word(int hash) => (hash >>> 6) & (_bits.Length - 1);

    private static ulong Bit(int hash) => 1UL << (hash & 63);
}

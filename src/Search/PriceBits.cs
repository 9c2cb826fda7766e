using System.Numerics;

namespace Agora.Search;

/// <summary>
/// Prices of slots as a set of slots for each bit of a price (a bit-sliced index, O'Neil and Quass 1997), so that hundreds are compared at once. It needs no order, so a price that
/// changes moves no other. A slot costs a bit for each bit of the highest price.
/// </summary>
internal sealed class PriceBits
{
    private readonly List<ulong[]> _slices = [];
    private int _words;

    public void Set(int slot, long price)
    {
        Grow(slot, price);
        for (int bit = 0; bit < _slices.Count; bit++)
        {
            ref ulong word = ref _slices[bit][slot >>> 6];
            word = (price >> bit & 1) != 0 ? word | SlotSet.Bit(slot) : word & ~SlotSet.Bit(slot);
        }
    }

    /// <summary>Leaves those of the set that cost at most this much.</summary>
    public void Keep(Span<ulong> slots, long most)
    {
        if (most >> _slices.Count != 0) return;

        var all = SlotSet.Wide(slots[..Math.Min(_words, slots.Length)]);
        for (int at = 0; at < all.Length; at++)
        {
            var (less, equal) = (Vector<ulong>.Zero, all[at]);
            for (int bit = _slices.Count - 1; bit >= 0 && equal != Vector<ulong>.Zero; bit--)
            {
                var ones = new Vector<ulong>(_slices[bit], at * Vector<ulong>.Count);
                if ((most >> bit & 1) != 0)
                {
                    less |= equal & ~ones;
                    equal &= ones;
                }
                else equal &= ~ones;
            }

            all[at] = less | equal;
        }
    }

    private void Grow(int slot, long price)
    {
        if (slot >>> 6 >= _words)
        {
            _words = SlotSet.Words(Math.Max(slot + 1, (_words + _words / 2) * 64));
            for (int bit = 0; bit < _slices.Count; bit++)
            {
                var slice = _slices[bit];
                Array.Resize(ref slice, _words);
                _slices[bit] = slice;
            }
        }

        while (price >> _slices.Count != 0) _slices.Add(new ulong[_words]);
    }
}

namespace Agora.JsonSchema.Evaluating;

/// <summary>
/// Which members (by their position) or items of one object or array some schema has looked at: what `unevaluated*` may
/// not look at again. Exists only below a schema that has such a keyword.
/// </summary>
internal sealed class EvaluatedParts
{
    private ulong[] _bits = new ulong[1];
    private bool _all;

    public bool this[int index] =>
        _all || (index / 64 < _bits.Length && (_bits[index / 64] & (1UL << (index % 64))) != 0);

    public void Add(int index)
    {
        if (index / 64 >= _bits.Length)
            Array.Resize(ref _bits, Math.Max(index / 64 + 1, _bits.Length * 2));
        _bits[index / 64] |= 1UL << (index % 64);
    }

    public void AddAll() => _all = true;

    public void Add(EvaluatedParts other)
    {
        _all |= other._all;
        if (other._bits.Length > _bits.Length)
            Array.Resize(ref _bits, other._bits.Length);
        for (int i = 0; i < other._bits.Length; i++)
            _bits[i] |= other._bits[i];
    }

    /// <summary>What merging or growing costs, in units of work: a word each.</summary>
    public int Size => _bits.Length;
}

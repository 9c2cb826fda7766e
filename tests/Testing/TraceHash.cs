using System.Globalization;

namespace Agora.Testing;

/// <summary>
/// A fingerprint of what happened, in order: two runs with the same fingerprint did the same. FNV-1a, 64 bits; for
/// comparing, not for security.
/// </summary>
public sealed class TraceHash
{
    private ulong _hash = 14695981039346656037;

    public void Add(string text)
    {
        foreach (var unit in text)
            Mix(unit);
        Mix(0xFFFF);
    }

    public void Add(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes);
        foreach (var part in bytes)
            Mix(part);
    }

    public void Add(long number)
    {
        for (var shift = 0; shift < 64; shift += 16)
            Mix((uint)((number >> shift) & 0xFFFF));
    }

    public override string ToString() => _hash.ToString("x16", CultureInfo.InvariantCulture);

    private void Mix(uint unit) => _hash = unchecked((_hash ^ unit) * 1099511628211);
}

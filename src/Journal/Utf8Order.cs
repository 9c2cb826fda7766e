namespace Agora.Journal;

/// <summary>
/// The order of strings' UTF-8 bytes, which is what databases compare. Ordinal comparison of UTF-16 differs from it where surrogates
/// meet U+E000..U+FFFF: pages would skip or repeat rows if providers disagreed.
/// </summary>
internal sealed class Utf8Order : IComparer<string>
{
    public static readonly Utf8Order Instance = new();

    public int Compare(string? x, string? y)
    {
        if (x is null || y is null) return (x is null ? 0 : 1) - (y is null ? 0 : 1);
        var shared = Math.Min(x.Length, y.Length);
        for (var i = 0; i < shared; i++)
            if (x[i] != y[i])
                return Rank(x[i]) - Rank(y[i]);
        return x.Length - y.Length;
    }

    // Surrogates stand for U+10000 and above, which come last.
    private static int Rank(char c) => char.IsSurrogate(c) ? c + 0x10000 : c;
}

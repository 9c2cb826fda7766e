using System.Text;

namespace Agora.JsonSchema.Patterns;

/// <summary>
/// Code points above U+FFFF, told apart only as far as the sets of one pattern tell them apart. Each class gets one UTF-16
/// unit out of the surrogates, which stand for nothing else in well-formed text, and text is rewritten in these units before
/// it is matched. So a set is one class of the engine: written as pairs, `\p{L}` alone is 200 alternatives and takes the
/// engine a second to prepare.
/// </summary>
internal sealed class AstralClasses
{
    private const int First = 0x10000, FirstSymbol = 0xD800, MaxClasses = 0x800;
    private readonly int[] _starts;
    private readonly char[] _symbols;

    private AstralClasses(int[] starts, char[] symbols) => (_starts, _symbols) = (starts, symbols);

    public static AstralClasses Of(IReadOnlyCollection<CodePointSet> sets)
    {
        var cuts = new SortedSet<int> { First };
        foreach (var (from, to) in sets.SelectMany(set => set.Ranges).Where(range => range.To >= First))
        {
            cuts.Add(Math.Max(from, First));
            if (to < CodePointSet.Max)
                cuts.Add(to + 1);
        }
        int[] starts = [.. cuts];
        var symbols = new Dictionary<string, char>(StringComparer.Ordinal);
        return new AstralClasses(starts, Array.ConvertAll(starts, start => Symbol(sets, start, symbols)));
    }

    public char this[int codePoint]
    {
        get
        {
            int index = Array.BinarySearch(_starts, codePoint);
            return _symbols[index >= 0 ? index : ~index - 1];
        }
    }

    /// <summary>What stands for the members of a set, one of those that the classes were made of.</summary>
    public IEnumerable<char> In(CodePointSet set) => _starts.Where(set.Contains).Select(start => this[start]).Distinct().Order();

    /// <summary>Text as the pattern was written for; a lone surrogate is matched as U+FFFD.</summary>
    public string Rewrite(ReadOnlySpan<char> text)
    {
        var rewritten = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            rewritten.Append(rune.IsBmp ? (char)rune.Value : this[rune.Value]);
        return rewritten.ToString();
    }

    private static char Symbol(IReadOnlyCollection<CodePointSet> sets, int start, Dictionary<string, char> symbols)
    {
        string membership = string.Concat(sets.Select(set => set.Contains(start) ? '1' : '0'));
        if (symbols.TryGetValue(membership, out char symbol))
            return symbol;
        if (symbols.Count == MaxClasses)
            throw new PatternException("it tells too many characters above U+FFFF apart", unsupported: true);
        symbol = (char)(FirstSymbol + symbols.Count);
        symbols.Add(membership, symbol);
        return symbol;
    }
}

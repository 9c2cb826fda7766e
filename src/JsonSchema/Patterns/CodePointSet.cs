using System.Globalization;
using System.Text;

namespace Agora.JsonSchema.Patterns;

/// <summary>
/// A set of Unicode scalar values as sorted ranges. The .NET engine knows UTF-16 units only, so there are two forms for it.
/// Surrogates themselves belong to neither, so that on well-formed text a set never matches half a character.
/// </summary>
internal sealed class CodePointSet
{
    public const int Max = 0x10FFFF;
    private static readonly (int From, int To)[] Surrogates = [(0xD800, 0xDFFF)];
    private static readonly Comparer<(int From, int To)> ByStart = Comparer<(int From, int To)>.Create((a, b) => a.From.CompareTo(b.From));
    private const string Nothing = @"[^\s\S]";
    private readonly (int From, int To)[] _ranges;

    private CodePointSet((int From, int To)[] ranges) => _ranges = ranges;

    public static CodePointSet Of(params IEnumerable<(int From, int To)> ranges)
    {
        var merged = new List<(int From, int To)>();
        foreach (var (from, to) in ranges.OrderBy(r => r.From))
        {
            if (merged.Count > 0 && from <= merged[^1].To + 1)
                merged[^1] = (merged[^1].From, Math.Max(merged[^1].To, to));
            else
                merged.Add((from, to));
        }
        return new CodePointSet([.. merged]);
    }

    public static CodePointSet Union(IEnumerable<CodePointSet> sets) => Of(sets.SelectMany(s => s._ranges));

    public CodePointSet Complement()
    {
        var ranges = new List<(int, int)>();
        int next = 0;
        foreach (var (from, to) in _ranges.Length == 0 ? Surrogates : Of(_ranges.Concat(Surrogates))._ranges)
        {
            if (from > next)
                ranges.Add((next, from - 1));
            next = to + 1;
        }
        if (next <= Max)
            ranges.Add((next, Max));
        return new CodePointSet([.. ranges]);
    }

    public IReadOnlyList<(int From, int To)> Ranges => _ranges;

    public bool Contains(int codePoint)
    {
        int index = Array.BinarySearch(_ranges, (codePoint, codePoint), ByStart);
        index = index >= 0 ? index : ~index - 1;
        return index >= 0 && codePoint <= _ranges[index].To;
    }

    /// <summary>One atom of a .NET pattern, for text rewritten in classes.</summary>
    public string Translate(AstralClasses classes)
    {
        var text = Basic();
        foreach (char symbol in classes.In(this))
            Range(text, symbol, symbol);
        return text.Length == 0 ? Nothing : $"[{text}]";
    }

    /// <summary>One atom of a .NET pattern, for text as it is: characters above U+FFFF are pairs of surrogates.</summary>
    public string TranslatePairs()
    {
        var basic = Basic();
        var pairs = new StringBuilder();
        foreach (var (from, to) in _ranges)
        {
            if (to > 0xFFFF)
                Pairs(pairs, Math.Max(from, 0x10000) - 0x10000, to - 0x10000);
        }
        if (pairs.Length == 0)
            return basic.Length == 0 ? Nothing : $"[{basic}]";
        return basic.Length == 0 ? $"(?:{pairs.ToString(1, pairs.Length - 1)})" : $"(?:[{basic}]{pairs})";
    }

    private StringBuilder Basic()
    {
        var text = new StringBuilder();
        // The double complement takes surrogates out of ranges that were written across them.
        foreach (var (from, to) in Complement().Complement()._ranges)
        {
            if (from <= 0xFFFF)
                Range(text, from, Math.Min(to, 0xFFFF));
        }
        return text;
    }

    private static void Pairs(StringBuilder text, int from, int to)
    {
        while (from <= to)
        {
            int high = from >> 10;
            int lastHigh = to >> 10;
            // A run of high surrogates with all their low ones is one alternative; its ragged ends are one each.
            bool whole = (from & 0x3FF) == 0 && (lastHigh > high || (to & 0x3FF) == 0x3FF);
            int end = whole ? ((to & 0x3FF) == 0x3FF ? lastHigh : lastHigh - 1) : high;
            int last = whole || lastHigh > high ? 0x3FF : to & 0x3FF;
            Range(text.Append("|["), 0xD800 + high, 0xD800 + end);
            Range(text.Append("]["), 0xDC00 + (from & 0x3FF), 0xDC00 + last);
            text.Append(']');
            from = (end << 10) + last + 1;
        }
    }

    private static void Range(StringBuilder text, int from, int to)
    {
        text.Append(CultureInfo.InvariantCulture, $"\\u{from:x4}");
        if (to > from)
            text.Append(CultureInfo.InvariantCulture, $"-\\u{to:x4}");
    }
}

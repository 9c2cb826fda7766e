using System.Globalization;

namespace Agora.JsonSchema.Patterns;

/// <summary>
/// The classes of ECMA-262 patterns: `\d \w \s .`, and `\p{…}` for general categories and a few binary properties. The
/// tables of scripts are not in .NET, so `\p{Script=…}` is refused.
/// </summary>
internal static class UnicodeClasses
{
    public static readonly CodePointSet Digit = CodePointSet.Of(('0', '9'));
    public static readonly CodePointSet Word = CodePointSet.Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));
    public static readonly CodePointSet Space = CodePointSet.Of(
        (0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029),
        (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF));
    public static readonly CodePointSet Any = CodePointSet.Of((0, CodePointSet.Max));
    public static readonly CodePointSet NotLineEnd = CodePointSet.Of(('\n', '\n'), ('\r', '\r'), (0x2028, 0x2029)).Complement();

    // One set a category, 30 in all: walking all code points takes some 10 ms, and only once.
    private static readonly Lazy<CodePointSet[]> Categories = new(ReadCategories);

    private static readonly Dictionary<string, CodePointSet> Binary = new(StringComparer.Ordinal)
    {
        ["Any"] = Any,
        ["ASCII"] = CodePointSet.Of((0, 0x7F)),
        ["ASCII_Hex_Digit"] = CodePointSet.Of(('0', '9'), ('A', 'F'), ('a', 'f')),
        ["AHex"] = CodePointSet.Of(('0', '9'), ('A', 'F'), ('a', 'f')),
        ["White_Space"] = CodePointSet.Of(
            (0x09, 0x0D), (0x20, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029),
            (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000)),
    };

    // In the order of System.Globalization.UnicodeCategory.
    private const string CategoryNames = """
        Lu Uppercase_Letter|Ll Lowercase_Letter|Lt Titlecase_Letter|Lm Modifier_Letter|Lo Other_Letter|
        Mn Nonspacing_Mark|Mc Spacing_Mark|Me Enclosing_Mark|Nd Decimal_Number digit|Nl Letter_Number|No Other_Number|
        Zs Space_Separator|Zl Line_Separator|Zp Paragraph_Separator|Cc Control cntrl|Cf Format|Cs Surrogate|Co Private_Use|
        Pc Connector_Punctuation|Pd Dash_Punctuation|Ps Open_Punctuation|Pe Close_Punctuation|Pi Initial_Punctuation|
        Pf Final_Punctuation|Po Other_Punctuation|Sm Math_Symbol|Sc Currency_Symbol|Sk Modifier_Symbol|So Other_Symbol|Cn Unassigned
        """;

    private const string GroupNames = """
        L Letter:Lu Ll Lt Lm Lo|LC Cased_Letter:Lu Ll Lt|M Mark Combining_Mark:Mn Mc Me|N Number:Nd Nl No|
        P Punctuation punct:Pc Pd Ps Pe Pi Pf Po|S Symbol:Sm Sc Sk So|Z Separator:Zs Zl Zp|C Other:Cc Cf Cs Co Cn
        """;

    // Each set is made when a pattern first names it, and kept: the names are a fixed list of some eighty.
    private static readonly Dictionary<string, Lazy<CodePointSet>> ByName = ReadNames().ToDictionary(
        entry => entry.Key,
        entry => new Lazy<CodePointSet>(() => CodePointSet.Union(entry.Value.Select(c => Categories.Value[c]))),
        StringComparer.Ordinal);

    /// <summary>The set of `\p{name}`, or null if there is none here.</summary>
    public static CodePointSet? Find(string name)
    {
        string category = name.StartsWith("gc=", StringComparison.Ordinal) ? name[3..]
            : name.StartsWith("General_Category=", StringComparison.Ordinal) ? name["General_Category=".Length..] : name;
        return ByName.TryGetValue(category, out var set) ? set.Value : Binary.GetValueOrDefault(name);
    }

    private static Dictionary<string, int[]> ReadNames()
    {
        var names = new Dictionary<string, int[]>(StringComparer.Ordinal);
        int index = 0;
        foreach (string category in Entries(CategoryNames))
        {
            foreach (string name in category.Split(' '))
                names[name] = [index];
            index++;
        }
        foreach (string group in Entries(GroupNames))
        {
            string[] parts = group.Split(':');
            int[] members = [.. parts[1].Split(' ').Select(name => names[name][0])];
            foreach (string name in parts[0].Split(' '))
                names[name] = members;
        }
        return names;
    }

    private static string[] Entries(string table) =>
        table.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static CodePointSet[] ReadCategories()
    {
        var ranges = Enumerable.Range(0, 30).Select(_ => new List<(int, int)>()).ToArray();
        int start = 0;
        for (int c = 1; c <= CodePointSet.Max + 1; c++)
        {
            var category = CharUnicodeInfo.GetUnicodeCategory(start);
            if (c <= CodePointSet.Max && CharUnicodeInfo.GetUnicodeCategory(c) == category)
                continue;
            ranges[(int)category].Add((start, c - 1));
            start = c;
        }
        return Array.ConvertAll(ranges, r => CodePointSet.Of(r));
    }
}

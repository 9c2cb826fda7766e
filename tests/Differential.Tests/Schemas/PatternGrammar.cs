using System.Globalization;

namespace Agora.Differential.Tests.Schemas;

/// <summary>
/// Patterns of ECMA-262 with the flag u: valid by construction. Only what cannot be empty is repeated, so that none backtracks for long.
/// <para>Two named differences are left out. <c>\B</c>: Node finds one between the halves of 😀 in "a😀b", where no position is ("let input be StringToCodePoints(S)", RegExpBuiltinExec); PatternTests hold ours.
/// <c>\p{Script=…}</c>: Agora refuses it by name.</para>
/// </summary>
internal sealed class PatternGrammar(Draw draw)
{
    private static readonly string[] Atoms =
        ["a", "b", "1", "é", "😀", ".", @"\d", @"\D", @"\w", @"\W", @"\s", @"\S", "[ab]", "[^a]", "[a-c😀]", "[^😀]", @"[\d_-]", @"[\s\S]", @"\p{L}", @"\P{L}", @"\p{Lu}", @"\u{1F600}", @"\u00e9", @"\x61", @"\n", @"[\w\-]", @"\cJ", "[^]", @"\p{N}", @"[^\p{L}\d]", @"\/"];

    private static readonly string[] Counts = ["", "", "", "", "?", "*", "+", "{2}", "{1,2}", "{0,1}", "{1,}", "*?", "+?", "??"];

    private int _groups;

    public string Next() => $"{(draw.OneIn(2) ? "^" : "")}{Alternatives(2)}{(draw.OneIn(2) ? "$" : "")}";

    private string Alternatives(int depth) => string.Join('|', Enumerable.Range(0, draw.OneIn(4) ? 2 : 1).Select(_ => string.Concat(Enumerable.Range(0, 1 + draw.Below(3)).Select(_ => Term(depth)))));

    private string Term(int depth) => draw.Below(depth > 0 ? 12 : 8) switch
    {
        8 => $"({Alternatives(depth - 1)})",
        9 => $"(?:{Alternatives(depth - 1)}){draw.Of(["", "?", "{1,2}"])}",
        10 => $"(?{draw.Of(["=", "!", "<=", "<!"])}{Alternatives(depth - 1)})",
        11 => draw.Of([@"\b", $"(?<n{(_groups++).ToString(CultureInfo.InvariantCulture)}>a)", "(a)"]),
        _ => draw.Of(Atoms) + draw.Of(Counts),
    };
}

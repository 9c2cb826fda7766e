using System.Text;
using System.Text.RegularExpressions;

namespace Agora.JsonSchema.Tests;

public sealed class PatternTests
{
    [Theory]
    [InlineData(@"^a$", "a\n", false)]
    [InlineData(@"^.$", "\n", false)]
    [InlineData(@"^.$", "🐲", true)]
    [InlineData(@"^..$", "🐲", false)]
    [InlineData(@"^[^a]$", "🐲", true)]
    [InlineData(@"^[🐲-🐴]+$", "🐳🐲", true)]
    [InlineData(@"^[🐲-🐴]$", "🐵", false)]
    [InlineData(@"^\u{1F432}{2}$", "🐲🐲", true)]
    [InlineData(@"^\ud83d\udc32$", "🐲", true)]
    [InlineData(@"^[\u{0}-\u{10FFFF}]$", "🐲", true)]
    [InlineData(@"^\D$", "٣", true)]
    [InlineData(@"^\p{Nd}$", "٣", true)]
    [InlineData(@"^\p{L}+$", "日本𠀀é", true)]
    [InlineData(@"^\P{Lu}$", "A", false)]
    [InlineData(@"^[\p{Lu}\d_]+$", "Ä1_", true)]
    [InlineData(@"^\p{gc=Uppercase_Letter}$", "a", false)]
    [InlineData(@"\bcat\b", "a cat.", true)]
    [InlineData(@"\bcat\b", "concat", false)]
    [InlineData(@"\bé", "é", false)]
    [InlineData(@"\B", "a😀b", false)]
    [InlineData(@"^(?=.*\d)(?=.*[a-z]).{4,}$", "ab1c", true)]
    [InlineData(@"^(?=.*\d)(?=.*[a-z]).{4,}$", "abcd", false)]
    [InlineData(@"^(a+)b\1$", "aabaa", true)]
    [InlineData(@"^(a+)b\1$", "aaba", false)]
    [InlineData(@"^(?<q>['""]).*\k<q>$", "'x'", true)]
    [InlineData(@"^(?<q>['""]).*\k<q>$", "'x\"", false)]
    [InlineData(@"^(?:(a)|b)\1$", "b", true)]
    [InlineData(@"^(.)\1$", "🐲🐲", true)]
    [InlineData(@"^(.)\1$", "🐲🐳", false)]
    [InlineData(@"^([🐲-🐴a])\1[^🐲]$", "🐳🐳🐴", true)]
    [InlineData(@"^(.)\1[\u{10000}-\u{10FFFF}]$", "aa🐳", true)]
    [InlineData(@"^[\u{10400}-\u{1F432}]$", "🐲", true)]
    [InlineData(@"^([\u{10400}-\u{1F432}])\1$", "🐳🐳", false)]
    [InlineData(@"^a{2,3}$", "aaaa", false)]
    [InlineData(@"^a{2,}$", "a", false)]
    [InlineData(@"^a{0}$", "", true)]
    [InlineData(@"^.{1,4096}$", "x", true)]
    [InlineData(@"^a{,3}$", "a{,3}", true)]
    [InlineData(@"^[a\]]+$", "]a", true)]
    [InlineData(@"^[a-]+$", "-a", true)]
    [InlineData(@"^[\b]$", "\b", true)]
    [InlineData(@"^[]$", "", false)]
    [InlineData(@"^[^]$", "\n", true)]
    [InlineData(@"^\-\@\#\/$", "-@#/", true)]
    [InlineData(@"^\cJ\x41\0$", "\nA\0", true)]
    [InlineData(@"x|", "", true)]
    public void A_pattern_means_what_ECMA_262_says(string pattern, string text, bool matches) =>
        Assert.Equal(matches, Json.Accepts($$"""{"pattern":{{Json.Text(pattern)}}}""", Json.Text(text)));

    [Theory]
    [InlineData("*a")]
    [InlineData("a**")]
    [InlineData("{2}")]
    [InlineData("a{3,2}")]
    [InlineData("(a")]
    [InlineData("a)")]
    [InlineData("[a")]
    [InlineData("[b-a]")]
    [InlineData(@"[\d-z")]
    [InlineData("\\")]
    [InlineData(@"\a")]
    [InlineData(@"\Z")]
    [InlineData(@"\_")]
    [InlineData(@"\u12")]
    [InlineData(@"\u{110000}")]
    [InlineData(@"\xg0")]
    [InlineData(@"\1")]
    [InlineData(@"(a)\2")]
    [InlineData(@"\k<a>")]
    [InlineData("(?<a>x)(?<a>y)")]
    [InlineData("(?<1>x)")]
    [InlineData("(?<a")]
    [InlineData("(?=a)*")]
    [InlineData("(?>a)")]
    [InlineData("(?#a)")]
    [InlineData("(?P<a>b)")]
    [InlineData("[a-\\d]")]
    public void What_is_no_pattern_is_refused(string pattern)
    {
        Assert.Equal("/pattern", Json.Errors($$"""{"pattern":{{Json.Text(pattern)}}}""")[0].Pointer);
        Assert.False(Json.Accepts("""{"format":"regex"}""", Json.Text(pattern)));
    }

    [Theory]
    [InlineData(@"\ud83d")]
    [InlineData(@"[\ud800-\udbff]")]
    [InlineData(@"\p{Script=Hiragana}")]
    [InlineData(@"a{65536}")]
    public void A_pattern_that_is_right_but_beyond_us_is_refused_in_a_schema_and_well_formed_as_a_value(string pattern)
    {
        Assert.Equal("/pattern", Json.Errors($$"""{"pattern":{{Json.Text(pattern)}}}""")[0].Pointer);
        Assert.True(Json.Accepts("""{"format":"regex"}""", Json.Text(pattern)));
    }

    [Fact]
    public void A_pattern_too_long_as_written_or_as_translated_is_refused()
    {
        Json.Errors($$"""{"pattern":"{{new string('a', 4_097)}}"}""");
        Json.Errors($$"""{"pattern":"{{string.Concat(Enumerable.Repeat(@"\\p{L}", 100))}}"}""");
    }

    [Fact]
    public void A_text_matched_against_references_back_may_hold_lone_surrogates() =>
        Assert.True(Json.Accepts("""{"pattern":"^(.)\\1$"}""", "\"\\ud800\\ud800\""));

    [Fact]
    public void Groups_nested_without_end_are_refused()
    {
        string pattern = new string('(', 2_000) + "a" + new string(')', 2_000);

        Json.Errors($$"""{"pattern":"{{pattern}}"}""");
    }

    [Fact]
    public void Any_text_at_all_is_either_a_pattern_or_refused()
    {
        const string alphabet = @"ab(){}[]\?*+.|^$-,:=!<>012kdDwWsSpPuxcBb/";
        var random = new Random(262);
        for (int i = 0; i < 5_000; i++)
        {
            string pattern = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => alphabet[random.Next(alphabet.Length)]));
            var compiled = JsonSchema.Schema.Compile(Json.Value($$"""{"pattern":{{Json.Text(pattern)}}}"""));
            if (compiled.Succeeded)
                compiled.Schema.Check("\"ab0\"");
        }
    }

    [Fact]
    public void Random_patterns_over_ASCII_agree_with_the_ECMAScript_mode_of_the_framework()
    {
        var random = new Random(1);
        for (int i = 0; i < 500; i++)
        {
            string pattern = Pattern(random, 3);
            var oracle = new Regex(pattern, RegexOptions.ECMAScript);
            var schema = Json.Schema($$"""{"pattern":{{Json.Text(pattern)}}}""");
            for (int j = 0; j < 8; j++)
            {
                string text = string.Concat(Enumerable.Range(0, random.Next(7)).Select(_ => "ab1_ -"[random.Next(6)]));
                Assert.True(oracle.IsMatch(text) == (schema.Check(Json.Text(text)).Count == 0), $"{pattern} on '{text}'");
            }
        }
    }

    private static string Pattern(Random random, int depth)
    {
        var pattern = new StringBuilder();
        for (int i = random.Next(1, 4); i > 0; i--)
            pattern.Append(Part(random, depth));
        return pattern.ToString();
    }

    private static string Part(Random random, int depth)
    {
        string[] atoms = ["a", "b", "1", ".", @"\d", @"\D", @"\w", @"\W", @"\s", @"\S", "[ab]", "[^a]", @"[\w-]", @"[^\d]", @"\-"];
        string[] edges = ["^", "$", @"\b", @"\B"];
        // No lazy repeat of a group: where its body can be empty, the framework's own engine never ends.
        string[] repeats = ["", "", "", "*", "+", "?", "{2}", "{1,2}", "{2,}"];
        string lazy = random.Next(4) == 0 ? "?" : "";
        int kind = random.Next(8);
        if (kind == 0)
            return edges[random.Next(edges.Length)];
        if (depth == 0 || kind < 5)
            return atoms[random.Next(atoms.Length)] + repeats[random.Next(repeats.Length)] + lazy;
        string inner = Pattern(random, depth - 1);
        return kind switch
        {
            5 => $"(?:{inner}|{Pattern(random, depth - 1)}){repeats[random.Next(repeats.Length)]}",
            6 => $"({inner}){repeats[random.Next(repeats.Length)]}",
            _ => $"(?{"=!"[random.Next(2)]}{inner})",
        };
    }
}

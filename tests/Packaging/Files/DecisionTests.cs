using System.Globalization;
using System.Text.RegularExpressions;

namespace Agora.Packaging;

/// <summary>The decisions of docs/adr keep one form, so that they can be found and read.</summary>
public sealed partial class DecisionTests
{
    public static TheoryData<string> Decisions() => [.. Names()];

    [Theory]
    [MemberData(nameof(Decisions))]
    public void A_decision_has_its_number_its_date_and_at_most_60_lines(string name)
    {
        var lines = File.ReadAllLines(Repository.File($"docs/adr/{name}"));
        Assert.StartsWith($"# {name[..4]}: ", lines[0], StringComparison.Ordinal);
        Assert.True(DateOnly.TryParseExact(Decided().Match(lines[2]).Groups[1].Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _), lines[2]);
        Assert.InRange(lines.Length, 1, 60);
    }

    [Fact]
    public void No_two_decisions_have_one_number() => Assert.Equal(Names().Length, Names().Select(n => n[..4]).Distinct().Count());

    [Fact]
    public void The_list_of_decisions_names_each_of_them_with_its_title()
    {
        var list = Repository.Text("docs/adr/README.md");
        Assert.All(Names(), n => Assert.Contains($"[{File.ReadLines(Repository.File($"docs/adr/{n}")).First()[8..]}]({n})", list, StringComparison.Ordinal));
    }

    private static string[] Names() =>
        [.. Directory.EnumerateFiles(Repository.File("docs/adr"), "*.md").Select(f => Path.GetFileName(f)).Where(n => n != "README.md").Order(StringComparer.Ordinal)];

    [GeneratedRegex(@"^Decided (\d{4}-\d{2}-\d{2})\.$")]
    private static partial Regex Decided();
}

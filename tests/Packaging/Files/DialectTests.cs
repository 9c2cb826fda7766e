using System.Text.RegularExpressions;

namespace Agora.Packaging;

/// <summary>
/// A guard, an if that only leaves, stands on one line where that has at most <see cref="Width"/> characters; whatever else depends on a condition stands in braces.
/// Usings stand in one order: System, all others, static ones, aliases.
/// </summary>
public sealed partial class DialectTests
{
    private const int Width = 150;

    [Fact]
    public void A_guard_stands_on_one_line_where_it_fits()
    {
        var found = Sources().SelectMany(source => Block().Matches(source.Text)
            .Where(block => block.Groups["indent"].Length + "if () ".Length + block.Groups["condition"].Length + block.Groups["leaves"].Length <= Width)
            .Select(block => $"{source.Name}: {block.Groups["condition"].Value}"));

        Assert.Empty(found);
    }

    [Fact]
    public void What_is_no_guard_or_longer_stands_in_braces()
    {
        var found = Sources().SelectMany(source => source.Text.Split('\n')
            .Where(line => If().IsMatch(line) && line.EndsWith(';') && (line.Length > Width || !Guard().IsMatch(line)))
            .Select(line => $"{source.Name}: {line.Trim()}"));

        Assert.Empty(found);
    }

    [Fact]
    public void Usings_stand_in_order()
    {
        var found = Sources().Where(source =>
        {
            var usings = source.Text.Split('\n').TakeWhile(line => !line.StartsWith("namespace", StringComparison.Ordinal)).Where(line => Using().IsMatch(line)).Select(Order).ToList();
            return !usings.SequenceEqual(usings.Order(StringComparer.OrdinalIgnoreCase));
        }).Select(source => source.Name);

        Assert.Empty(found);
    }

    /// <summary>What sorts as the using stands: a dot comes before every letter.</summary>
    private static string Order(string line)
    {
        var parts = Using().Match(line);
        var place = parts.Groups["alias"].Success ? '3' : parts.Groups["static"].Success ? '2' : parts.Groups["name"].Value.Split('.')[0] == "System" ? '0' : '1';
        return place + (parts.Groups["alias"].Success ? parts.Groups["alias"] : parts.Groups["name"]).Value.Replace('.', ' ');
    }

    private static IEnumerable<(string Name, string Text)> Sources() =>
        from folder in new[] { "src", "tests", "samples" }
        from file in Directory.EnumerateFiles(Repository.File(folder), "*.cs", SearchOption.AllDirectories)
        where !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/node_modules/", StringComparison.Ordinal)
        select (Path.GetRelativePath(Repository.File("."), file), File.ReadAllText(file).ReplaceLineEndings("\n"));

    [GeneratedRegex(@"^(?<indent> *)if \((?<condition>.*)\)\n\k<indent>\{\n\k<indent>    (?<leaves>(?:return|throw|continue|break|yield break|goto)\b[^\n/""]*;)\n\k<indent>\}\n(?!\k<indent>else\b)", RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^using (?<static>static )?(?:(?<alias>\w+) = )?(?<name>[^(;]+);$")]
    private static partial Regex Using();

    [GeneratedRegex(@"^ *if \(.*\) \S")]
    private static partial Regex If();

    [GeneratedRegex(@"^ *if \(.*\) (?:return|throw|continue|break|yield break|goto)\b.*;$")]
    private static partial Regex Guard();
}

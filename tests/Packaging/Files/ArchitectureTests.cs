using System.Text.RegularExpressions;

namespace Agora.Packaging;

/// <summary>The table of projects in src/README.md says what the project files say.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string Text = Repository.Text("src/README.md");

    [Fact]
    public void Each_project_is_in_the_table_and_knows_what_the_table_says()
    {
        var told = Project().Matches(Text).SelectMany(row => Name().Matches(row.Groups[1].Value).Select(name => (name.Groups[1].Value, Knows: row.Groups[2].Value))).ToDictionary();
        var projects = Directory.EnumerateFiles(Repository.File("src"), "*.csproj", SearchOption.AllDirectories).ToDictionary(file => Path.GetFileNameWithoutExtension(file), References);
        Assert.Equal(projects.Keys.Order(StringComparer.Ordinal), told.Keys.Order(StringComparer.Ordinal));
        Assert.All(projects.Where(project => told[project.Key] != "everything"), project => Assert.Equal($"{project.Key}: {project.Value}", $"{project.Key}: {Sorted(told[project.Key].Split(", "))}"));
    }

    [Fact]
    public void What_decides_stores_and_calls_out_knows_no_Orleans_nor_a_project_that_does()
    {
        string[] free = ["Core", "Crypto", "Hosting", "Journal", "JsonSchema", "Models", "Outbound", "Proof", "Providers", "Search", "X402"];
        Assert.All(free, project =>
        {
            var file = Repository.File($"src/{project}/{project}.csproj");
            Assert.DoesNotContain("Microsoft.Orleans", File.ReadAllText(file), StringComparison.Ordinal);
            Assert.Subset(free.Append("nothing").ToHashSet(), References(file).Split(", ").ToHashSet());
        });
    }

    private static string References(string file) => Sorted(Reference().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value).DefaultIfEmpty("nothing"));

    private static string Sorted(IEnumerable<string> names) => string.Join(", ", names.Order(StringComparer.Ordinal));

    [GeneratedRegex(@"^\| ((?:`[A-Z][\w.]+`(?:, )?)+) \| [^|]+ \| ([A-Za-z0-9., ]+) \|$", RegexOptions.Multiline)]
    private static partial Regex Project();

    [GeneratedRegex(@"`([\w.]+)`")]
    private static partial Regex Name();

    [GeneratedRegex(@"<ProjectReference Include=""\.\./(?:[\w.]+)/([\w.]+)\.csproj""")]
    private static partial Regex Reference();
}

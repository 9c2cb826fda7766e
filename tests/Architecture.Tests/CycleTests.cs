using System.Reflection;
using Agora.Testing;

namespace Agora.Architecture.Tests;

/// <summary>
/// Namespaces of a project know each other one way, so that each can be read, tested and moved without those above it. Those that still do not stand in <c>cycles.txt</c>, which may only get shorter.
/// </summary>
public sealed class CycleTests
{
    private const string List = "tests/Architecture.Tests/cycles.txt";

    [Fact]
    public void No_namespace_comes_to_know_itself_by_way_of_others_but_those_that_are_listed()
    {
        var listed = Repository.Text(List).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static line => !line.StartsWith('#')).ToHashSet(StringComparer.Ordinal);
        var found = Projects.SelectMany(project => InCycles(Arrows(project.Assembly))).ToHashSet(StringComparer.Ordinal);
        Assert.True(found.IsSubsetOf(listed), $"In a cycle now: {string.Join(", ", found.Except(listed).Order(StringComparer.Ordinal))}");
        Assert.True(listed.IsSubsetOf(found), $"In no cycle any more, so take them off {List}: {string.Join(", ", listed.Except(found).Order(StringComparer.Ordinal))}");
    }

    [Fact]
    public void Every_project_is_looked_at() => Assert.Equal(
        Directory.EnumerateFiles(Repository.File("src"), "*.csproj", SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal),
        Projects.Select(static project => project.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void A_cycle_is_found()
    {
        var arrows = new Dictionary<string, HashSet<string>> { ["a"] = ["b"], ["b"] = ["c"], ["c"] = ["b", "d"], ["d"] = [] };
        Assert.Equal(["b", "c"], InCycles(arrows).Order(StringComparer.Ordinal));
    }

    private static readonly IReadOnlyList<(string Name, Assembly Assembly)> Projects =
    [
        .. Directory.EnumerateFiles(Repository.File("src"), "*.csproj", SearchOption.AllDirectories).Select(static file =>
        {
            var (name, own) = (Path.GetFileNameWithoutExtension(file), OwnName(file));
            return (name, Assembly.Load(own ?? $"Agora.{name}"));
        }),
    ];

    private static string? OwnName(string file) => File.ReadLines(file).Select(static line => line.Trim()).Where(static line => line.StartsWith("<AssemblyName>", StringComparison.Ordinal))
        .Select(static line => line["<AssemblyName>".Length..line.IndexOf('<', 1)]).FirstOrDefault();

    /// <summary>What each namespace knows of the same project.</summary>
    private static Dictionary<string, HashSet<string>> Arrows(Assembly project)
    {
        var arrows = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var type in project.GetTypes().Where(static type => IsOurs(type.Namespace)))
        {
            var known = arrows.TryGetValue(type.Namespace!, out var begun) ? begun : arrows[type.Namespace!] = new(StringComparer.Ordinal);
            known.UnionWith(KnownTypes.Of(type).Where(other => other.Assembly == project && IsOurs(other.Namespace)).Select(static other => other.Namespace!));
            known.Remove(type.Namespace!);
        }

        return arrows;
    }

    private static bool IsOurs(string? space) => space is "Agora" || space?.StartsWith("Agora.", StringComparison.Ordinal) == true;

    private static IEnumerable<string> InCycles(Dictionary<string, HashSet<string>> arrows) => arrows.Keys.Where(space => Reached(arrows, space).Contains(space));

    private static HashSet<string> Reached(Dictionary<string, HashSet<string>> arrows, string from)
    {
        var (reached, open) = (new HashSet<string>(StringComparer.Ordinal), new Stack<string>([from]));
        while (open.TryPop(out var space))
        {
            foreach (var next in arrows.GetValueOrDefault(space, []).Where(reached.Add)) open.Push(next);
        }

        return reached;
    }
}

using System.Collections.Concurrent;
using System.Text.Json;
using Agora.Testing;

namespace Agora.Conformance;

/// <summary>Where the official JSON-Schema-Test-Suite is: `JSON_SCHEMA_TEST_SUITE`, else `shared/` beside the repository.</summary>
internal static class SchemaSuite
{
    public const string SkipReason =
        "the data of JSON-Schema-Test-Suite is not here: set JSON_SCHEMA_TEST_SUITE to its directory, the one with tests/ and remotes/";

    private const string RemoteBase = "http://localhost:1234/";

    private static readonly ConcurrentDictionary<string, IReadOnlyList<SchemaSuiteCase>> Files = new(StringComparer.Ordinal);

    public static string? Root { get; } = Locate();

    public static IReadOnlyDictionary<string, JsonElement> Remotes { get; } = ReadRemotes();

    /// <summary>All tests of a file: name of the group, its schema, name of the test, instance, whether it is valid.</summary>
    public static IReadOnlyList<SchemaSuiteCase> Cases(string file) => Files.GetOrAdd(file, static f => [.. ReadCases(f)]);

    private static IEnumerable<SchemaSuiteCase> ReadCases(string file)
    {
        foreach (var group in Read(Path.Combine(Root!, "tests", "draft2020-12", file)).EnumerateArray())
        {
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                string name = $"{group.GetProperty("description").GetString()}: {test.GetProperty("description").GetString()}";
                yield return new SchemaSuiteCase(name, group.GetProperty("schema"), test.GetProperty("data"), test.GetProperty("valid").GetBoolean());
            }
        }
    }

    /// <summary>Rows for a theory: file, number of the case in it, its name.</summary>
    public static TheoryData<string, int, string> Rows(IEnumerable<string> files)
    {
        var rows = new TheoryData<string, int, string>();
        foreach (string file in files)
        {
            int number = 0;
            foreach (var test in Cases(file))
                rows.Add(file, number++, test.Name);
        }
        return rows;
    }

    public static IEnumerable<string> RequiredFiles() =>
        Directory.EnumerateFiles(Path.Combine(Root!, "tests", "draft2020-12"), "*.json").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    private static string? Locate()
    {
        if (Environment.GetEnvironmentVariable("JSON_SCHEMA_TEST_SUITE") is { Length: > 0 } given)
            return Directory.Exists(given) ? given : null;
        // A second working tree of the repository may stand one level deeper.
        for (var above = Directory.GetParent(Repository.Root); above is not null; above = above.Parent)
        {
            string beside = Path.Combine(above.FullName, "shared", "json-schema-test-suite");
            if (Directory.Exists(beside))
                return beside;
        }
        return null;
    }

    private static Dictionary<string, JsonElement> ReadRemotes()
    {
        if (Root is null)
            return [];
        string folder = Path.Combine(Root, "remotes");
        return Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories)
            .ToDictionary(path => RemoteBase + Path.GetRelativePath(folder, path).Replace('\\', '/'), Read);
    }

    private static JsonElement Read(string path) => JsonElement.Parse(File.ReadAllBytes(path));
}

internal sealed record SchemaSuiteCase(string Name, JsonElement Schema, JsonElement Instance, bool Valid);

/// <summary>A fact about the suite, skipped by name where its data is not.</summary>
internal sealed class SchemaSuiteFactAttribute : FactAttribute
{
    public SchemaSuiteFactAttribute() => Skip = SchemaSuite.Root is null ? SchemaSuite.SkipReason : null;
}

/// <summary>A theory over the suite, skipped by name where its data is not.</summary>
internal sealed class SchemaSuiteTheoryAttribute : TheoryAttribute
{
    public SchemaSuiteTheoryAttribute() => Skip = SchemaSuite.Root is null ? SchemaSuite.SkipReason : null;
}

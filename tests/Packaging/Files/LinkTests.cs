using System.Text.RegularExpressions;

namespace Agora.Packaging;

/// <summary>What the documents point at is there: the targets of links, their headings, every path of the repository, and the code that is named to whoever changes it.</summary>
public sealed partial class LinkTests
{
    private static readonly string[] Folders = ["", "bench", "src", "docs", "docs/adr", "docs/ja", "clients", "clients/python", "clients/typescript", "src/Client.Http", "src/Provider.Http"];

    public static TheoryData<string> Documents() =>
        [.. Folders.SelectMany(f => Directory.EnumerateFiles(Repository.File(f), "*.md")).Select(f => Path.GetRelativePath(Repository.File(""), f).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_relative_link_has_its_target_and_its_heading(string document) => Assert.All(
        Link().Matches(Code().Replace(WithoutBlocks(Repository.Text(document)), "")).Select(m => m.Groups[1].Value).Where(l => !l.Contains("://", StringComparison.Ordinal)),
        link => Assert.True(HasTarget(document, link), link));

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_path_of_the_repository_that_is_named_is_there(string document)
    {
        var text = Repository.Text(document);
        var fromRoot = PathFromRoot().Matches(text).Select(m => m.Value);
        var fromSource = Quoted().Matches(text).Select(m => m.Groups[1].Value).Where(IsPathBelowSourceOrTests);
        Assert.All(fromRoot.Concat(fromSource).Where(p => !IsPlaceholder(p)), path => Assert.True(Exists(path), path));
    }

    [Theory]
    [InlineData("src/README.md")]
    [InlineData("CONTRIBUTING.md")]
    public void Every_type_and_member_that_is_named_is_in_the_code(string document)
    {
        var words = Roots().SelectMany(r => Directory.EnumerateFiles(r, "*.cs", SearchOption.AllDirectories)).Where(f => !f.Contains("node_modules", StringComparison.Ordinal))
            .SelectMany(f => Word().Matches(File.ReadAllText(f)).Select(m => m.Value)).ToHashSet(StringComparer.Ordinal);
        var named = Named().Matches(Repository.Text(document)).SelectMany(m => m.Groups[1].Value.Split('.')).ToList();
        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.True(words.Contains(name) || Roots().Any(r => Directory.Exists(Path.Combine(r, name))), name));
    }

    [Theory]
    [InlineData("[a](docs/absent.md)")]
    [InlineData("[a](README.md#no-such-heading)")]
    public void A_link_without_target_is_found(string text) => Assert.False(HasTarget("README.md", Link().Match(text).Groups[1].Value));

    [Theory]
    [InlineData("src/Core/Absent.cs")]
    [InlineData("Core/Absent.cs")]
    public void A_path_to_nothing_is_found(string path) => Assert.False(Exists(path));

    private static bool HasTarget(string document, string link)
    {
        var (path, heading) = link.Split('#') is [var p, var h] ? (p, h) : (link, null);
        var target = path.Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, path);
        return Path.Exists(Repository.File(target)) && (heading is null || Headings(Repository.Text(target)).Contains(heading));
    }

    /// <summary>As GitHub makes them: lower case, spaces become hyphens, other punctuation goes.</summary>
    private static IEnumerable<string> Headings(string text) =>
        Heading().Matches(WithoutBlocks(text)).Select(m => NotInAnchor().Replace(m.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    private static string WithoutBlocks(string text) => Block().Replace(text, "");

    private static bool IsPathBelowSourceOrTests(string quoted) =>
        quoted.Split('/') is [var first, _, ..] && Roots().Any(r => Directory.Exists(Path.Combine(r, first)));

    private static bool IsPlaceholder(string path) => path.AsSpan().ContainsAny("<>{}*…") || path.Contains("NNNN", StringComparison.Ordinal);

    /// <summary>From the root, or below a project's parent; an extension may be left out.</summary>
    private static bool Exists(string path) =>
        Roots().Append(Repository.File("")).Select(r => Path.Combine(r, path.TrimEnd('/', '.'))).Any(p => Path.Exists(p) || File.Exists($"{p}.cs"));

    private static string[] Roots() => [Repository.File("src"), Repository.File("tests")];

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();

    [GeneratedRegex(@"`([A-Z][a-z]\w*(?:\.[A-Z]\w*)*)`")]
    private static partial Regex Named();

    [GeneratedRegex("^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("`[^`\n]*`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#{1,6} (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotInAnchor();

    [GeneratedRegex(@"(?<![\w./:-])(?:src|docs|tests|sql|deploy|samples)/[\w./<>{}*…-]+")]
    private static partial Regex PathFromRoot();

    [GeneratedRegex(@"`([A-Z][A-Za-z.]*/[\w./<>{}*…-]+)`")]
    private static partial Regex Quoted();
}

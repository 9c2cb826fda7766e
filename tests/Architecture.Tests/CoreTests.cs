using System.Reflection;
using System.Text.RegularExpressions;
using Agora.Core;

namespace Agora.Architecture.Tests;

/// <summary>Core's folders know each other one way: what a folder may know stands here, and nothing else is known, be it in a signature or in a method's code (a constant leaves no trace there).</summary>
public sealed partial class CoreTests
{
    private static readonly Dictionary<string, string[]> Arrows = new(StringComparer.Ordinal)
    {
        ["Kernel"] = [],
        ["Payments"] = ["Kernel"],
        ["Nodes"] = ["Kernel"],
        ["Funds"] = ["Kernel", "Nodes"],
        ["Wallets"] = ["Funds", "Kernel", "Nodes", "Payments"],
        ["Campaigns"] = ["Funds", "Kernel", "Nodes"],
        ["Access"] = ["Campaigns", "Kernel"],
        ["Users"] = ["Access", "Campaigns", "Kernel", "Nodes"],
        ["Runs"] = ["Access", "Cached", "Funds", "Kernel", "Nodes", "Services", "Users", "Wallets"],
        ["Sessions"] = ["Access", "Campaigns", "Kernel", "Nodes", "Runs", "Users"],
        ["Refunds"] = ["Funds", "Kernel", "Nodes"],
        ["Responses"] = ["Kernel", "Users"],
        ["Cached"] = ["Kernel", "Users"],
        ["Chats"] = ["Kernel", "Users"],
        ["Attachments"] = ["Kernel", "Users"],
        ["Memories"] = ["Kernel", "Users"],
        ["Agents"] = ["Kernel", "Users"],
        ["Clocks"] = ["Kernel"],
        ["Conversations"] = ["Access", "Kernel"],
        ["Moves"] = ["Kernel", "Users"],
        ["People"] = ["Kernel"],
        ["Scenarios"] = ["Kernel"],
        ["Services"] = ["Kernel"],
        ["SignIns"] = ["Kernel"],
        ["Upstreams"] = ["Kernel", "Services"],
        ["Watches"] = ["Kernel", "Users"],
        ["Webhooks"] = ["Campaigns", "Kernel", "Nodes", "Refunds", "Runs", "Services", "Sessions", "Users", "Wallets"],
    };

    public static TheoryData<string> Folders => [.. Arrows.Keys];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_folder_of_Core_knows_what_it_may_know_and_no_more(string folder)
    {
        var known = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var type in Types.Where(t => FolderOf(t) == folder))
        {
            known.UnionWith(KnownTypes.Of(type).Select(FolderOf).OfType<string>());
        }

        known.Remove(folder);
        Assert.Equal(Arrows[folder].Order(StringComparer.Ordinal), known);
    }

    [Fact]
    public void Every_folder_of_Core_has_its_line() => Assert.Equal(Arrows.Keys.Order(StringComparer.Ordinal), Types.Select(FolderOf).OfType<string>().Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void No_two_folders_know_each_other_by_any_way()
    {
        foreach (var folder in Arrows.Keys)
        {
            Assert.DoesNotContain(folder, Reached(folder, []));
        }
    }

    // A constant leaves no trace where it is used, so this looks where it would stand.
    [Fact]
    public void Kernel_names_no_kind_of_entity()
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        var members = Types.Where(t => FolderOf(t) == "Kernel").SelectMany(t => t.GetMembers(All)).ToList();
        Assert.DoesNotContain(members, m => m is FieldInfo { IsLiteral: true } field && Manifest.Kinds.Contains(field.GetRawConstantValue()));
        Assert.DoesNotContain(members, m => m is MethodInfo && Manifest.Kinds.Contains(m.Name, StringComparer.OrdinalIgnoreCase));
    }

    private static Type[] Types => typeof(Manifest).Assembly.GetTypes();

    private static HashSet<string> Reached(string folder, HashSet<string> reached)
    {
        foreach (var next in Arrows[folder].Where(reached.Add)) Reached(next, reached);
        return reached;
    }

    // Agora.Core itself, where the manifest stands, is no folder.
    private static string? FolderOf(Type type) => FolderName().Match(type.Namespace ?? "") is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex(@"^Agora\.Core\.(\w+)")]
    private static partial Regex FolderName();
}

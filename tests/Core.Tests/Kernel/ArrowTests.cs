using System.Reflection;
using System.Reflection.Emit;
using System.Text.RegularExpressions;
using Agora.Core.Kernel;

namespace Agora.Core.Tests.Kernel;

/// <summary>Core's folders know each other one way: what a folder may know stands here, and nothing else is known, be it in a signature or in a method's code (a constant leaves no trace there).</summary>
public sealed partial class ArrowTests
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
            known.UnionWith(Known(type).SelectMany(Parts).Select(FolderOf).OfType<string>());
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

    private static IEnumerable<Type> Known(Type type)
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        IEnumerable<Type?> known = [type.BaseType, .. type.GetInterfaces(), .. type.GetFields(All).Select(f => f.FieldType), .. type.GetMethods(All).SelectMany(Known), .. type.GetConstructors(All).SelectMany(Known)];
        return known.OfType<Type>();
    }

    private static IEnumerable<Type> Known(MethodBase method)
    {
        IEnumerable<Type?> known =
        [
            (method as MethodInfo)?.ReturnType, .. method.GetParameters().Select(p => p.ParameterType), .. method.GetMethodBody()?.LocalVariables.Select(l => l.LocalType) ?? [], .. InCode(method),
        ];
        return known.OfType<Type>();
    }

    // Whatever the code names by token: types, and those that declare the methods and fields it uses.
    private static IEnumerable<Type> InCode(MethodBase method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        var ofType = method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null;
        var ofMethod = method is MethodInfo { IsGenericMethod: true } ? method.GetGenericArguments() : null;
        for (var at = 0; at < code.Length;)
        {
            var op = code[at] == 0xFE ? Codes[0xFE00 | code[at + 1]] : Codes[code[at]];
            at += op.Size;
            if (op.OperandType is OperandType.InlineTok or OperandType.InlineType or OperandType.InlineMethod or OperandType.InlineField)
            {
                var member = method.Module.ResolveMember(BitConverter.ToInt32(code, at), ofType, ofMethod)!;
                if ((member as Type ?? member.DeclaringType) is { } named)
                {
                    yield return named;
                }

                if (member is MethodInfo { IsGenericMethod: true } generic)
                {
                    foreach (var argument in generic.GetGenericArguments()) yield return argument;
                }
            }

            at += op.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }

    private static IEnumerable<Type> Parts(Type type) => type.HasElementType ? Parts(type.GetElementType()!)
        : type.IsGenericType ? [type, .. type.GetGenericArguments().SelectMany(Parts)]
        : [type];

    private static readonly Dictionary<int, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value & 0xFFFF);

    [GeneratedRegex(@"^Agora\.Core\.(\w+)")]
    private static partial Regex FolderName();
}

using System.Reflection;

namespace Agora.Architecture.Tests;

/// <summary>Doors know use cases, use cases know grains, and none of them knows what is above it or beside it.</summary>
public sealed class LayerTests
{
    private static readonly string[] Doors = ["Agora.Api.A2a", "Agora.Api.Conversations.Sockets", "Agora.Api.Desk", "Agora.Api.Gpt", "Agora.Api.Mcp", "Agora.Api.Streams"];

    /// <summary>What is still so. The list may only get shorter.</summary>
    private static readonly string[] DoorsThatKnowAnother = ["Agora.Api.Streams -> Agora.Api.A2a"];

    private static readonly Assembly Application = Assembly.Load("Agora.Application"), Web = Assembly.Load("Agora.Web"), Api = Assembly.Load("Agora.Api");

    [Fact]
    public void Use_cases_know_nothing_of_the_web_and_of_no_door()
    {
        var known = KnownBy(Application);
        Assert.DoesNotContain(known, static name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) || IsDoor(name) || name is "Agora.Web");
        Assert.Contains("Agora.Core", known);
    }

    [Fact]
    public void What_doors_share_knows_no_door()
    {
        var known = KnownBy(Web);
        Assert.DoesNotContain(known, IsDoor);
        Assert.Contains("Agora.Application", known);
    }

    [Fact]
    public void Doors_do_not_know_each_other() => Assert.Equal(DoorsThatKnowAnother, Doors.SelectMany(static door => KnownBy(door).Select(other => $"{door} -> {other}")));

    private static bool IsDoor(string assembly) => assembly is "Agora.Api" or "Agora.Operator";

    private static List<string> KnownBy(Assembly assembly) => [.. assembly.GetReferencedAssemblies().Select(static one => one.Name!)];

    private static IEnumerable<string> KnownBy(string door)
    {
        var types = Api.GetTypes().Where(type => type.Namespace == door).ToList();
        Assert.NotEmpty(types);
        return types.SelectMany(KnownTypes.Of).Select(static type => type.Namespace).OfType<string>().Where(other => other != door && Doors.Contains(other)).Distinct().Order(StringComparer.Ordinal);
    }
}

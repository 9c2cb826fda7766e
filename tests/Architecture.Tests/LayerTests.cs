using System.Reflection;

namespace Agora.Architecture.Tests;

/// <summary>Doors know use cases, use cases know grains, and none of them knows what is above it or beside it.</summary>
public sealed class LayerTests
{
    private static readonly string[] Doors = ["Agora.A2a", "Agora.Api.Conversations.Sockets", "Agora.Api.Desk", "Agora.Api.Gpt", "Agora.Api.Mcp", "Agora.Streams"];

    private static readonly Assembly Application = Assembly.Load("Agora.Application"), Web = Assembly.Load("Agora.Web");

    /// <summary>Doors that are projects come before that of which the others are folders, and which maps them all.</summary>
    private static readonly Assembly[] OfDoors = [Assembly.Load("Agora.A2a"), Assembly.Load("Agora.Streams"), Assembly.Load("Agora.Api")];

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
    public void Doors_do_not_know_each_other() => Assert.Empty(Doors.SelectMany(static door => KnownBy(door).Select(other => $"{door} -> {other}")));

    [Fact]
    public void A_door_that_is_a_project_knows_no_other() => Assert.All(OfDoors[..^1], static door => Assert.DoesNotContain(KnownBy(door), IsDoor));

    [Fact]
    public void No_endpoint_is_given_another()
    {
        var endpoints = OfDoors.SelectMany(static door => door.GetTypes()).Where(static type => type.Name.EndsWith("Endpoints", StringComparison.Ordinal)).ToHashSet();
        Assert.True(endpoints.Count > 50, $"{endpoints.Count}");
        Assert.DoesNotContain(OfDoors.SelectMany(static door => door.GetTypes()), type => type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Any(one => one.GetParameters().Any(parameter => endpoints.Contains(parameter.ParameterType))));
    }

    private static bool IsDoor(string assembly) => assembly is "Agora.Operator" || OfDoors.Any(door => door.GetName().Name == assembly);

    private static List<string> KnownBy(Assembly assembly) => [.. assembly.GetReferencedAssemblies().Select(static one => one.Name!)];

    private static IEnumerable<string> KnownBy(string door)
    {
        var types = OfDoors.SelectMany(static one => one.GetTypes()).Where(type => type.Namespace == door).ToList();
        Assert.NotEmpty(types);
        return types.SelectMany(KnownTypes.Of).Select(static type => type.Namespace).OfType<string>().Where(other => other != door && Doors.Contains(other)).Distinct().Order(StringComparer.Ordinal);
    }
}

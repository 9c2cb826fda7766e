using System.Text.Json;
using Agora.Api.Tests.Conversations;
using Agora.Api.Tests.Support;
using Agora.Testing;

namespace Agora.Api.Tests.Streams;

/// <summary>The protocol's own suite, as it is published. What of it does not hold here is named, with its reason, in not-served.txt; the test fails where another does not, and where one of those does.</summary>
public sealed class ConformanceTests
{
    /// <summary>Those of 0.3.6: a suite that runs a part of itself has shown nothing.</summary>
    private const int Tests = 338;

    [NodePackagesFact]
    public async Task The_protocols_own_suite_passes_but_for_what_is_named()
    {
        await using var talk = await Talk.Of(await RunningApi.Start(corsOrigins: ["https://example.com"]), "a");
        var input = JsonSerializer.Serialize(new { address = talk.Api.Client.Address.ToString().TrimEnd('/'), key = talk.Key("a") });

        var told = JsonElement.Parse(await NodePackages.Run(input, "Streams/conformance.mjs")).EnumerateArray().Select(one => (Name: one.GetProperty("name").GetString()!, State: one.GetProperty("state").GetString(), Why: one.TryGetProperty("why", out var why) ? why.GetString() : "")).ToList();

        var named = File.ReadLines(Repository.File("tests/Api.Tests/Streams/not-served.txt")).Where(line => line.Length > 0 && !line.StartsWith('#')).ToHashSet();
        Assert.Equal(Tests, told.Count);
        Assert.Empty(told.Where(one => one.State != "passed" && !named.Contains(one.Name)).Select(one => $"{one.Name}: {one.State} {one.Why}"));
        Assert.Empty(told.Where(one => one.State == "passed").Select(one => one.Name).Intersect(named));
        Assert.Empty(named.Except(told.Select(one => one.Name)));
    }
}

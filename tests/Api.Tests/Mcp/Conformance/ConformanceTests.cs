using System.Text.RegularExpressions;
using Agora.Api.Tests.Support;
using Xunit.Abstractions;

namespace Agora.Api.Tests.Mcp.Conformance;

/// <summary>The protocol's own conformance suite, against the door of /mcp: every scenario that a revision scores for servers.</summary>
public sealed partial class ConformanceTests(ITestOutputHelper output)
{
    /// <summary>
    /// What needs a session of the protocol: in the revision with a handshake the server asks its client by a request of its own, and the client answers in another POST. The door keeps no session, so it
    /// asks nothing; no tool of ours would. The later revision asks the same in results, and there it passes.
    /// </summary>
    private static readonly string[] OfSessions = ["tools-call-sampling", "tools-call-elicitation", "elicitation-sep1034-defaults", "elicitation-sep1330-enums"];

    [McpPackagesTheory]
    [InlineData("2026-07-28", 37)]
    [InlineData("2025-11-25", 30)]
    public async Task Every_scored_scenario_passes_but_those_that_need_a_session(string revision, int scored)
    {
        await using var host = await FixtureHost.Start();
        var (_, said, errors) = await McpPackages.Ended("conformance", "server", "--url", host.Address, "--requirements", revision);
        output.WriteLine(said + errors);

        var parts = said.Split("=== SUMMARY ===")[1].Split("Not scored for");
        var unscored = Lines().Matches(parts[1]).Select(line => line.Groups["name"].Value).ToList();
        var lines = Lines().Matches(parts[0]).Where(line => !unscored.Contains(line.Groups["name"].Value)).ToList();
        Assert.Equal(scored, lines.Count);
        Assert.Equal(revision == "2025-11-25" ? OfSessions.Order() : [], lines.Where(line => line.Groups["mark"].Value != "✓").Select(line => line.Groups["name"].Value).Order());
    }

    [GeneratedRegex(@"^ *(?<mark>[✓✗]) (?<name>[a-z0-9-]+)", RegexOptions.Multiline)]
    private static partial Regex Lines();
}

using Agora.Api.Tests.Support;
using Xunit.Abstractions;

namespace Agora.Api.Tests.Mcp.Conformance;

/// <summary>The protocol's own scenarios for clients, with the hub as the client: what it sends to an upstream, and which tools it refuses.</summary>
public sealed class ClientConformanceTests(ITestOutputHelper output)
{
    /// <summary>All that a revision scores, but sign-in by OAuth, which the hub does not do, questions of a server, to which the hub offers no capability, and streams that a client is to resume.</summary>
    [McpPackagesTheory]
    [InlineData("2026-07-28", "tools_call")]
    [InlineData("2026-07-28", "request-metadata")]
    [InlineData("2026-07-28", "http-standard-headers")]
    [InlineData("2026-07-28", "http-custom-headers")]
    [InlineData("2026-07-28", "http-invalid-tool-headers")]
    [InlineData("2026-07-28", "json-schema-ref-no-deref")]
    [InlineData("2026-07-28", "json-schema-2020-12-preservation")]
    [InlineData("2025-11-25", "json-schema-2020-12-preservation")]
    [InlineData("2025-11-25", "initialize")]
    [InlineData("2025-11-25", "tools_call")]
    [InlineData("2025-06-18", "initialize")]
    [InlineData("2025-06-18", "tools_call")]
    public async Task The_hub_passes_the_scenario(string revision, string scenario)
    {
        await using var api = await RunningApi.Start(commands: []);
        await api.Client.PutAgents("agent-1");
        var token = await api.Client.OpenSession(scopes: """["*"]""");
        var command = string.Join(' ', McpPackages.Program("node"), Path.Combine(McpPackages.Folder, "hub-client.mjs"), api.Client.Address.ToString().TrimEnd('/'), RunningApi.AdminKey, token);

        var (exitCode, said, errors) = await McpPackages.Ended("conformance", "client", "--command", command, "--scenario", scenario, "--spec-version", revision, "--timeout", "300000", "--verbose");

        output.WriteLine(said + errors);
        Assert.Equal(0, exitCode);
    }
}

using System.Text.Json;
using Agora.Api.Tests.Support;
using Xunit.Abstractions;

namespace Agora.Api.Tests.Mcp;

/// <summary>Programs of others walk the sponsored flow: the public TypeScript clients of each revision, and the Inspector on a command line.</summary>
public sealed class PublicClientTests(ITestOutputHelper output)
{
    [McpPackagesTheory]
    [InlineData("2026-07-28")]
    [InlineData("2025-11-25")]
    [InlineData("2025-06-18")]
    [InlineData("2025-03-26")]
    [InlineData("2024-11-05")]
    public async Task The_TypeScript_client_follows_next_actions_to_a_run_that_is_paid_once(string revision)
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();

        var (exitCode, said, errors) = await McpPackages.Ended(Path.Combine(McpPackages.Folder, "walk.mjs"), $"{api.Client.Address}mcp", await api.Client.OpenSession(), revision);

        output.WriteLine(said + errors);
        Assert.Equal((0, "succeeded 25 25 5"), (exitCode, said.Trim()));
    }

    [McpPackagesFact]
    public async Task The_Inspector_lists_the_tools_and_walks_the_flow()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();

        Assert.Equal(13, (await Inspect("--method", "tools/list")).GetProperty("tools").GetArrayLength());
        var task = await Call("get_task", "campaign_id=survey");
        Assert.Equal("complete_task", task.GetProperty("next_actions")[0].GetProperty("tool").GetString());
        await Call("complete_task", "campaign_id=survey", """output={"rating":5,"why":"It works","again":true}""", """consents=[{"type":"data_sharing","granted":true}]""");
        var run = await Call("run_service", "service_id=summary", """input={"text":"A long text."}""");
        var again = await Call("run_service", "service_id=summary", """input={"text":"A long text."}""");
        Assert.Equal(("succeeded", true), (run.GetProperty("data").GetProperty("state").GetString(), again.GetProperty("already_done").GetBoolean()));

        Task<JsonElement> Call(string tool, params string[] arguments) => Structured(Inspect(["--method", "tools/call", "--tool-name", tool, .. arguments.SelectMany(one => new[] { "--tool-arg", one })]));

        async Task<JsonElement> Inspect(params string[] arguments)
        {
            var (exitCode, said, errors) = await McpPackages.Ended("mcp-inspector", ["--cli", $"{api.Client.Address}mcp", "--transport", "http", "--header", $"Authorization: Bearer {token}", .. arguments]);
            output.WriteLine(said + errors);
            Assert.True(exitCode == 0, said + errors);
            return JsonElement.Parse(said);
        }

        static async Task<JsonElement> Structured(Task<JsonElement> result) => (await result).GetProperty("structuredContent");
    }
}

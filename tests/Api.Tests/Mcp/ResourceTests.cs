using System.Text.Json;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Mcp;

/// <summary>Runs, receipts and the audit are read by addresses, and show what the routes show.</summary>
public sealed class ResourceTests
{
    private const string Second = """{"agent_id":"agent-1","user_id":"user-1","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100}}""";

    [Theory]
    [InlineData("2026-07-28", -32602)]
    [InlineData("2025-11-25", -32002)]
    [InlineData("2025-06-18", -32002)]
    [InlineData("2025-03-26", -32002)]
    public async Task Runs_receipts_and_audit_are_read_and_what_is_not_there_or_another_tenants_is_said_not_to_be(string revision, int missing)
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenReady();
        using var mcp = new McpCaller(api.Client.Address, token) { Revision = revision };
        var run = (await mcp.Call("run_service", """{"service_id":"summary","input":{"text":"A long text."}}""")).Data.GetProperty("run_id").GetString();

        Assert.Equal(["agora://runs", "agora://audit"], (await mcp.Ask("resources/list")).Result.GetProperty("resources").EnumerateArray().Select(one => one.GetProperty("uri").GetString()));
        Assert.Equal(["agora://runs/{run_id}", "agora://runs/{run_id}/receipt"], (await mcp.Ask("resources/templates/list")).Result.GetProperty("resourceTemplates").EnumerateArray().Select(one => one.GetProperty("uriTemplate").GetString()));
        Assert.Equal("Short.", (await Read($"agora://runs/{run}")).GetProperty("output").GetProperty("summary").GetString());
        Assert.Equal((await api.Client.Get($"/agent/runs/{run}/receipt", token)).Data.GetProperty("payment_id").GetString(), (await Read($"agora://runs/{run}/receipt")).GetProperty("payment_id").GetString());
        Assert.Equal(run, (await Read("agora://runs")).GetProperty("runs")[0].GetProperty("run_id").GetString());
        Assert.Contains("run_service", (await Read("agora://audit")).GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("operation").GetString()));
        foreach (var uri in new[] { $"agora://runs/{Guid.NewGuid()}", "agora://runs/none/receipt", "agora://nothing", "file:///etc/passwd", "agora://runs/a/b/c" })
        {
            var error = (await mcp.Read(uri)).Error;
            Assert.Equal((missing, uri), (error.GetProperty("code").GetInt32(), error.GetProperty("data").GetProperty("uri").GetString()));
        }

        var second = (await api.Client.Post("/agent/auth", RunningApi.SecondPlatformKey, Second)).Expect(201).Data.GetProperty("token").GetString()!;
        using var elsewhere = new McpCaller(api.Client.Address, second) { Revision = revision };
        Assert.Equal(missing, (await elsewhere.Read($"agora://runs/{run}")).Error.GetProperty("code").GetInt32());
        (await elsewhere.Call("get_run", $$"""{"run_id":"{{run}}"}""")).Refused("not_found");
        (await elsewhere.Call("run_service", """{"service_id":"summary","input":{"text":"A long text."}}""")).Refused("not_found");

        async Task<JsonElement> Read(string uri)
        {
            var content = (await mcp.Read(uri)).Result.GetProperty("contents")[0];
            Assert.Equal((uri, "application/json"), (content.GetProperty("uri").GetString(), content.GetProperty("mimeType").GetString()));
            return JsonElement.Parse(content.GetProperty("text").GetString()!);
        }
    }
}

using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.JsonSchema;

namespace Agora.Api.Tests.Mcp;

/// <summary>Tools are operations: what is listed follows from them, and a call does what the route does.</summary>
public sealed class ToolTests(ToolTests.Served served) : IClassFixture<ToolTests.Served>
{
    private static readonly string[] Names =
        ["search_services", "get_tasks", "get_task", "complete_task", "run_service", "get_run", "wallet", "transfer", "flow_status", "withdraw_consent", "history", "delegate", "tree"];

    [Theory]
    [InlineData("2026-07-28")]
    [InlineData("2025-11-25")]
    [InlineData(null)]
    public async Task The_tools_are_listed_with_schemas_and_hints(string? revision)
    {
        using var mcp = served.Mcp(revision);

        var tools = (await mcp.Ask("tools/list")).Result.GetProperty("tools").EnumerateArray().ToDictionary(tool => tool.GetProperty("name").GetString()!);

        Assert.Equal(Names, tools.Keys);
        Assert.All(tools.Values, tool =>
        {
            Compiled(tool.GetProperty("inputSchema"));
            Compiled(tool.GetProperty("outputSchema"));
            Assert.Equal(tool.GetProperty("inputSchema").GetProperty("properties").TryGetProperty("again", out _), !Hint(tool, "readOnlyHint"));
        });
        Assert.Equal(["service_id", "input"], tools["run_service"].GetProperty("inputSchema").GetProperty("required").EnumerateArray().Select(name => name.GetString()));
        Assert.True(Hint(tools["transfer"], "destructiveHint"));
        Assert.False(Hint(tools["search_services"], "destructiveHint"));
        Assert.Equal(["run_service"], tools.Values.Where(tool => Hint(tool, "openWorldHint")).Select(tool => tool.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task The_sponsored_flow_is_walked_by_next_actions_and_each_result_has_its_schema()
    {
        using var mcp = served.Mcp("2026-07-28");
        var schemas = (await mcp.Ask("tools/list")).Result.GetProperty("tools").EnumerateArray().ToDictionary(tool => tool.GetProperty("name").GetString()!, tool => Compiled(tool.GetProperty("outputSchema")));

        var found = await Called("search_services", """{"q":"summarizer","limit":5}""");
        Assert.Equal("summary", found.Data.GetProperty("services")[0].GetProperty("service_id").GetString());
        Assert.Contains("data.services[].description", found.Structured.GetProperty("untrusted_fields").EnumerateArray().Select(place => place.GetString()));
        Assert.Equal(found.Structured.GetRawText(), found.Text);
        Assert.Equal("get_task", found.NextTools[0]);

        var task = await Called("get_task", found.Structured.GetProperty("next_actions")[0].GetProperty("arguments").GetRawText());
        Assert.Equal("complete_task", task.NextTools[0]);
        var done = await Called("complete_task", $$"""{"campaign_id":"survey",{{Support.Catalogue.Completion[1..]}}""");
        Assert.Equal(["summary"], done.Data.GetProperty("unlocked_services").EnumerateArray().Select(id => id.GetString()));

        var run = await Called("run_service", """{"service_id":"summary","input":{"text":"A long text."}}""");
        Assert.Equal(("succeeded", "Short."), (run.Data.GetProperty("state").GetString(), run.Data.GetProperty("output").GetProperty("summary").GetString()));
        var looked = await Called("get_run", $$"""{"run_id":"{{run.Data.GetProperty("run_id").GetString()}}"}""");
        Assert.Equal(run.Data.GetProperty("payment").GetProperty("payment_id").GetString(), looked.Data.GetProperty("payment").GetProperty("payment_id").GetString());
        foreach (var tool in new[] { "flow_status", "wallet", "tree", "history", "get_tasks" }) await Called(tool, "{}");

        (await Called("withdraw_consent", $$"""{"consent_id":"{{done.Data.GetProperty("consents")[0].GetProperty("consent_id").GetString()}}"}""")).Data.GetProperty("withdrawn_at").GetString();
        (await Called("delegate", """{"agent_id":"agent-2","scopes":{"budget_limit_cents":10}}""")).Data.GetProperty("token").GetString();
        (await Called("transfer", """{"to":"agent:agent-2","amount_cents":10}""")).Refused("scope_violation");

        async Task<McpAnswer> Called(string tool, string arguments)
        {
            var answer = await mcp.Call(tool, arguments);
            Assert.Empty(schemas[tool].Validate(answer.Structured));
            return answer;
        }
    }

    [Fact]
    public async Task A_refusal_says_in_a_sentence_what_to_do_about_it()
    {
        using var mcp = served.Mcp("2026-07-28");

        var wrong = (await mcp.Call("run_service", """{"service_id":"summary","input":{"text":""}}""")).Refused("validation_failed");
        Assert.StartsWith("validation_failed: ", wrong.Text, StringComparison.Ordinal);
        Assert.EndsWith("The same call would be refused again.", wrong.Text, StringComparison.Ordinal);
        Assert.Equal(("never", "/input/text"), (wrong.Structured.GetProperty("error").GetProperty("retry").GetString(), wrong.Structured.GetProperty("error").GetProperty("details")[0].GetProperty("path").GetString()));
        Assert.Equal(("run_service", "summary"), (wrong.NextTools[0], wrong.Structured.GetProperty("next_actions")[0].GetProperty("arguments").GetProperty("service_id").GetString()));
        (await mcp.Call("search_services", """{"limit":1000}""")).Refused("validation_failed");
        (await mcp.Call("search_services", """{"unknown":1}""")).Refused("validation_failed");
        (await mcp.Call("run_service", """{"service_id":"none","input":{}}""")).Refused("not_found");
        (await mcp.Call("get_run", """{"run_id":7}""")).Refused("not_found");
        (await mcp.Call("get_run")).Refused("malformed_request");
    }

    private static Schema Compiled(JsonElement schema)
    {
        var compiled = Schema.Compile(schema);
        Assert.True(compiled.Succeeded, string.Join("; ", compiled.Errors));
        return compiled.Schema;
    }

    private static bool Hint(JsonElement tool, string name) => tool.GetProperty("annotations").GetProperty(name).GetBoolean();

    public sealed class Served : IAsyncLifetime
    {
        private RunningApi _api = null!;
        private string _token = "";

        public async Task InitializeAsync()
        {
            _api = await RunningApi.Start();
            await _api.Client.Load();
            await _api.Client.PutAgents("agent-2");
            _token = await _api.Client.OpenSession();
        }

        internal McpCaller Mcp(string? revision) => new(_api.Client.Address, _token) { Revision = revision };

        public async Task DisposeAsync() => await _api.DisposeAsync();
    }
}

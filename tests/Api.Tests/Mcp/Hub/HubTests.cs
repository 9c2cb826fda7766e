using Agora.Api.Tests.Support;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Mcp.Hub;

/// <summary>Tools of an upstream, from its list to the money of a run.</summary>
public sealed class HubTests
{
    [Fact]
    public async Task A_tool_is_offered_then_approved_then_found_and_run_over_HTTP_and_paid_as_any_service()
    {
        await using var hub = await HubApi.Start();
        var token = await hub.Session();
        await hub.Refresh();
        Assert.Equal("offered", await hub.State("add"));
        (await hub.Run(token)).Refused(404, Codes.NotFound);

        await hub.Approve();
        var found = Assert.Single((await hub.Client.Get("/agent/services?q=adds", token)).Expect(200).Data.GetProperty("services").EnumerateArray());
        var run = (await hub.Run(token)).Expect(200).Data;

        Assert.Equal(("calc__add", "Adds two numbers", 5), (found.GetProperty("service_id").GetString(), found.GetProperty("description").GetString(), found.GetProperty("price_cents").GetInt32()));
        Assert.Equal(("succeeded", 3, 5), (run.GetProperty("state").GetString(), run.GetProperty("output").GetProperty("sum").GetInt32(), run.GetProperty("payment").GetProperty("amount_cents").GetInt32()));
        var call = Assert.Single(hub.Server.Calls);
        Assert.Equal((HubApi.Secret, """{"a":1,"b":2}"""), (call.Headers["Authorization"], call.Params.GetProperty("arguments").GetRawText()));
        Assert.Equal(run.GetProperty("run_id").GetString(), call.Meta.GetProperty("agora/run_id").GetString());
        // The run has succeeded, and its transfer to the provider is on its way.
        await HubApi.Eventually(async () => await hub.Client.Admin(HttpMethod.Get, "/admin/wallets/calc-provider") is { Status: 200 } wallet && wallet.Data.GetProperty("balance_cents").GetInt32() == 5);
    }

    [Theory]
    [InlineData("2026-07-28")]
    [InlineData("2025-11-25")]
    public async Task A_model_is_listed_the_tool_and_pays_for_it_once_however_it_asks(string revision)
    {
        await using var hub = await HubApi.Start();
        await hub.Approve();
        using var mcp = new McpCaller(hub.Client.Address, await hub.Session()) { Revision = revision };

        var listed = (await mcp.Ask("tools/list")).Result.GetProperty("tools").EnumerateArray().Single(tool => tool.GetProperty("name").GetString() == "calc__add");
        var run = await mcp.Call("calc__add", """{"b":2,"a":1,"max_price_cents":5}""");
        var again = await mcp.Call("calc__add", """{"a":1,"b":2,"max_price_cents":5}""");
        var byName = await mcp.Call("run_service", """{"service_id":"calc__add","input":{"a":1,"b":2},"max_price_cents":5}""");
        var once = await mcp.Call("calc__add", """{"a":1,"b":2,"again":true,"max_price_cents":5}""");

        Assert.DoesNotContain("Adds", listed.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("the first", listed.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(["a", "b", "again", "max_price_cents"], listed.GetProperty("inputSchema").GetProperty("properties").EnumerateObject().Select(property => property.Name));
        Assert.Equal(3, run.Data.GetProperty("output").GetProperty("sum").GetInt32());
        Assert.Contains("data.output", run.Structured.GetProperty("untrusted_fields").EnumerateArray().Select(place => place.GetString()));
        Assert.Equal((false, true, true, false), (run.IsAlreadyDone, again.IsAlreadyDone, byName.IsAlreadyDone, once.IsAlreadyDone));
        Assert.Equal(2, hub.Server.Calls.Count);
        Assert.Equal(10, (await mcp.Call("flow_status")).Data.GetProperty("budget").GetProperty("spent_cents").GetInt32());
    }
}

using System.Globalization;
using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Testing;

namespace Agora.Api.Tests.Mcp.Hub;

/// <summary>A tool's own description of its failure reaches the caller as untrusted text (MCP, server/tools, Error Handling).</summary>
public sealed class ToolWordsTests
{
    private const string Words = "The date has to be in the future: send one after 2026-11-28.";

    private static readonly Dictionary<string, Func<ToolExchange, Task>> Answers = new()
    {
        ["isError"] = static call => call.Result($$"""{"content":[{"type":"text","text":"{{Words}}"}],"isError":true}"""),
        ["isError in two blocks"] = static call => call.Result($$"""{"content":[{"type":"text","text":"{{Words[..18]}}"},{"type":"image","data":"AAAA","mimeType":"image/png"},{"type":"text","text":"{{Words[18..]}}"}],"isError":true}"""),
        ["invalid params"] = static call => call.Error(-32602, Words),
        ["invalid params with status 400"] = static call => call.Json($$$"""{"jsonrpc":"2.0","id":{{{call.Id}}},"error":{"code":-32602,"message":"{{{Words}}}"}}""", 400),
        ["internal error"] = static call => call.Error(-32603, Words),
    };

    public static TheoryData<string> Names => [.. Answers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Words_of_a_failed_tool_are_in_the_error_and_in_the_run_marked_untrusted(string name)
    {
        await using var hub = await HubApi.Start();
        await hub.Approve();
        var token = await hub.Session();
        hub.Server.OnCall = Answers[name];

        var failed = (await hub.Run(token, headers: ("Idempotency-Key", "k-1"))).Refused(502, Codes.UpstreamFailed);
        var repeated = (await hub.Run(token, headers: ("Idempotency-Key", "k-1"))).Refused(502, Codes.UpstreamFailed);
        var run = (await hub.Client.Get($"/agent/runs/{failed.Error.GetProperty("details").GetProperty("run_id").GetString()}", token)).Expect(200);

        Assert.Equal(Words, Plain(failed.Error.GetProperty("details").GetProperty("said")));
        Assert.Equal(Words, Plain(repeated.Error.GetProperty("details").GetProperty("said")));
        Assert.Equal(Words, Plain(run.Data.GetProperty("failure").GetProperty("said")));
        Assert.DoesNotContain("future", failed.Message, StringComparison.Ordinal);
        Assert.Equal("new_key", failed.Error.GetProperty("retry").GetString()); // whether the input is at fault only the tool's words say
        Assert.Contains("error.details.said", Places(failed.Json));
        Assert.Contains("data.failure.said", Places(run.Json));
        Assert.Equal(JsonValueKind.Null, run.Data.GetProperty("output").ValueKind);
        Assert.Single(hub.Server.Calls);
    }

    [Theory]
    [InlineData("isError")]
    [InlineData("invalid params")]
    public async Task A_model_is_told_to_follow_the_tools_words_and_not_to_repeat_the_call_as_it_was(string name)
    {
        await using var hub = await HubApi.Start();
        await hub.Approve();
        using var mcp = new McpCaller(hub.Client.Address, await hub.Session());
        hub.Server.OnCall = Answers[name];

        var failed = (await mcp.Call("calc__add", """{"a":1,"b":2,"max_price_cents":5}""")).Refused(Codes.UpstreamFailed);

        Assert.Equal(Words, failed.Structured.GetProperty("error").GetProperty("details").GetProperty("said").GetString());
        Assert.Contains("error.details.said", Places(failed.Structured));
        Assert.Contains("error.details.said", failed.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Repeat the same call", failed.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("future", failed.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_without_words_names_none()
    {
        await using var hub = await HubApi.Start(static server => server.OnCall = static call => call.Result("""{"content":[],"isError":true}"""));
        await hub.Approve();
        var token = await hub.Session();

        var failed = (await hub.Run(token)).Refused(502, Codes.UpstreamFailed);

        Assert.False(failed.Error.GetProperty("details").TryGetProperty("said", out _));
        Assert.DoesNotContain("error.details.said", Places(failed.Json));
    }

    [Fact]
    public async Task Long_words_are_cut_between_graphemes()
    {
        const string Family = "👨‍👩‍👧";
        await using var hub = await HubApi.Start(static server => server.OnCall = static call => call.Result($$"""{"content":[{"type":"text","text":"{{string.Concat(Enumerable.Repeat(Family, 1_000))}}"}],"isError":true}"""));
        await hub.Approve();
        var token = await hub.Session();

        var said = (await hub.Run(token)).Refused(502, Codes.UpstreamFailed).Error.GetProperty("details").GetProperty("said").GetString()!;

        Assert.InRange(said.Length, Limits.ToolFailureLength - Family.Length, Limits.ToolFailureLength);
        Assert.EndsWith("…", said, StringComparison.Ordinal);
        Assert.Equal(0, (said.Length - 1) % Family.Length);
        Assert.All(Enumerable.Range(0, 10), i => Assert.Equal(Family, StringInfo.GetNextTextElement(said, i * Family.Length)));
    }

    // Two text blocks are joined by a line break.
    private static string Plain(JsonElement said) => said.GetString()!.Replace("\n", "", StringComparison.Ordinal);

    private static IEnumerable<string?> Places(JsonElement json) =>
        json.TryGetProperty("untrusted_fields", out var places) ? places.EnumerateArray().Select(static place => place.GetString()) : [];
}

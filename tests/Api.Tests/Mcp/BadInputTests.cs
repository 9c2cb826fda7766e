using Agora.Api.Tests.Support;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Mcp;

/// <summary>Bad input gets its status and its code, and changes nothing.</summary>
public sealed class BadInputTests(BadInputTests.Served served) : IClassFixture<BadInputTests.Served>
{
    private const string List = """{"jsonrpc":"2.0","id":7,"method":"tools/list","params":{}}""";
    private const string Call = """{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"wallet","arguments":{},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}""";

    [Theory]
    [InlineData("Accept", "application/json", 406, "not_acceptable")]
    [InlineData("Accept", "text/event-stream", 406, "not_acceptable")]
    [InlineData("Accept", "text/html", 406, "not_acceptable")]
    [InlineData("Content-Type", "text/plain", 415, "unsupported_media_type")]
    [InlineData("Authorization", "Bearer agt_forged.1.x", 401, "unauthorized")]
    [InlineData("Authorization", "Bearer platform-key-of-the-tests-0123456789", 401, "unauthorized")]
    [InlineData("Authorization", "Bearer agk2_live_default.agent-1.c2VjcmV0.Y29kZQ", 401, "unauthorized")]
    [InlineData("Authorization", "Basic dTpw", 401, "unauthorized")]
    [InlineData("Origin", "https://evil.example", 403, "unauthorized")]
    [InlineData("Origin", "null", 403, "unauthorized")]
    [InlineData("Host", "evil.example", 403, "unauthorized")]
    public async Task A_request_that_does_not_come_in_says_why(string header, string value, int status, string code)
    {
        var answer = await served.Mcp.Post(List, default, (header, value));

        Assert.Equal((status, code), (answer.Status, answer.Error.GetProperty("data").GetProperty("code").GetString()));
        Assert.Equal(status == 401, answer.Headers.WwwAuthenticate.Count == 1);
    }

    [Theory]
    [InlineData("Bearer platform-key-of-the-tests-0123456789", true)]
    [InlineData("Bearer agt_forged.1.x", true)]
    [InlineData("Basic dTpw", false)]
    public async Task A_credential_that_is_not_known_is_told_apart_from_one_that_is_missing(string authorization, bool isSent)
    {
        var message = (await served.Mcp.Post(List, default, ("Authorization", authorization))).Error.GetProperty("message").GetString()!;

        Assert.Contains("A session's token, or an agent's own key that is bound to a user, is required", message, StringComparison.Ordinal);
        Assert.Equal(isSent, message.Contains("is not known here", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("[" + List + "]", 400, -32600)]
    [InlineData("{\"jsonrpc\":\"2.0\"", 400, -32700)]
    [InlineData("", 400, -32700)]
    [InlineData("7", 400, -32600)]
    [InlineData("null", 400, -32600)]
    [InlineData("{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"tools/list\"}", 400, -32600)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1}", 400, -32600)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"no_such_tool\"}}", 200, -32602)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"search_services\",\"arguments\":{\"q\":\"\\ud800\"}}}", 400, -32700)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"tools/list\"}", 400, -32700)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"no/method\"}", 200, -32601)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"wallet\",\"Name\":\"transfer\"}}", 400, -32700)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"wallet\",\"_meta\":{\"a\":1,\"A\":1}}}", 400, -32700)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"wallet\",\"arguments\":[]}}", 400, -32602)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"wallet\",\"_meta\":5}}", 400, -32602)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":null}}", 400, -32602)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":[]}", 400, -32602)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":null}", 400, -32602)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"cursor\":5}}", 400, -32602)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/read\",\"params\":{}}", 400, -32602)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":5}}", 400, -32602)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":5}", 400, -32602)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"logging/setLevel\",\"params\":{\"level\":\"loud\"}}", 400, -32602)]
    public async Task A_message_that_is_none_of_ours_is_refused(string body, int status, int error)
    {
        var answer = await served.Mcp.Post(body);

        Assert.Equal((status, error), (answer.Status, answer.Error.GetProperty("code").GetInt32()));
    }

    [Theory]
    [InlineData("MCP-Protocol-Version", "1999-01-01", 400, -32022)]
    [InlineData("MCP-Protocol-Version", "2025-11-25", 400, -32020)]
    [InlineData("MCP-Protocol-Version", "", 400, -32020)]
    [InlineData("Mcp-Method", "", 400, -32020)]
    [InlineData("Mcp-Method", "tools/list", 400, -32020)]
    [InlineData("Mcp-Name", "", 400, -32020)]
    [InlineData("Mcp-Name", "transfer", 400, -32020)]
    [InlineData("Mcp-Name", "=?base64?!?=", 400, -32020)]
    [InlineData("Mcp-Name", "=?base64?=", 400, -32020)]
    [InlineData("Mcp-Name", "=?base64?d2FsbGV0?=", 200, null)]
    public async Task Headers_say_the_same_as_the_body(string header, string value, int status, int? error)
    {
        (string Name, string Value)[] right = [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/call"), ("Mcp-Name", "wallet")];
        var answer = await served.Mcp.Post(Call, default, [.. right.Where(one => one.Name != header), (header, value)]);

        Assert.Equal(status, answer.Status);
        Assert.Equal(7, answer.Message.GetProperty("id").GetInt32());
        Assert.Equal(error, answer.Message.TryGetProperty("error", out var found) ? found.GetProperty("code").GetInt32() : null);
    }

    [Theory]
    [InlineData("initialize")]
    [InlineData("ping")]
    [InlineData("logging/setLevel")]
    [InlineData("resources/subscribe")]
    [InlineData("no/method")]
    public async Task A_method_that_is_not_of_the_revision_is_404(string method)
    {
        var answer = await served.Mcp.Ask(method);

        Assert.Equal((404, -32601), (answer.Status, answer.Error.GetProperty("code").GetInt32()));
    }

    [Fact]
    public async Task An_id_that_was_left_out_is_named_as_missing()
    {
        var refused = (await served.Mcp.Call("run_service", """{"service":"summary","input":{"text":"A long text."}}""")).Refused("malformed_request");

        Assert.Contains("service_id is missing. The same call would be refused again.", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_megabytes_of_arguments_are_413_and_charge_nothing()
    {
        var answer = await served.Mcp.Call("run_service", $$$"""{"service_id":"summary","input":{"text":"{{{new string('a', 2_000_000)}}}"}}""");
        Assert.Equal((413, "payload_too_large"), (answer.Status, answer.Error.GetProperty("data").GetProperty("code").GetString()));

        (await served.Mcp.Call("run_service", $$$"""{"service_id":"summary","input":{"text":"{{{new string('a', 262_200)}}}"}}""")).Refused("payload_too_large");
        Assert.Equal(0, (await served.Mcp.Call("flow_status")).Data.GetProperty("budget").GetProperty("spent_cents").GetInt32());
    }

    [Theory]
    [InlineData("%00")]
    [InlineData("a%2Fb")]
    [InlineData("%")]
    public async Task An_id_is_taken_as_it_stands_and_nothing_in_it_is_decoded(string id)
    {
        (await served.Mcp.Call("get_run", $$"""{"run_id":"{{id}}"}""")).Refused("malformed_request");

        var read = (await served.Mcp.Read($"agora://runs/{Uri.EscapeDataString(id)}")).Error;
        Assert.StartsWith("malformed_request: ", read.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    public async Task There_is_no_session_to_listen_to_or_to_end(string method)
    {
        var answer = await served.Api.Client.Send(new HttpMethod(method), "/mcp", served.Token);

        answer.Refused(405, "method_not_allowed");
    }

    [Fact]
    public async Task A_message_that_wants_no_answer_has_202()
    {
        using var mcp = new McpCaller(served.Api.Client.Address, served.Token) { Revision = "2025-11-25" };

        Assert.Equal(202, (await mcp.Post("""{"jsonrpc":"2.0","method":"notifications/initialized"}""", default, ("MCP-Protocol-Version", "2025-11-25"))).Status);
    }

    [Fact]
    public async Task The_token_of_an_ended_session_gets_session_revoked()
    {
        var token = await served.Api.Client.OpenSession("user-2", "agent-2");
        using var mcp = new McpCaller(served.Api.Client.Address, token);
        (await served.Api.Client.Send(HttpMethod.Delete, "/agent/session", token)).Expect(200);

        (await mcp.Call("run_service", """{"service_id":"summary","input":{"text":"A long text."}}""")).Refused("session_revoked");
    }

    [Fact]
    public async Task A_call_that_is_cancelled_goes_on_and_the_same_call_has_its_outcome()
    {
        await using var api = await RunningApi.Start();
        var (outcome, begun, calls) = (new TaskCompletionSource<StepOutcome>(), new TaskCompletionSource(), 0);
        using var mcp = new McpCaller(api.Client.Address, await api.Client.OpenReady());
        api.Service.Seen = (_, _) =>
        {
            calls++;
            begun.TrySetResult();
        };
        api.Service.Answers = _ => outcome.Task;
        using var leaving = new CancellationTokenSource();

        var left = mcp.Call("run_service", """{"service_id":"summary","input":{"text":"A long text."}}""", leaving.Token);
        await begun.Task;
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        outcome.SetResult(await PlayedService.Says("""{"summary":"Short."}""")(null!));

        Assert.Equal("succeeded", (await mcp.Call("run_service", """{"service_id":"summary","input":{"text":"A long text."}}""")).Data.GetProperty("state").GetString());
        Assert.Equal((1, 25), (calls, (await mcp.Call("flow_status")).Data.GetProperty("budget").GetProperty("spent_cents").GetInt32()));
    }

    public sealed class Served : IAsyncLifetime
    {
        internal RunningApi Api { get; private set; } = null!;

        internal McpCaller Mcp { get; private set; } = null!;

        internal string Token { get; private set; } = "";

        public async Task InitializeAsync()
        {
            Api = await RunningApi.Start();
            Token = await Api.Client.OpenReady();
            Mcp = new(Api.Client.Address, Token);
        }

        public async Task DisposeAsync()
        {
            Mcp.Dispose();
            await Api.DisposeAsync();
        }
    }
}

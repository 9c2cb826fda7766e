using System.Text.Json.Nodes;
using Agora.Samples.Agent;
using static Agora.Samples.Tests.FakeApi;

namespace Agora.Samples.Tests;

public sealed class AgentTests
{
    private const string AuthSchema = """
        {
          "type": "object",
          "properties": {
            "agent_id": { "type": "string" },
            "user_id": { "type": "string" },
            "scopes": { "type": "object", "properties": { "budget_limit_cents": { "type": "number", "minimum": 100 } }, "required": ["budget_limit_cents"] }
          },
          "required": ["agent_id", "user_id", "scopes"]
        }
        """;

    private const string CompleteSchema = """
        {
          "type": "object",
          "properties": {
            "output": { "$id": "urn:task", "type": "object", "properties": { "place": { "$ref": "#/$defs/place" } }, "required": ["place"], "$defs": { "place": { "enum": ["home", "office"] } } },
            "consents": { "type": "array", "prefixItems": [{ "type": "object", "properties": { "type": { "const": "data_sharing" }, "granted": { "const": true } }, "required": ["type", "granted"] }] }
          },
          "required": ["output", "consents"]
        }
        """;

    [Fact]
    public async Task The_agent_walks_the_whole_flow_by_next_actions_and_prints_the_real_output()
    {
        await using var api = new FakeApi();
        api.On("GET /", 200, Success("""{"name":"fake"}""", Action("auth", "POST", "/agent/auth", body: """{"scopes":{"allowed_categories":["*"]}}""", bodySchema: AuthSchema)))
            .On("POST /agent/auth", 201, Success("""{"session_id":"s-1","token":"tok-1"}""", Action("find", "GET", "/agent/services", """{"q":null,"limit":5}""")))
            .On("GET /agent/services?q=a%20summary&limit=5", 200, Success("""{"services":[{},{}],"total_count":2}""",
                Action("complete_task", "POST", "/agent/tasks/{campaign_id}/complete", """{"campaign_id":"c:1"}""", bodySchema: CompleteSchema)))
            .On("POST /agent/tasks/c:1/complete", 503, """{"status":"error","error":{"code":"unavailable"}}""")
            .On("POST /agent/tasks/c:1/complete", 201, Success("""{"completion_id":"x"}""",
                Action("run", "POST", "/agent/services/{id}/run", """{"id":"sum"}""", """{"campaign_id":"c:1"}""",
                    """{"type":"object","properties":{"input":{"type":"object","properties":{"text":{"type":"string","minLength":40}},"required":["text"]}},"required":["input"]}""")))
            .On("POST /agent/services/sum/run", 202, Success("""{"run_id":"r-1","state":"pending","output":null}""", Action("get_run", "GET", "/agent/runs/{run_id}", """{"run_id":"r-1"}""")))
            .On("GET /agent/runs/r-1", 200, Success("""{"run_id":"r-1","output":{"summary":"街灯の話"}}""", Action("status", "GET", "/agent/flow/status")))
            .On("GET /agent/flow/status", 200, Success("""{"step":"done"}""", Action("find", "GET", "/never")));

        var (exit, printed) = await Run(await api.Start(), "--key", "platform", "--user", "u-7", "--agent", "a-7", "--goal", "a summary");

        Assert.Equal(0, exit);
        Assert.Contains("街灯の話", printed, StringComparison.Ordinal);
        Assert.Contains("7. status: GET /agent/flow/status", printed, StringComparison.Ordinal);
        Assert.DoesNotContain("tok-1", printed, StringComparison.Ordinal);
        Assert.DoesNotContain(api.Calls, call => call.Line == "GET /never");
        Assert.Equal(["Bearer platform", "Bearer platform", "Bearer tok-1"], api.Calls.Take(3).Select(call => call.Authorization));
        Assert.Equal("""{"agent_id":"a-7","user_id":"u-7","scopes":{"budget_limit_cents":100,"allowed_categories":["*"]}}""", api.Calls[1].Body);
        Assert.All(api.Calls.Where(call => call.Line.StartsWith("POST", StringComparison.Ordinal)), call => Assert.True(Guid.TryParse(call.IdempotencyKey, out _)));
        Assert.All(api.Calls.Where(call => call.Line.StartsWith("GET", StringComparison.Ordinal)), call => Assert.Null(call.IdempotencyKey));

        var completions = api.Calls.Where(call => call.Line == "POST /agent/tasks/c:1/complete").ToList();
        Assert.Equal("""{"output":{"place":"home"},"consents":[{"type":"data_sharing","granted":true}]}""", completions[0].Body);
        Assert.Equal(completions[0], completions[1]);
        var run = JsonNode.Parse(api.Calls.Single(call => call.Line == "POST /agent/services/sum/run").Body)!;
        Assert.Equal("c:1", (string?)run["campaign_id"]);
        Assert.True(((string)run["input"]!["text"]!).Length > 40);
    }

    [Fact]
    public async Task A_schema_that_is_referred_to_is_read_once_and_the_offered_key_is_sent()
    {
        const string Referring = """{"action":"run","method":"POST","endpoint":"/run","schema_ref":{"url":"/agent/schemas/run","sha256":"abc"},"idempotency_key":"k-1","description":"Does run."}""";
        await using var api = new FakeApi();
        api.On("GET /", 200, Success("{}", Referring))
            .On("GET /agent/schemas/run", 200, Success("""{"schema":{"type":"object","properties":{"n":{"const":7}},"required":["n"]},"sha256":"abc"}"""))
            .On("POST /run", 402, $$$"""{"status":"error","error":{"code":"payment_required","next_actions":[{{{Referring}}}]}}""")
            .On("POST /run", 200, Success("""{"output":"done"}"""));

        Assert.Equal(0, (await Run(await api.Start(), "--key", "k")).Exit);

        Assert.Equal(["GET /", "GET /agent/schemas/run", "POST /run", "POST /run"], api.Calls.Select(call => call.Line));
        Assert.All(api.Calls.Where(call => call.Line == "POST /run"), call => Assert.Equal(("""{"n":7}""", "k-1"), (call.Body, call.IdempotencyKey)));
    }

    [Fact]
    public async Task A_schema_elsewhere_is_not_read()
    {
        await using var api = new FakeApi();
        api.On("GET /", 200, Success("{}", """{"action":"run","method":"POST","endpoint":"/run","schema_ref":{"url":"//elsewhere.example/s","sha256":"abc"},"description":"Does run."}"""));

        Assert.Equal(1, (await Run(await api.Start(), "--key", "k")).Exit);
        Assert.Single(api.Calls);
    }

    [Fact]
    public async Task A_flow_that_ends_without_an_output_exits_1()
    {
        await using var api = new FakeApi();
        api.On("GET /", 200, Success("{}"));

        var (exit, printed) = await Run(await api.Start(), "--key", "k");

        Assert.Equal(1, exit);
        Assert.Contains("No service gave an output.", printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_next_actions_of_an_error_are_followed()
    {
        await using var api = new FakeApi();
        api.On("GET /", 200, Success("{}", Action("run", "POST", "/run")))
            .On("POST /run", 402, $$$"""{"status":"error","error":{"code":"payment_required","next_actions":[{{{Action("do_task", "POST", "/task")}}}]}}""")
            .On("POST /task", 200, Success("""{"output":"done at last"}"""));

        Assert.Equal(0, (await Run(await api.Start(), "--key", "k")).Exit);
    }

    [Fact]
    public async Task A_service_that_refuses_the_input_is_left_for_the_next_one()
    {
        await using var api = new FakeApi();
        api.On("GET /", 200, Success("{}", Action("run", "POST", "/one")))
            .On("POST /one", 502, $$$"""{"status":"error","error":{"code":"upstream_failed","retry":"never","next_actions":[{{{Action("run", "POST", "/one")}}},{{{Action("search", "GET", "/all")}}}]}}""")
            .On("GET /all", 200, Success("{}", Action("run", "POST", "/one"), Action("run", "POST", "/other")))
            .On("POST /other", 200, Success("""{"output":"done"}"""));

        Assert.Equal(0, (await Run(await api.Start(), "--key", "k")).Exit);
        Assert.Equal(4, api.Calls.Length);
    }

    [Fact]
    public async Task An_output_in_an_error_does_not_count_and_exits_1()
    {
        await using var api = new FakeApi();
        api.On("GET /", 502, """{"status":"error","error":{"output":"half","next_actions":[]}}""");

        Assert.Equal(1, (await Run(await api.Start(), "--key", "k")).Exit);
    }

    [Fact]
    public async Task A_flow_that_goes_round_is_left_after_20_steps()
    {
        await using var api = new FakeApi();
        for (var i = 0; i < 30; i++)
            api.On("GET /", 200, Success("{}", Action("again", "GET", "/")));

        Assert.Equal(1, (await Run(await api.Start(), "--key", "k")).Exit);
        Assert.Equal(20, api.Calls.Length);
    }

    [Fact]
    public async Task A_server_that_stays_overloaded_is_asked_5_times()
    {
        await using var api = new FakeApi();
        for (var i = 0; i < 9; i++)
            api.On("GET /", 429, """{"status":"error","error":{"code":"rate_limited"}}""");

        Assert.Equal(1, (await Run(await api.Start(), "--key", "k")).Exit);
        Assert.Equal(5, api.Calls.Length);
    }

    [Theory]
    [InlineData("https://elsewhere.example/steal")]
    [InlineData("//elsewhere.example/steal")]
    [InlineData("/\\elsewhere.example")]
    [InlineData("/agent/tasks/{campaign_id}")]
    public async Task An_action_that_leads_elsewhere_or_is_incomplete_is_not_followed(string endpoint)
    {
        await using var api = new FakeApi();
        api.On("GET /", 200, Success("{}", Action("steal", "POST", endpoint)));

        var (exit, printed) = await Run(await api.Start(), "--key", "k");

        Assert.Equal(1, exit);
        Assert.Contains("Stopped: The action leads to", printed, StringComparison.Ordinal);
        Assert.Single(api.Calls);
    }

    [Theory]
    [InlineData("{not json")]
    [InlineData("""{"next_actions":[{"endpoint":"/x"}]}""")]
    [InlineData("""{"next_actions":[{"method":"GET"}]}""")]
    [InlineData("""{"next_actions":[{"method":"GET","endpoint":{}}]}""")]
    [InlineData("""{"next_actions":[5]}""")]
    public async Task A_reply_that_makes_no_sense_stops_the_walk_with_a_line_and_exits_1(string reply)
    {
        await using var api = new FakeApi();
        api.On("GET /", 200, reply);

        var (exit, printed) = await Run(await api.Start(), "--key", "k");

        Assert.Equal(1, exit);
        Assert.Contains("Stopped: ", printed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData()]
    [InlineData("not a url", "--key", "k")]
    [InlineData("http://127.0.0.1:1", "--key", "")]
    [InlineData("http://127.0.0.1:1", "--key")]
    [InlineData("http://127.0.0.1:1", "--key", "k", "--fill", "nothing")]
    [InlineData("http://127.0.0.1:1", "--key", "k", "--colour", "red")]
    public async Task Bad_arguments_print_the_usage_and_exit_2(params string[] args)
    {
        var (exit, printed) = await Run(args);

        Assert.Equal(2, exit);
        Assert.StartsWith("Usage:", printed, StringComparison.Ordinal);
    }

    private static async Task<(int Exit, string Printed)> Run(params string[] args)
    {
        var print = new StringWriter();
        return (await SampleAgent.Run(args, print, CancellationToken.None), print.ToString());
    }
}

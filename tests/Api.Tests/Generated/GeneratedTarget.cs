using System.Text.Json.Nodes;
using Agora.Api.Tests.Support;
using Agora.Api.Tests.Tenants;

namespace Agora.Api.Tests.Generated;

/// <summary>A server with something of everything, and its document.</summary>
internal sealed class GeneratedTarget : IAsyncDisposable
{
    private static readonly string[] Lists =
        ["users", "agents", "services", "campaigns", "sessions", "runs", "payments", "completions", "approvals", "wallets/agent:agent-1", "acts", "campaigns/survey/rewards", "campaigns/survey", "users/user-1", "users/user-1/grants/agent-1", "services/summary", "agents/agent-1"];

    /// <summary>Of all that there is: whoever acts out of scope again and again is suspended.</summary>
    private const string Grant = """{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"allowed_payees":["*"],"allowed_peers":["*"],"budget_limit_cents":100000},"max_live_sessions":1000}""";

    private readonly RunningApi _api;
    private readonly FilledTenant _filled;
    private readonly string _token;
    private readonly string _run;
    private readonly JsonObject _document;
    private readonly PublishedSchemas _schemas;

    private GeneratedTarget(RunningApi api, FilledTenant filled, string token, string run, JsonObject document) => (_api, _filled, _token, _run, _document, _schemas) = (api, filled, token, run, document, new(document));

    public static async Task<GeneratedTarget> Start()
    {
        var api = await RunningApi.Start();
        var filled = await FilledTenant.Of(api);
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1/grants/agent-1", Grant)).Expect(200);
        var token = (await api.Client.Post("/agent/auth", RunningApi.PlatformKey, """{"agent_id":"agent-1","user_id":"user-1"}""")).Expect(201).Data.GetProperty("token").GetString()!;
        var run = (await api.Client.Post("/agent/services/summary/run", token, """{"input":{"text":"Another text."}}""")).Expect(200).Data;
        await api.MakeCheckpoint();
        return new(api, filled, token, run.GetProperty("run_id").GetString()!, JsonNode.Parse(await api.Client.Text("/openapi/v1.json"))!.AsObject());
    }

    /// <summary>Reads first, then what agents do, and last what operators do and what ends the session.</summary>
    public IEnumerable<GeneratedCalls> Operations() =>
        from path in _document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        let described = operation.Value!.AsObject()
        orderby (operation.Key != "get", (string)described["tags"]![0]! != "Agents", (string)described["operationId"]! == "end_session")
        select new GeneratedCalls(_schemas, path.Key, operation.Key, described, Fitting((string)described["operationId"]!));

    public async Task<Support.Received> Send(GeneratedCall call)
    {
        var scheme = _document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).Single(operation => (string)operation.Value!["operationId"]! == call.Operation).Value!["security"]![0]!.AsObject().Single().Key;
        var key = scheme switch { "sessionToken" => _token, "agentKey" => RunningApi.PlatformKey, _ => RunningApi.AdminKey };
        return await _api.Client.Send(new(call.Method), call.Path, key, call.Body, [.. call.Headers]);
    }

    /// <summary>What a call that was let through by mistake would change.</summary>
    public async Task<string> Look()
    {
        var seen = await Task.WhenAll(Lists.Select(async list => (await _api.Client.Admin(HttpMethod.Get, $"/admin/{list}")).Expect(200).Data.ToString()));
        return string.Join('\n', [(await _api.Client.Get("/agent/flow/status", _token)).Expect(200).Data.ToString(), .. seen]).WithoutProjections();
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    private Dictionary<string, string?> Fitting(string operation)
    {
        var fitting = new Dictionary<string, string?>(_filled.Ids.Select(id => KeyValuePair.Create<string, string?>(id.Key, id.Value)))
        {
            ["run_id"] = operation == "decide_approval" ? _filled.WaitingRun : _run,
            ["starts_at"] = "2030-01-01T00:00:00Z",
            ["time_zone"] = "Asia/Tokyo",
            ["endpoint"] = "https://text.example/summary",
        };
        if (operation == "patch_service")
        {
            fitting["max_price_cents"] = null; // the service that is there has a price
            (fitting["model"], fitting["routes"]) = (null, null); // and is called at an address
        }

        return fitting;
    }
}

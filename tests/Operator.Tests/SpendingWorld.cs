using System.Text.Json;
using Agora.ScriptedModels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Agora.Operator.Tests;

/// <summary>A session that called a model, ran a service, paid another wallet and delegated to another agent, which did likewise.</summary>
public sealed class SpendingWorld : IAsyncLifetime
{
    private WebApplication _service = null!;
    private ScriptedProvider _provider = null!;

    /// <summary>Of all models.</summary>
    internal ScriptedProvider Provider => _provider;

    public ConsoleWorld Console { get; private set; } = null!;

    public string Session { get; private set; } = "";

    public string Below { get; private set; } = "";

    public async Task InitializeAsync()
    {
        _provider = await ScriptedProvider.Start(new() { Reply = new() { Text = Words.Of(900), CacheRead = 4_000 } });
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _service = builder.Build();
        _service.Urls.Add("http://127.0.0.1:0");
        _service.MapPost("/run", static () => Results.Json(new { output = new { text = "done" } }));
        await _service.StartAsync();
        Console = new() { Settings = [new("AGORA_MODEL_PROVIDERS", $$"""[{"name":"scripted","wire":"openai","url":"{{_provider.Url}}v1","keys":["{{Script.UsualKey}}"]}]""")] };
        await Console.InitializeAsync();
        foreach (var (model, cents) in new[] { ("house-model", 900), ("small-model", 60) })
        {
            await Console.Put($"/admin/services/{model}", $$$"""{"name":"{{{model}}}","description":"A model","category":"model","provider":"house","max_price_cents":500,"endpoint":"model:scripted","model":{"name":"{{{model}}}","max_output_tokens":8192,"default_output_tokens":4096,"prices":[{"version":1,"from":"2026-01-01T00:00:00Z","rates":[{"input_cents":125,"output_cents":{{{cents}}}}]}]}}""");
        }

        await Console.Put("/admin/services/upper", $$"""{"name":"Upper","description":"Says it again","category":"text","provider":"texts","endpoint":"{{_service.Urls.First()}}/run","price_cents":0.35}""");
        foreach (var agent in new[] { "planner", "writer" }) await Console.Put($"/admin/agents/{agent}", "{}");
        await Console.Agent("/admin/wallets/agent:planner/deposit", ConsoleWorld.Admin, """{"amount_cents":100}""");
        await Spend();
    }

    public async Task DisposeAsync()
    {
        await Console.DisposeAsync();
        await _service.DisposeAsync();
        await _provider.DisposeAsync();
    }

    private async Task Spend()
    {
        const string All = """["*"]""";
        var opened = await Done(() => Console.Agent("/agent/auth", ConsoleWorld.Platform, $$$"""
            {"agent_id":"planner","user_id":"alice","scopes":{"allowed_task_types":{{{All}}},"allowed_data_types":{{{All}}},"allowed_categories":{{{All}}},"allowed_consents":{{{All}}},"allowed_payees":{{{All}}},"budget_limit_cents":20}}
            """));
        var token = opened.GetProperty("token").GetString()!;
        Session = opened.GetProperty("session_id").GetString()!;
        var delegated = await Done(() => Console.Agent("/agent/session/delegate", token, """{"agent_id":"writer","scopes":{"budget_limit_cents":8}}"""));
        Below = delegated.GetProperty("session_id").GetString()!;
        var below = delegated.GetProperty("token").GetString()!;
        foreach (var (who, model, calls) in new[] { (token, "house-model", 4), (token, "small-model", 6), (below, "house-model", 2) })
        {
            for (var n = 0; n < calls; n++) await Done(() => Console.Agent("/openai/v1/chat/completions", who, $$"""{"model":"{{model}}","max_completion_tokens":1024,"messages":[{"role":"user","content":"{{Words.Of(4_500)}}"}]}"""));
        }

        foreach (var who in new[] { token, below }) await Done(() => Console.Agent("/agent/services/upper/run", who, """{"input":{"text":"again"},"pay_with":"wallet","max_price_cents":5}"""));
        await Done(() => Console.Agent("/agent/wallet/transfer", token, """{"to":"agent:writer","amount_cents":1.25}"""));
        for (var n = 0; (await Console.Read($"/admin/sessions/{Session}/spending")).GetProperty("nodes")[0].GetProperty("beyond_cents").GetDecimal() != 0; n++)
        {
            Assert.True(n < 80, "what is spent below never came up");
            await Task.Delay(250);
        }
    }

    // What operators put is found by agents within a second.
    private static async Task<JsonElement> Done(Func<Task<(int Status, JsonElement Body)>> ask)
    {
        for (var n = 0; ; n++)
        {
            var (status, body) = await ask();
            if (status is 200 or 201) return body.TryGetProperty("data", out var data) ? data : body;

            Assert.True(n < 20, body.ToString());
            await Task.Delay(250);
        }
    }
}

using System.Text.Json;
using Agora.ScriptedModels;

namespace Agora.Operator.Tests;

/// <summary>A server with models that answer as a script says, and sessions whose tokens open the pages in which people talk.</summary>
public sealed class TalkWorld : IAsyncLifetime
{
    internal ScriptedProvider Provider { get; private set; } = null!;

    public ConsoleWorld Console { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Provider = await ScriptedProvider.Start(new() { Reply = new() { Text = "Begin at Kasuga Taisha." } });
        Console = new() { Settings = [new("AGORA_MODEL_PROVIDERS", $$"""[{"name":"scripted","wire":"openai","url":"{{Provider.Url}}v1","keys":["{{Script.UsualKey}}"]}]""")] };
        await Console.InitializeAsync();
        foreach (var model in (string[])["fast", "strong"])
        {
            await Console.Put($"/admin/services/{model}", $$$"""{"name":"{{{model}}}","description":"A model","category":"model","provider":"house","max_price_cents":500,"endpoint":"model:scripted","model":{"name":"{{{model}}}","max_output_tokens":8192,"default_output_tokens":256,"prices":[{"version":1,"from":"2026-01-01T00:00:00Z","rates":[{"input_cents":125,"output_cents":900}]}]}}""");
        }

        await Console.Put("/admin/agents/planner", "{}");
        await Token("warm"); // models are found by then
    }

    public async Task DisposeAsync()
    {
        await Console.DisposeAsync();
        await Provider.DisposeAsync();
    }

    /// <summary>Of a new session of a user.</summary>
    public async Task<string> Token(string user, decimal cents = 500)
    {
        const string All = """["*"]""";
        await Console.Put($"/admin/users/{user}", """{"daily_cap_cents":1000}""");
        for (var n = 0; ; n++)
        {
            var (status, body) = await Console.Agent("/agent/auth", ConsoleWorld.Platform, $$$"""
                {"agent_id":"planner","user_id":"{{{user}}}","scopes":{"allowed_task_types":{{{All}}},"allowed_data_types":{{{All}}},"allowed_categories":{{{All}}},"allowed_consents":{{{All}}},"budget_limit_cents":{{{cents}}}}}
                """);
            var token = status == 201 ? body.GetProperty("data").GetProperty("token").GetString()! : null;
            if (token is not null && await IsFound(token)) return token;

            Assert.True(n < 20, body.ToString());
            await Task.Delay(250);
        }
    }

    /// <summary>What agents' routes say.</summary>
    public async Task<JsonElement> Read(string path, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Authorization", $"Bearer {token}" } } };
        using var answer = await Console.Http.SendAsync(request);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }

    internal async Task<Visitor> SignedIn(string token)
    {
        var visitor = new Visitor(Console.Http, "");
        await visitor.Open("/talk");
        await visitor.Send(visitor.Page.Forms.Single(), ("token", token));
        Assert.True(visitor.Address.AbsolutePath == "/talk" && visitor.Status == System.Net.HttpStatusCode.OK, $"{visitor.Address}: {visitor.Status} {visitor.Text}");
        return visitor;
    }

    // What operators put is found by agents within a second.
    private async Task<bool> IsFound(string token)
    {
        var models = await Read("/openai/v1/models", token);
        return models.GetProperty("data").GetArrayLength() >= 2;
    }
}

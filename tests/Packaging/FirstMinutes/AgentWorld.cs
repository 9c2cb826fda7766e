using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Agora.Crash.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Agora.Packaging.FirstMinutes;

/// <summary>A <c>./run</c> with two services, one dear and one cheap, and a campaign that pays for both once its task is done; operators, and the provider, are the test's to play.</summary>
public sealed class AgentWorld : IAsyncLifetime
{
    internal const string Dear = "/agent/services/dear/run";
    internal const string Cheap = "/agent/services/cheap/run";

    private readonly Shell _shell = new();
    private readonly ConcurrentQueue<int> _failures = new();
    private readonly string _url = ServerProcess.FreeAddress().ToString().TrimEnd('/');
    private readonly WebApplication _provider;
    private readonly ApiClient _api;
    private Process _server = null!;
    private Action? _onCall;

    public AgentWorld()
    {
        _api = new(new(_url));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _provider = builder.Build();
        _provider.MapPost("/{service}", Answer);
    }

    public async Task InitializeAsync()
    {
        await _provider.StartAsync();
        Start();
        await PutService("dear", 5);
        await PutService("cheap", 2);
        await PutCampaign("survey");
    }

    public async Task DisposeAsync()
    {
        Stop();
        _api.Dispose();
        await _provider.DisposeAsync();
        _shell.Dispose();
    }

    /// <summary>As a new user's agent, whose world changes as it is told before its first request of this path.</summary>
    internal Task<Walked> Walk(string name, string before, Func<AgentStep, Task> change, Func<AgentStep, Task>? whileItWaits = null) => Walk(name, once: [(before, change)], whileItWaits);

    internal async Task<Walked> Walk(string name, IReadOnlyList<(string Before, Func<AgentStep, Task> Change)>? once = null, Func<AgentStep, Task>? whileItWaits = null, string? key = null)
    {
        var left = (once ?? []).ToList();
        var (told, why, steps) = await WatchedAgent.Walk(_url, key ?? ServerProcess.PlatformKey, Words(name), async step =>
        {
            if (step.Method == "wait" && whileItWaits is not null)
            {
                await whileItWaits(step);
            }
            else if (left.FindIndex(one => step.Path.StartsWith(one.Before, StringComparison.Ordinal)) is >= 0 and var found)
            {
                var change = left[found].Change;
                left.RemoveAt(found);
                await change(step);
            }
        });
        Assert.Empty(left);
        Assert.True(told is not null, $"It gave up: {why}\n{WatchedAgent.Told(steps)}");
        return new(told, steps, (await Admin(HttpMethod.Get, $"/admin/payments?user_id=user-{name}")).GetProperty("payments").EnumerateArray().Select(p => p.GetProperty("amount_cents").GetDecimal()).ToList());
    }

    /// <summary>Nothing that it could do helps it.</summary>
    /// <returns>Why it gave up, and its steps.</returns>
    internal async Task<(string Why, IReadOnlyList<AgentStep> Steps)> GiveUp(string name, string? key = null, params string[] unsaid)
    {
        var words = Words(name);
        foreach (var word in unsaid)
        {
            words.Remove(word);
        }

        var (told, why, steps) = await WatchedAgent.Walk(_url, key ?? ServerProcess.PlatformKey, words, _ => Task.CompletedTask);
        Assert.Null(told);
        return (why, steps);
    }

    private static JsonObject Words(string name) => new()
    {
        ["agent_id"] = $"agent-{name}",
        ["user_id"] = $"user-{name}",
        ["input"] = new JsonObject { ["text"] = "A long text." },
        ["output"] = new JsonObject { ["rating"] = 5 },
        ["consents"] = new JsonArray(new JsonObject { ["type"] = "data_sharing", ["granted"] = true }),
    };

    /// <summary>Somebody else who has the agent's token.</summary>
    internal Task<Received> Send(HttpMethod method, string path, string token, string? json = null, string? key = null) =>
        method == HttpMethod.Get ? _api.Get(path, token) : _api.Post(path, token, json ?? "{}", key);

    internal async Task<System.Text.Json.JsonElement> Admin(HttpMethod method, string path, string? json = null, string? key = null)
    {
        var reply = await _api.Admin(method, path, json, key);
        Assert.True(reply.Status is 200 or 201, $"{method} {path}: {reply.Json}");
        return reply.Data;
    }

    internal Task PutService(string id, int cents) => Admin(HttpMethod.Put, $"/admin/services/{id}", $$"""
        {"name":"{{id}}","description":"It summarizes","category":"text","price_cents":{{cents}},"endpoint":"{{_provider.Urls.Single()}}/{{id}}","provider":"provider",
         "input_schema":{"type":"object","required":["text"]} }
        """);

    /// <summary>With money, for a reward of 3 cents and runs of both services.</summary>
    internal async Task PutCampaign(string id)
    {
        await Admin(HttpMethod.Put, $"/admin/campaigns/{id}", """
            {"sponsor":"Acme","task":{"name":"Survey","type":"survey","description":"One question","schema":{"type":"object","required":["rating"]},"data_types":["preferences"],"consents":["data_sharing"]},
             "services":[{"service_id":"dear"},{"service_id":"cheap"}],"runs_per_completion":10,"reward_cents":3,"payout_delay_seconds":0}
            """);
        await Admin(HttpMethod.Post, $"/admin/campaigns/{id}/fund", """{"amount_cents":100000}""", $"fund-{id}");
    }

    /// <summary>The next calls of services are answered so; then they work again.</summary>
    internal Task Fail(int status, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            _failures.Enqueue(status);
        }

        return Task.CompletedTask;
    }

    internal void Work() => _failures.Clear();

    internal Task KillInTheNextCall()
    {
        _onCall = Stop;
        return Task.CompletedTask;
    }

    internal Task Restart()
    {
        Stop();
        Start();
        return Task.CompletedTask;
    }

    private async Task Answer(HttpContext http)
    {
        Interlocked.Exchange(ref _onCall, null)?.Invoke();
        http.Response.StatusCode = _failures.TryDequeue(out var status) ? status : 200;
        await http.Response.WriteAsJsonAsync(new { summary = "Short." });
    }

    /// <summary>kill -9.</summary>
    private void Stop()
    {
        _server.Kill();
        _server.WaitForExit();
    }

    private void Start() => (_server, _) = _shell.Begin("/run -H", ["./run", "--urls", _url], ("AGENT_API_KEY", ServerProcess.PlatformKey), ("AGORA_ADMIN_KEY", ServerProcess.AdminKey));
}

/// <param name="Paid">Cents of each payment for its user.</param>
internal sealed record Walked(JsonNode Told, IReadOnlyList<AgentStep> Steps, IReadOnlyList<decimal> Paid)
{
    public string Token => Steps[^1].Token;

    /// <summary>It has earned, and paid so much, once.</summary>
    public Walked HasPaid(params decimal[] cents)
    {
        Assert.True(Told["completion_id"] is not null && Told["payment"] is not null, $"{Told}\n{WatchedAgent.Told(Steps)}");
        Assert.Equal(cents.Order(), Paid.Order());
        Assert.Equal(3m, (decimal)Told["reward"]!["amount_cents"]!);
        return this;
    }
}

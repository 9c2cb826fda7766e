using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Agora.Samples.Agent;

/// <summary>
/// An agent with money of its own, step by step: it does a task that rewards it, pays for a service from its wallet, gives a helper
/// a part of its budget, and keeps the receipt, which is checked against the server's published keys.
/// </summary>
/// <param name="verifies">Whether a compact JWS (RFC 7515) is signed by a key of a JWK set (RFC 7517).</param>
public sealed class MoneyTour(HttpClient http, TextWriter print, Func<string, JsonNode, bool> verifies)
{
    private const string Helper = "sample-helper";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly BodyWriter Bodies = new([]);
    private int _step;

    /// <returns>Whether all of it went as told.</returns>
    public async Task<bool> Walk(string key, string agent, string user, CancellationToken cancel)
    {
        try
        {
            var token = (string)(await Do("open a session that may pay others", key, HttpMethod.Post, "/agent/auth", Session(agent, user), cancel))["token"]!;
            await Earn(token, cancel);
            var run = await Pay(token, cancel);
            await Delegate(token, cancel);
            return await Prove(token, run, cancel);
        }
        catch (InvalidDataException failure)
        {
            print.WriteLine($"Stopped: {failure.Message}");
            return false;
        }
    }

    private static JsonObject Session(string agent, string user) => new()
    {
        ["agent_id"] = agent,
        ["user_id"] = user,
        ["scopes"] = new JsonObject
        {
            ["allowed_task_types"] = All(),
            ["allowed_data_types"] = All(),
            ["allowed_categories"] = All(),
            ["allowed_consents"] = All(),
            ["allowed_payees"] = All(),
            ["budget_limit_cents"] = 50,
        },
    };

    private static JsonArray All() => ["*"];

    private async Task Earn(string token, CancellationToken cancel)
    {
        var tasks = await Do("look for a task that rewards", token, HttpMethod.Get, "/agent/tasks", null, cancel);
        var id = tasks["tasks"]!.AsArray().FirstOrDefault(t => (decimal?)t!["reward_cents"] > 0 && (bool?)t["completed"] == false)?["campaign_id"]?.ToString()
            ?? throw new InvalidDataException("No task rewards.");
        var before = (decimal)(await Get(token, "/agent/wallet", cancel))["balance_cents"]!;
        var task = (await Get(token, $"/agent/tasks/{id}", cancel))["task"]!;
        var done = new JsonObject
        {
            ["output"] = Bodies.Write(task["schema"], null),
            ["consents"] = new JsonArray([.. task["consents"]!.AsArray().Select(type => new JsonObject { ["type"] = type!.ToString(), ["granted"] = true })]),
        };
        await Do("do it", token, HttpMethod.Post, $"/agent/tasks/{id}/complete", done, cancel);
        await Until("wait for the reward", token, "/agent/wallet", wallet => (decimal)wallet["balance_cents"]! > before, cancel);
    }

    private async Task<string> Pay(string token, CancellationToken cancel)
    {
        var service = (await Get(token, "/agent/services", cancel))["services"]!.AsArray().MinBy(s => (decimal)s!["price_cents"]!)
            ?? throw new InvalidDataException("There is no service.");
        var body = Run(service, "wallet");
        var run = await Do("pay a service from the wallet", token, HttpMethod.Post, $"/agent/services/{service["service_id"]}/run", body, cancel);
        return run["run_id"]!.ToString();
    }

    private async Task Delegate(string token, CancellationToken cancel)
    {
        var narrowed = new JsonObject { ["agent_id"] = Helper, ["scopes"] = new JsonObject { ["allowed_payees"] = new JsonArray(), ["budget_limit_cents"] = 5 } };
        var child = await Do("give a helper 5 cents of the budget", token, HttpMethod.Post, "/agent/session/delegate", narrowed, cancel);
        var helper = (string)child["token"]!;
        var service = (await Get(helper, "/agent/services?sponsored=true", cancel))["services"]!.AsArray().FirstOrDefault(s => s!["sponsors"]!.AsArray().Any(p => (bool)p!["task_completed"]!))
            ?? throw new InvalidDataException("No service is sponsored for the helper.");
        await Do("the helper runs a service that a sponsor pays", helper, HttpMethod.Post, $"/agent/services/{service["service_id"]}/run", Run(service, "sponsor"), cancel);
        await Do("see the tree of budgets", token, HttpMethod.Get, "/agent/session/tree", null, cancel);
    }

    private async Task<bool> Prove(string token, string run, CancellationToken cancel)
    {
        var receipt = (string)(await Do("fetch the receipt of what the wallet paid", token, HttpMethod.Get, $"/agent/runs/{run}/receipt", null, cancel))["receipt"]!;
        using var keys = await http.GetAsync("/.well-known/jwks.json", cancel);
        var isGood = verifies(receipt, JsonNode.Parse(await keys.Content.ReadAsStringAsync(cancel))!);
        print.WriteLine($"The receipt, a JWS that anyone can check:\n{receipt}\nIts signature is {(isGood ? "good" : "NOT good")}.");
        return isGood;
    }

    private static JsonObject Run(JsonNode service, string payer) => new()
    {
        ["input"] = Bodies.Write(service["input_schema"], null),
        ["pay_with"] = payer,
        ["max_price_cents"] = service["price_cents"]!.DeepClone(),
    };

    private async Task Until(string what, string token, string path, Func<JsonNode, bool> holds, CancellationToken cancel)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        late.CancelAfter(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var seen = await Get(token, path, cancel);
        try
        {
            while (!holds(seen))
            {
                await timer.WaitForNextTickAsync(late.Token);
                seen = await Get(token, path, cancel);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new InvalidDataException($"Had to {what}, in vain: {seen.ToJsonString()}");
        }

        Tell(what, HttpMethod.Get, path, 200, seen);
    }

    private async Task<JsonNode> Get(string token, string path, CancellationToken cancel) => (await Send(token, HttpMethod.Get, path, null, cancel)).Data;

    private async Task<JsonNode> Do(string what, string token, HttpMethod method, string path, JsonNode? body, CancellationToken cancel)
    {
        var (status, data) = await Send(token, method, path, body, cancel);
        Tell(what, method, path, status, data);
        return data;
    }

    private void Tell(string what, HttpMethod method, string path, int status, JsonNode data) =>
        print.WriteLine($"{++_step,2}. {what}: {method} {path}\n    -> {status} {Agent.Walk.Essence(data)}");

    private async Task<(int Status, JsonNode Data)> Send(string token, HttpMethod method, string path, JsonNode? body, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body.ToJsonString(), null, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (method != HttpMethod.Get)
            request.Headers.Add("Idempotency-Key", Guid.CreateVersion7().ToString());
        using var response = await http.SendAsync(request, cancel);
        var text = await response.Content.ReadAsStringAsync(cancel);
        return response.IsSuccessStatusCode && JsonNode.Parse(text)?["data"] is { } data
            ? ((int)response.StatusCode, data)
            : throw new InvalidDataException($"{method} {path}: {(int)response.StatusCode} {text}");
    }
}

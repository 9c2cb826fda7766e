using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Cli.Calls;
using Agora.Cli.Output;
using Agora.Cli.Profiles;

namespace Agora.Cli.Beginning;

internal sealed record Begun(string Service, string AgentKey, string Token);

/// <summary>Each step is a call that anybody could make; one that is refused ends it with what the server said.</summary>
internal sealed class FirstRun(Profile profile, Terminal terminal, CancellationToken cancel)
{
    private const string Name = "quickstart";
    private const string SampleService = "text-summary";
    private const int Steps = 6;
    private const int RunsPaid = 10;
    private int _step;

    public async Task<Begun> Make(string? endpoint, string? serviceId, decimal priceCents, JsonObject input)
    {
        var service = endpoint is null ? await OneOf(serviceId) : await PutService(endpoint, priceCents);
        var (campaign, user) = ($"{Name}-{service}", $"{Name}-{Guid.NewGuid():N}");
        await Sponsor(campaign, service);
        var key = await AgentKey(user);
        var token = Text(await Say("opens a session", "POST", "/agent/auth", key, new JsonObject { ["agent_id"] = Name, ["user_id"] = user }), "token");
        await Say("does the sponsor's task", "POST", $"/agent/tasks/{campaign}/complete", token, new()
        {
            ["output"] = new JsonObject { ["rating"] = 5 }, ["consents"] = new JsonArray(new JsonObject { ["type"] = "data_sharing", ["granted"] = true }),
        });
        var run = await Say("runs the service", "POST", $"/agent/services/{service}/run", token, new() { ["input"] = input });
        Tables.Write(terminal, run);
        return new(service, key, token);
    }

    private async Task<string> OneOf(string? wanted)
    {
        var services = (await Say("finds a service", "GET", "/admin/services?limit=100", Admin, null)).GetProperty("services").EnumerateArray().Select(service => Text(service, "service_id")).ToList();
        return services.Count == 0 ? throw CliException.Wrong("There is no service yet: name yours by --endpoint URL.")
            : wanted is null ? services.Find(service => service == SampleService) ?? services[0]
            : services.Contains(wanted) ? wanted
            : throw CliException.Wrong($"There is no service '{wanted}' among the first {services.Count}.");
    }

    private async Task<string> PutService(string endpoint, decimal priceCents)
    {
        await Say("puts the service", "PUT", $"/admin/services/{Name}", Admin, new()
        {
            ["name"] = "Quickstart", ["description"] = "A service to begin with.", ["category"] = "text", ["price_cents"] = priceCents, ["endpoint"] = endpoint, ["provider"] = "quickstart-provider",
        });
        return Name;
    }

    private async Task Sponsor(string campaign, string service)
    {
        var put = new JsonObject
        {
            ["sponsor"] = "Quickstart", ["services"] = new JsonArray(new JsonObject { ["service_id"] = service }), ["runs_per_completion"] = RunsPaid,
            ["task"] = JsonNode.Parse("""{"name":"A rating","type":"survey","description":"How is it, from 1 to 5?","schema":{"type":"object","properties":{"rating":{"type":"integer","minimum":1,"maximum":5}},"required":["rating"]},"data_types":["preferences"],"consents":["data_sharing"]}"""),
        };
        await Say("puts a campaign that pays for it", "PUT", $"/admin/campaigns/{campaign}", Admin, put);
        var price = (await Send("GET", $"/admin/services/{service}", Admin, null)).GetProperty("price_cents").GetDecimal();
        await Send("POST", $"/admin/campaigns/{campaign}/fund", Admin, new() { ["amount_cents"] = Math.Max(1, price * RunsPaid) });
    }

    private async Task<string> AgentKey(string user)
    {
        await Send("PUT", $"/admin/agents/{Name}", Admin, []);
        await Send("PUT", $"/admin/users/{user}", Admin, []);
        await Send("PUT", $"/admin/users/{user}/grants/{Name}", Admin, new()
        {
            ["scopes"] = JsonNode.Parse("""{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":1000}"""),
        });
        return Text(await Say("issues the agent's key", "POST", $"/admin/agents/{Name}/keys", Admin, []), "key");
    }

    private string Admin => profile.Credential("operatorKey");

    private async Task<JsonElement> Say(string does, string method, string route, string credential, JsonObject? body)
    {
        await terminal.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"[{++_step}/{Steps}] {does}"));
        return await Send(method, route, credential, body);
    }

    private async Task<JsonElement> Send(string method, string route, string credential, JsonObject? body)
    {
        (string, string)[] headers = method == "POST" ? [(ApiOperation.KeyHeader, Guid.NewGuid().ToString("D"))] : [];
        return await Questions.Data(profile, new(method, Caller.At(profile.Address, route), body?.ToJsonString(), headers), credential, cancel);
    }

    private static string Text(JsonElement data, string name) => data.GetProperty(name).GetString()!;
}

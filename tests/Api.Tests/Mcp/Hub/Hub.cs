using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Application.Catalogue;
using Agora.Core.Kernel;
using Agora.Outbound.Commands;
using Agora.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Mcp.Hub;

/// <summary>The API with one upstream, <c>calc</c>, whose server is the test's.</summary>
internal sealed class HubApi : IAsyncDisposable
{
    public const string Secret = "Bearer the-secret-of-the-upstream-0123456789";

    public required RunningApi Api { get; init; }

    public required ToolServer Server { get; init; }

    public Client Client => Api.Client;

    public static async Task<HubApi> Start(Action<ToolServer>? server = null, string more = "", IReadOnlyList<AllowedCommand>? commands = null, Microsoft.Extensions.Logging.ILoggerProvider? log = null)
    {
        var hub = new HubApi { Server = await ToolServer.Start(), Api = await RunningApi.Start(commands: commands ?? [], log: log) };
        server?.Invoke(hub.Server);
        await hub.Put(more);
        return hub;
    }

    public async Task<Received> Put(string more = "", params Uri[] urls) => (await Client.Admin(
        HttpMethod.Put,
        "/admin/upstreams/calc",
        $$"""{"urls":[{{string.Join(',', (urls.Length == 0 ? [Server.Address] : urls).Select(url => $"\"{url}\""))}}],"auth":{"header":"Authorization","secret":"{{Secret}}"},"category":"math","price_cents":5,"provider":"calc-provider"{{more}}}""")).Expect(200);

    public async Task<Received> Refresh() => (await Client.Admin(HttpMethod.Post, "/admin/upstreams/calc/refresh", "{}")).Expect(200);

    public async Task<IReadOnlyList<JsonElement>> Tools() => [.. (await Client.Admin(HttpMethod.Get, "/admin/upstreams/calc/tools")).Expect(200).Data.GetProperty("tools").EnumerateArray()];

    public async Task<JsonElement> Tool(string name) => (await Tools()).Single(tool => tool.GetProperty("service_id").GetString() == $"calc__{name}");

    public async Task<string> State(string name) => (await Tool(name)).GetProperty("state").GetString()!;

    /// <summary>As it is offered now, and until agents can run it.</summary>
    public async Task Approve(string name = "add")
    {
        await Refresh();
        var hash = (await Tool(name)).GetProperty("offered").GetProperty("hash").GetString();
        (await Client.Admin(HttpMethod.Post, $"/admin/upstreams/calc/tools/calc__{name}/approve", $$"""{"hash":"{{hash}}"}""")).Expect(200);
        await IsActive(name, true);
    }

    public Task IsActive(string name, bool active) => Eventually(async () =>
    {
        var service = await Client.Admin(HttpMethod.Get, $"/admin/services/calc__{name}");
        return service.Status == 200 && service.Data.GetProperty("active").GetBoolean() == active && (Api.Services.GetRequiredService<Catalogues>().In(Tenant.Default).Active($"calc__{name}") is not null) == active;
    });

    /// <summary>The wallet of an agent that pays for its own runs.</summary>
    public async Task<string> Session(string budgetCents = "1000", string scopes = """["*"]""")
    {
        await Client.PutAgents("agent-1");
        (await Client.Admin(HttpMethod.Post, "/admin/wallets/agent:agent-1/deposit", """{"amount_cents":1000}""", ("Idempotency-Key", "deposit-1"))).Expect(200);
        return await Client.OpenSession(budgetCents: budgetCents, scopes: scopes);
    }

    public Task<Received> Run(string token, string input = """{"a":1,"b":2}""", string tool = "add", params (string Name, string Value)[] headers) =>
        Client.Post($"/agent/services/calc__{tool}/run", token, $$"""{"input":{{input}},"max_price_cents":5}""", headers);

    public static async Task Eventually(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(Hang.Timeout);
        while (!await holds())
        {
            await Task.Delay(20, patience.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        await Server.DisposeAsync();
    }
}

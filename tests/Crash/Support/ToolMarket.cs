using System.Text.Json;
using Agora.Testing;

namespace Agora.Crash.Support;

/// <summary>An upstream, <c>calc</c>, whose tools agents pay for out of their wallets: as its operator and its agents see it.</summary>
internal static class ToolMarket
{
    public const int PriceCents = 5;
    public const int DepositCents = 10_000;
    private const string Upstream = "/admin/upstreams/calc";
    private static readonly TimeSpan Patience = Hang.Timeout;

    public static string Allowed(params IEnumerable<ToolServer> servers) => string.Join(',', servers.Select(server => $"{server.Address.Host}:{server.Address.Port}"));

    public static async Task Put(ApiClient api, params IEnumerable<ToolServer> servers) => (await api.Admin(
        HttpMethod.Put,
        Upstream,
        $$"""{"urls":[{{string.Join(',', servers.Select(server => $"\"{server.Address}\""))}}],"category":"math","price_cents":{{PriceCents}},"provider":"calc-provider"}""")).Expect(200);

    public static async Task Refresh(ApiClient api) => (await api.Admin(HttpMethod.Post, $"{Upstream}/refresh", "{}")).Expect(200);

    /// <summary>By their own names.</summary>
    public static async Task<IReadOnlyDictionary<string, JsonElement>> Tools(ApiClient api) =>
        (await api.Admin(HttpMethod.Get, $"{Upstream}/tools")).Expect(200).Data.GetProperty("tools").EnumerateArray().ToDictionary(tool => tool.GetProperty("service_id").GetString()!["calc__".Length..]);

    public static async Task<string> State(ApiClient api, string tool) => (await Tools(api))[tool].GetProperty("state").GetString()!;

    public static Task<Received> Approve(ApiClient api, string tool, JsonElement shown) =>
        api.Admin(HttpMethod.Post, $"{Upstream}/tools/calc__{tool}/approve", $$"""{"hash":"{{shown.GetProperty("offered").GetProperty("hash").GetString()}}"}""");

    /// <summary>As it is offered now, and until an agent has run it.</summary>
    public static async Task Approve(ApiClient api, string tool, OpenSession agent)
    {
        await Refresh(api);
        (await Approve(api, tool, (await Tools(api))[tool])).Expect(200);
        await Runs(api, tool, agent);
    }

    /// <summary>A moment after it was approved an agent can run it.</summary>
    public static Task Runs(ApiClient api, string tool, OpenSession agent) => Market.Eventually(() => Run(api, agent, tool, -1), reply => reply.Status == 200, Patience);

    /// <summary>An agent with money of its own, and its user's session.</summary>
    public static async Task<OpenSession> Agent(ApiClient api, string name)
    {
        (await api.Admin(HttpMethod.Put, $"/admin/agents/{name}", "{}")).Expect(200);
        (await api.Admin(HttpMethod.Post, $"/admin/wallets/agent:{name}/deposit", $$"""{"amount_cents":{{DepositCents}}}""", $"deposit-{name}")).Expect(200);
        return await Market.Open(api, $"user-of-{name}", name);
    }

    public static Task<Received> Run(ApiClient api, OpenSession agent, string tool, int number, string? key = null) => api.Post(
        $"/agent/services/calc__{tool}/run", agent.Token, $$$"""{"input":{"a":{{{Market.Of(number)}}}},"max_price_cents":{{{PriceCents}}}}""", key);

    /// <summary>The same at /mcp, as a model asks for it.</summary>
    public static Task<Received> Call(ApiClient api, OpenSession agent, string tool, int number) =>
        api.Mcp(agent.Token, $"calc__{tool}", $$"""{"a":{{Market.Of(number)}},"max_price_cents":{{PriceCents}}}""");

    public static string RunId(ToolExchange call) => call.Meta.GetProperty("agora/run_id").GetString()!;

    /// <summary>What an agent's wallet has, and what of it is held.</summary>
    public static async Task<(decimal Balance, decimal Held)> Wallet(ApiClient api, string wallet)
    {
        var data = (await api.Admin(HttpMethod.Get, $"/admin/wallets/{wallet}")).Expect(200).Data;
        var balance = data.GetProperty("balance_cents").GetDecimal();
        return (balance, balance - data.GetProperty("available_cents").GetDecimal());
    }
}

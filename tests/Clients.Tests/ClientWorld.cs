using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Agora.Fuzz.Servers;

namespace Agora.Clients.Tests;

/// <summary>One server, with the demo's catalogue, for the tests of all clients.</summary>
public sealed class ClientWorld : IAsyncLifetime
{
    private readonly KeptDirectory _data = new();
    private ServerUnderTest? _server;

    public string Url => _server!.Address.ToString().TrimEnd('/');

    /// <summary>What a client's own tests go by.</summary>
    internal IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["CLIENT_TEST_URL"] = Url,
        ["CLIENT_TEST_KEY"] = ServerUnderTest.PlatformKey,
        ["CLIENT_TEST_ADMIN_KEY"] = ServerUnderTest.AdminKey,
        ["AGENT_API_URL"] = Url,
        ["AGENT_API_KEY"] = ServerUnderTest.PlatformKey,
        ["AGORA_ADMIN_KEY"] = ServerUnderTest.AdminKey,
    };

    public async Task InitializeAsync() => _server = await ServerUnderTest.Start(directory: _data);

    public async Task DisposeAsync()
    {
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
        _data.Dispose();
    }

    /// <summary><c>./run check-service</c>, which signs with this server's keys.</summary>
    internal Task<(int ExitCode, string Output)> CheckService(string url, string input) => ServerUnderTest.Run(null, _data, "check-service", url, "--input", input);

    /// <summary>An operator's put.</summary>
    internal async Task Put(string path, string json)
    {
        using var http = Http();
        using var reply = await http.PutAsync(path, JsonContent.Create(JsonNode.Parse(json)));
        Assert.True(reply.IsSuccessStatusCode, await reply.Content.ReadAsStringAsync());
    }

    /// <summary>By an agent whose own wallet pays.</summary>
    internal async Task<JsonNode> RunPaid(string serviceId, string input)
    {
        using var http = Http();
        var name = Guid.NewGuid().ToString("N");
        await Send(http, $"/admin/wallets/agent:{name}/deposit", """{"amount_cents":10}""");
        http.DefaultRequestHeaders.Authorization = new("Bearer", ServerUnderTest.PlatformKey);
        var opened = await Send(http, "/agent/auth", $$$"""{"agent_id":"{{{name}}}","user_id":"{{{name}}}","scopes":{"allowed_categories":["*"],"budget_limit_cents":10}}""");
        http.DefaultRequestHeaders.Authorization = new("Bearer", (string)opened["token"]!);
        return await Send(http, $"/agent/services/{serviceId}/run", $$"""{"input":{{input}},"pay_with":"wallet","max_price_cents":10}""");
    }

    internal static Uri FreeAddress() => new($"http://127.0.0.1:{FreePort.Next()}");

    private static async Task<JsonNode> Send(HttpClient http, string path, string json)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(JsonNode.Parse(json)) };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var reply = await http.SendAsync(request);
        var text = await reply.Content.ReadAsStringAsync();
        return reply.IsSuccessStatusCode ? JsonNode.Parse(text)!["data"]! : throw new InvalidOperationException($"{path}: {text}");
    }

    private HttpClient Http()
    {
        var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new(Url) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", ServerUnderTest.AdminKey);
        return http;
    }
}

[CollectionDefinition(nameof(ClientWorld))]
public sealed class ClientWorldTests : ICollectionFixture<ClientWorld>;

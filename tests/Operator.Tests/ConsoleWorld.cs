using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Agora.Api.Hosts;
using Agora.Api.Tests.Support;
using Agora.Hosting;
using Agora.Proof.Keys;
using Agora.Silo;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Agora.Operator.Tests;

/// <summary>A server as it is started, on a data directory of its own, with people who have different keys.</summary>
public sealed class ConsoleWorld : IAsyncLifetime, IAsyncDisposable
{
    public const string Admin = "admin-key-0123456789abcdef012345";
    public const string Viewer = "viewer-key-0123456789abcdef01234";
    public const string Sponsor = "sponsor-key-0123456789abcdef0123";
    public const string Platform = "platform-key-0123456789abcdef012";

    public const string OfTests = "test_admin-key-0123456789abcdef012345";

    /// <summary>Of each person of <see cref="PutPerson"/>.</summary>
    public const string Password = "correct horse battery";

    public const string Operators = $"support:{Viewer}:viewer,acme:{Sponsor}:sponsor=acme,tests:{OfTests}";

    private readonly string _directory = Directory.CreateTempSubdirectory("agora-console-").FullName;
    private readonly ConcurrentBag<HttpClient> _clients = [];
    private WebApplication? _app;

    public HttpClient Http { get; private set; } = null!;

    /// <summary>Besides its own.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> Settings { get; init; } = [];

    /// <summary>What the server logs from the level Information on.</summary>
    internal KeptLog Log { get; } = new();

    /// <summary>What the console and the API go by; entities go by the system's.</summary>
    internal MovedClock Clock { get; } = new();

    /// <summary>Every endpoint of the routing table, also those that are no operations.</summary>
    internal IReadOnlyList<RouteEndpoint> Endpoints => [.. _app!.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

    /// <summary>The silo's name in the dashboard's data.</summary>
    internal string Silo => _app!.Services.GetRequiredService<Orleans.Runtime.ILocalSiloDetails>().SiloAddress.ToParsableString();

    public IReadOnlyList<Api.Desk.OperatorRoute> Routes => _app!.Services.GetRequiredService<Api.Desk.OperatorDesk>().Routes;

    public async Task InitializeAsync()
    {
        await Start(Operators);
        await Put("/admin/users/alice", """{"attributes":{"country":"DE"},"daily_cap_cents":500,"monthly_cap_cents":2000}""");
        await Put("/admin/agents/a1", "{}");
        await Put("/admin/services/summary", """{"name":"Summary","description":"Summarizes a text","category":"text","provider":"texts","endpoint":"https://texts.example/run","price_cents":5}""");
        await Put("/admin/campaigns/theirs", Campaign("other"));
        await Put("/admin/campaigns/own", Campaign("acme"));
    }

    public async Task DisposeAsync()
    {
        await Stop();
        Directory.Delete(_directory, recursive: true);
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();

    public async Task Restart(string operators)
    {
        await Stop();
        await Start(operators);
    }

    /// <summary>Whether the store's files have this text somewhere.</summary>
    public bool Stores(string text) => Directory.EnumerateFiles(_directory, "agora.db*").Where(static file => !file.EndsWith(".lock", StringComparison.Ordinal)).Any(file =>
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
    });

    /// <summary>What the API says, as an admin.</summary>
    public async Task<JsonElement> Read(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Authorization", $"Bearer {Admin}" } } };
        using var answer = await Http.SendAsync(request);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("data");
    }

    public async Task Put(string path, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, path) { Headers = { { "Authorization", $"Bearer {Admin}" } }, Content = new StringContent(body, Encoding.UTF8, "application/json") };
        using var answer = await Http.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>A client at an address that a trusted proxy names.</summary>
    public HttpClient From(string address)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Http.BaseAddress, Timeout = Timeout.InfiniteTimeSpan, DefaultRequestHeaders = { { "X-Forwarded-For", address } } };
        _clients.Add(client);
        return client;
    }

    /// <summary>A person who has chosen <see cref="Password"/> at that address.</summary>
    public async Task PutPerson(string name, string address)
    {
        await Put($"/admin/people/{name}", """{"role":"viewer"}""");
        var code = (await Agent($"/admin/people/{name}/code", Admin, "{}")).Body.GetProperty("data").GetProperty("one_time_code").GetString()!;
        using var form = new FormUrlEncodedContent([new("name", name), new("code", code), new("password", Password), new("again", Password)]);
        using var answer = await From(address).PostAsync("/console/password", form);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    /// <summary>Signs in a person of <see cref="PutPerson"/>.</summary>
    internal static async Task SignInByPassword(Browser browser, string name)
    {
        await browser.Open("/console/sign-in");
        await browser.Send(browser.Form("/console/sign-in/password"), ("name", name), ("password", Password), ("code", ""));
    }

    /// <summary>What an agent, or the platform, is answered.</summary>
    public async Task<(int Status, JsonElement Body)> Agent(string path, string key, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Headers = { { "Authorization", $"Bearer {key}" }, { "Idempotency-Key", Guid.NewGuid().ToString() } }, Content = new StringContent(body, Encoding.UTF8, "application/json") };
        using var answer = await Http.SendAsync(request);
        return ((int)answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
    }

    /// <summary>A browser that has signed in.</summary>
    public async Task<Browser> SignIn(string key, string? language = null)
    {
        var browser = new Browser(Http, language);
        await browser.Open("/console/sign-in");
        await browser.Send(browser.Form("/console/sign-in"), ("key", key));
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        return browser;
    }

    public static string Campaign(string owner, string sponsor = "Acme") => JsonSerializer.Serialize(new
    {
        sponsor,
        owner,
        task = new { name = "Survey", type = "survey", description = "Answer", schema = new { type = "object" }, data_types = (string[])["preferences"], consents = (string[])["data_sharing"] },
        services = (object[])[new { service_id = "summary" }],
    });

    /// <summary>On the same address, as it was.</summary>
    public async Task RestartInPlace()
    {
        var address = Http.BaseAddress!.ToString();
        await Stop();
        await Start(Operators, address);
    }

    private async Task Start(string operators, string address = "http://127.0.0.1:0")
    {
        var settings = AgoraSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("urls", address),
            new("data", _directory),
            new("AGORA_ADMIN_KEY", Admin),
            new("AGENT_API_KEY", Platform),
            new("AGORA_OPERATOR_KEYS", operators),
            .. Settings,
        ]).Build());
        var data = new DataDirectory(settings);
        _app = Server.Build(settings, data, AccessKeys.Read(settings, data), services => services.AddSingleton<TimeProvider>(Clock).AddLogging(logging => logging.SetMinimumLevel(LogLevel.Error).AddFilter("Agora", LogLevel.Error).AddProvider(Log).AddFilter<KeptLog>("Agora", LogLevel.Information)));
        await _app.Services.GetRequiredService<SigningKeys>().Load(mayMake: true, CancellationToken.None);
        await _app.StartAsync();
        Http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new(_app.Urls.First()) };
    }

    /// <summary>The server waits for connections that are open, for 3 s of the clock that a test may have stopped, so they are closed first.</summary>
    private async Task Stop()
    {
        Http.Dispose();
        while (_clients.TryTake(out var client)) client.Dispose();
        await _app!.StopAsync();
        await _app.DisposeAsync();
    }
}

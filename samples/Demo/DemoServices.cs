using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Crypto;
using Agora.Hosting;
using Agora.Proof.Receipts;
using Agora.Samples.Agent;
using Agora.Samples.TextService;

namespace Agora.Samples.Demo;

/// <summary>
/// <c>--demo</c>: the sample text service beside the server, the sample catalogue put through the operators' API, and the
/// sample agent walking the whole flow over HTTP; then somebody talks with its sample model. Nothing here reaches into the product: it is a client like any other.
/// </summary>
internal sealed class DemoServices : IAsyncDisposable
{
    /// <summary>Other scripts than Latin stay as they are: what is stored is shown.</summary>
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The sample model, and its provider in the server's settings.</summary>
    private const string Model = "sample-model";

    private readonly TextServiceApp _text;

    private DemoServices(TextServiceApp text) => _text = text;

    public static async Task<DemoServices> Start(AgoraSettings settings) => new(await TextServiceApp.Start(settings.TextService.GetLeftPart(UriPartial.Authority)));

    /// <summary><c>--against URL</c>: the same with a server that runs elsewhere, whose outbound guard has to pass the text service's address.</summary>
    public static async Task<int> WalkElsewhere(AgoraSettings settings)
    {
        await using var demo = await Start(settings);
        try
        {
            return await demo.Walk(settings.Against!.ToString(), settings.AdminKey!, settings.PlatformKey!, settings, CancellationToken.None) ?? 0;
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError)
        {
            throw new SettingException($"--against {settings.Against}: {e.Message}");
        }
    }

    /// <summary>
    /// The outbound guard passes the text service's own address and port, nothing else besides what was set. In development it passes loopback addresses anyway. The sample model is had where no provider was set: whoever has named some has models of their own.
    /// </summary>
    public AgoraSettings Allowed(AgoraSettings settings)
    {
        var with = HasModel(settings) ? settings with { ModelProviders = [new ModelProviderSettings { Name = Model, Wire = "compatible", Url = new(_text.Address, "v1"), Keys = [], RetainsData = false }] } : settings;
        return settings.IsDevelopment && _text.Address.IsLoopback ? with : with with { OutboundAllow = $"{settings.OutboundAllow},{_text.Address.Host}:{_text.Address.Port}".TrimStart(',') };
    }

    private static bool HasModel(AgoraSettings settings) => settings.ModelProviders.Count == 0;

    /// <summary>The walk, and then a talk with the sample model, where the server has it.</summary>
    /// <param name="settings">As they were given.</param>
    /// <returns>The exit code with <c>--once</c>, else null: the server goes on.</returns>
    public async Task<int?> WalkAndTalk(string url, string adminKey, string platformKey, AgoraSettings settings, CancellationToken stopping)
    {
        var exitCode = await Walk(url, adminKey, platformKey, settings, stopping);
        var hasTalked = !HasModel(settings) || await Talk(url, adminKey, platformKey, settings.Once);
        return exitCode is 0 && !hasTalked ? 1 : exitCode;
    }

    private async Task<int?> Walk(string url, string adminKey, string platformKey, AgoraSettings settings, CancellationToken stopping)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(url) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", adminKey);
        await LoadCatalogue(http, stopping);
        var exitCode = await SampleAgent.Run([url, "--key", platformKey, "--user", $"demo-{Guid.CreateVersion7():N}", "--fill", "granted=true"], Console.Out, stopping);
        exitCode = exitCode == 0 && await EarnAndPay(url, platformKey, stopping) ? 0 : 1;
        return settings.Once ? exitCode : null;
    }

    private static async Task<bool> EarnAndPay(string url, string platformKey, CancellationToken stopping)
    {
        Console.WriteLine("An agent with money of its own:");
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(url) };
        return await new MoneyTour(http, Console.Out, IsSigned).Walk(platformKey, "sample-earner", $"demo-{Guid.CreateVersion7():N}", stopping);
    }

    /// <summary>The same person's at each start: what was said before is still there.</summary>
    /// <returns>Whether the model has replied.</returns>
    private static async Task<bool> Talk(string url, string adminKey, string platformKey, bool isOnce)
    {
        using var api = new OperatorClient(url, adminKey);
        await api.Send(HttpMethod.Put, $"/admin/services/{Model}", $$$"""
            {"name":"Sample model","description":"Says in short what it was told last, in English and Japanese. It has no weights.","category":"model","provider":"provider-textworks","owner":"textworks","max_price_cents":50,
             "endpoint":"model:{{{Model}}}","model":{"name":"{{{Model}}}","max_output_tokens":1024,"default_output_tokens":512,"prices":[{"version":1,"from":"2026-01-01T00:00:00Z","rates":[{"input_cents":1000,"output_cents":4000}]}]}}
            """);
        var session = (await api.Try(platformKey, HttpMethod.Post, "/agent/auth", """{"agent_id":"sample-talker","user_id":"demo-visitor","scopes":{"allowed_categories":["model"],"budget_limit_cents":50},"end_oldest":true}""", ""))!;
        var token = (string)session["token"]!;
        var said = (await api.Try(token, HttpMethod.Post, "/api/v2/chat", $$$"""{"model":"{{{Model}}}","text":"Nara has a park in which deer walk among people. What is good to know before I go there with children?"}""", "", $"demo-{Guid.CreateVersion7():N}"))!;
        var reply = said["reply"]!;
        if ((string?)reply["state"] != "whole")
        {
            Console.WriteLine($"The sample model did not reply: {reply.ToJsonString(Readable)}");
            return false;
        }

        Console.WriteLine($"Somebody talks with the sample model, which replies, for {reply["cost_cents"]} cents:\n  {reply["text"]!.ToString().ReplaceLineEndings("\n  ")}");
        if (!isOnce)
        {
            Console.WriteLine($"Go on yourself at {url}/talk: sign in with the token {token}");
        }

        return true;
    }

    private static bool IsSigned(string token, JsonNode keys) => Jws.Verify(token, ReceiptClaims.Type, id => KeyOf(keys, id)) is not null;

    private static Jwk? KeyOf(JsonNode keys, string id) =>
        keys["keys"]!.AsArray().FirstOrDefault(key => (string?)key!["kid"] == id)?["x"]?.ToString() is { } x && new Jwk(Base64Url.DecodeFromChars(x)) is var jwk && jwk.KeyId == id ? jwk : null;

    public ValueTask DisposeAsync() => _text.DisposeAsync();

    private async Task LoadCatalogue(HttpClient http, CancellationToken cancel)
    {
        await using var file = typeof(DemoServices).Assembly.GetManifestResourceStream("catalogue.json")!;
        using var reader = new StreamReader(file);
        var text = (await reader.ReadToEndAsync(cancel)).Replace("{TEXT_SERVICE}", _text.Address.ToString().TrimEnd('/'), StringComparison.Ordinal);
        var catalogue = JsonNode.Parse(text)!;
        foreach (var service in catalogue["services"]!.AsArray())
        {
            await Send(http, HttpMethod.Put, $"/admin/services/{service!["service_id"]}", service["put"]!, null, cancel);
        }

        foreach (var campaign in catalogue["campaigns"]!.AsArray())
        {
            var id = campaign!["campaign_id"]!.ToString();
            await Send(http, HttpMethod.Put, $"/admin/campaigns/{id}", campaign["put"]!, null, cancel);
            await Send(http, HttpMethod.Post, $"/admin/campaigns/{id}/fund", new JsonObject { ["amount_cents"] = campaign["fund_cents"]!.DeepClone() }, $"demo-fund-{id}", cancel);
        }

        Console.WriteLine($"The demo catalogue is loaded: {catalogue["services"]!.AsArray().Count} services, {catalogue["campaigns"]!.AsArray().Count} campaigns.");
    }

    private static async Task Send(HttpClient http, HttpMethod method, string route, JsonNode body, string? key, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, route) { Content = new StringContent(body.ToJsonString(Readable), Encoding.UTF8, "application/json") };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using var response = await http.SendAsync(request, cancel);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{method} {route}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancel)}");
        }
    }
}

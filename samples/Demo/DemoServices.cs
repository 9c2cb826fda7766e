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
/// sample agent walking the whole flow over HTTP. Nothing here reaches into the product: it is a client like any other.
/// </summary>
internal sealed class DemoServices : IAsyncDisposable
{
    /// <summary>Other scripts than Latin stay as they are: what is stored is shown.</summary>
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

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

    /// <summary>The outbound guard passes the text service's own address and port, nothing else besides what was set. In development it passes loopback addresses anyway.</summary>
    public AgoraSettings Allowed(AgoraSettings settings) => settings.IsDevelopment && _text.Address.IsLoopback
        ? settings
        : settings with { OutboundAllow = $"{settings.OutboundAllow},{_text.Address.Host}:{_text.Address.Port}".TrimStart(',') };

    /// <returns>The exit code with <c>--once</c>, else null: the server goes on.</returns>
    public async Task<int?> Walk(string url, string adminKey, string platformKey, AgoraSettings settings, CancellationToken stopping)
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

using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Agora.Api.Tests.Models;

namespace Agora.Api.Tests.Chats;

/// <summary>A client of chats, as far as its session goes.</summary>
internal sealed class ChatClient(ModelWorld world, ModelSession session) : IDisposable
{
    public const string Path = "/api/v2/chat";

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false }) { BaseAddress = world.Api.Client.Address };

    public void Dispose() => _http.Dispose();

    /// <summary>All of a reply that is told as it comes.</summary>
    public async Task<ToldTurn> Say(string body, string? key = null) => await Read(HttpMethod.Post, Path, body, key);

    /// <param name="after">The id of the last event that was received.</param>
    public Task<ToldTurn> Follow(Guid chat, int turn, string? after = null) => Read(HttpMethod.Get, $"{Path}/{chat:D}/turns/{turn}", null, null, after);

    public async Task<(int Status, JsonElement Json)> Send(HttpMethod method, string path, string? body = null, string? key = null)
    {
        using var reply = await _http.SendAsync(Request(method, path, body, key, "application/json", null));
        return ((int)reply.StatusCode, JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement);
    }

    public async Task<JsonElement> Data(HttpMethod method, string path, string? body = null, string? key = null)
    {
        var (status, json) = await Send(method, path, body, key);
        Assert.True(status is 200 or 201, $"{status}: {json.GetRawText()}");
        return json.GetProperty("data");
    }

    /// <summary>The code of a refusal.</summary>
    public async Task<string> Refused(int status, HttpMethod method, string path, string? body = null, string? key = null)
    {
        var (was, json) = await Send(method, path, body, key);
        Assert.True(was == status, $"{was}: {json.GetRawText()}");
        return json.GetProperty("error").GetProperty("code").GetString()!;
    }

    /// <summary>Its head; the body is the caller's to read.</summary>
    public Task<HttpResponseMessage> Begin(HttpMethod method, string path, string? body, string? key = null, string? after = null, CancellationToken leaving = default) =>
        _http.SendAsync(Request(method, path, body, key, "text/event-stream", after), HttpCompletionOption.ResponseHeadersRead, leaving);

    private async Task<ToldTurn> Read(HttpMethod method, string path, string? body, string? key, string? after = null)
    {
        using var reply = await Begin(method, path, body, key, after);
        return new((int)reply.StatusCode, await reply.Content.ReadAsStringAsync());
    }

    private HttpRequestMessage Request(HttpMethod method, string path, string? body, string? key, string accept, string? after)
    {
        var request = new HttpRequestMessage(method, path) { Headers = { Authorization = new("Bearer", session.Token), Accept = { new MediaTypeWithQualityHeaderValue(accept) } } };
        if (body is not null)
        {
            request.Content = new StringContent(body, new UTF8Encoding(false), "application/json");
        }

        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        if (after is not null)
        {
            request.Headers.Add("Last-Event-ID", after);
        }

        return request;
    }
}

/// <summary>What was told of a turn.</summary>
internal sealed record ToldTurn(int Status, string Body)
{
    /// <summary>Id, type and data.</summary>
    public IReadOnlyList<(string Id, string Type, JsonElement Data)> Events => [.. Body.Split("\n\n").Where(static frame => frame.Contains("data: ", StringComparison.Ordinal)).Select(static frame =>
        (Line(frame, "id: "), Line(frame, "event: "), JsonDocument.Parse(Line(frame, "data: ")).RootElement))];

    public Guid Chat => Events[0].Data.GetProperty("chat_id").GetGuid();

    public int Turn => Events[0].Data.GetProperty("turn").GetInt32();

    public Guid Run => Events.Last(static e => e.Type == "replying").Data.GetProperty("run_id").GetGuid();

    public string Text => string.Concat(Events.Where(static e => e.Type == "text").Select(static e => e.Data.GetProperty("text").GetString()));

    public string End => Events[^1].Type;

    public JsonElement Reply => Events[^1].Data.GetProperty("reply");

    /// <summary>Without what only says that the connection lives.</summary>
    public string Told => string.Concat(Body.Split("\n\n").Where(static frame => frame.Contains("data: ", StringComparison.Ordinal)).Select(static frame => frame + "\n\n"));

    private static string Line(string frame, string name) => frame.Split('\n').First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..];
}

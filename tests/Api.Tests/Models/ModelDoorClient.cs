using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Agora.Api.Tests.Models;

/// <summary>A client of one of the makers, as far as its dialect goes: chat, responses or messages.</summary>
internal sealed class ModelDoorClient(Uri address) : IDisposable
{
    public static readonly IReadOnlyList<string> Dialects = ["chat", "responses", "messages"];

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false }) { BaseAddress = address };

    public void Dispose() => _http.Dispose();

    public static string PathOf(string dialect) => dialect switch
    {
        "chat" => "/openai/v1/chat/completions",
        "responses" => "/openai/v1/responses",
        "embeddings" => "/openai/v1/embeddings",
        "speech" => "/openai/v1/audio/speech",
        "responses count" => "/openai/v1/responses/input_tokens",
        "messages count" => "/anthropic/v1/messages/count_tokens",
        _ => "/anthropic/v1/messages",
    };

    /// <param name="more">Members besides, with a comma before them.</param>
    public static string Body(string dialect, string model, string text = "Say something.", int? maxTokens = 256, bool stream = false, string more = "")
    {
        var said = JsonSerializer.Serialize(text);
        var most = maxTokens is { } max ? string.Create(CultureInfo.InvariantCulture, $",\"{MaxTokens(dialect)}\":{max}") : "";
        var (inside, usage) = dialect == "responses" ? ($"\"input\":{said}", "") : ($$"""
            "messages":[{"role":"user","content":{{said}}}]
            """, dialect == "chat" && stream ? ""","stream_options":{"include_usage":true}""" : "");
        return $$"""{"model":"{{model}}",{{inside}}{{most}}{{(stream ? ",\"stream\":true" : "")}}{{usage}}{{more}}}""";
    }

    public static string MaxTokens(string dialect) => dialect switch
    {
        "chat" => "max_completion_tokens",
        "responses" => "max_output_tokens",
        _ => "max_tokens",
    };

    /// <summary>All of it, read to its end.</summary>
    public async Task<Told> Ask(ModelSession session, string dialect, string body, string? key = null, string? cache = null, int? wait = null)
    {
        using var reply = await Begin(session, dialect, body, key, cache, wait);
        return await Read(dialect, reply);
    }

    /// <summary>Its head; the body is the caller's to read.</summary>
    public async Task<HttpResponseMessage> Begin(ModelSession session, string dialect, string body, string? key = null, string? cache = null, int? wait = null, CancellationToken leaving = default)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, PathOf(dialect)) { Content = new StringContent(body, new UTF8Encoding(false), "application/json") };
        if (dialect.StartsWith("messages", StringComparison.Ordinal))
        {
            request.Headers.Add("x-api-key", session.Token);
            request.Headers.Add("anthropic-version", "2023-06-01");
        }
        else
        {
            request.Headers.Authorization = new("Bearer", session.Token);
        }

        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        if (cache is not null)
        {
            request.Headers.Add("Cache-Control", cache);
        }

        if (wait is { } seconds)
        {
            request.Headers.Add("Prefer", $"wait={seconds}");
        }

        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, leaving);
    }

    /// <summary>Of what needs no body, to its end.</summary>
    public async Task<(int Status, string Text)> Send(ModelSession session, HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path) { Headers = { Authorization = new("Bearer", session.Token) } };
        using var reply = await _http.SendAsync(request);
        return ((int)reply.StatusCode, await reply.Content.ReadAsStringAsync());
    }

    /// <summary>As of <see cref="Send"/>, where it is there.</summary>
    public async Task<string> Get(ModelSession session, string path)
    {
        var (status, text) = await Send(session, HttpMethod.Get, path);
        Assert.True(status == 200, text);
        return text;
    }

    public static async Task<Told> Read(string dialect, HttpResponseMessage reply) =>
        new(dialect, (int)reply.StatusCode, reply.Headers, await reply.Content.ReadAsStringAsync(), reply.Content.Headers.ContentType?.MediaType == "text/event-stream");

    /// <summary>Up to the first piece of text that the model wrote.</summary>
    public static async Task<StreamReader> FirstText(HttpResponseMessage reply, string text)
    {
        var reader = new StreamReader(await reply.Content.ReadAsStreamAsync());
        for (var line = await reader.ReadLineAsync(); ; line = await reader.ReadLineAsync())
        {
            Assert.True(line is not null, "The stream ended before its first text.");
            if (line.StartsWith("data:", StringComparison.Ordinal) && line.Contains(text, StringComparison.Ordinal)) return reader;
        }
    }
}

/// <summary>What a client was told, in its dialect.</summary>
internal sealed record Told(string Dialect, int Status, HttpResponseHeaders Headers, string Text, bool IsStream)
{
    public Guid Run => Guid.Parse(Header("Agora-Run-Id")!);

    public long HeldMicros => ModelWorld.Micros(Header("Agora-Held-Cents")!);

    public int MaxOutputTokens => int.Parse(Header("Agora-Max-Output-Tokens")!, CultureInfo.InvariantCulture);

    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public JsonElement Error => Json.GetProperty("error");

    /// <summary>Data of its events, but [DONE].</summary>
    public IReadOnlyList<JsonElement> Events =>
        [.. Text.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(line => JsonDocument.Parse(line["data: ".Length..]).RootElement)];

    /// <summary>Of the reply, or the last that the stream says.</summary>
    public JsonElement Usage => !IsStream ? Json.GetProperty("usage") : Dialect switch
    {
        "chat" => Events.Last(e => e.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Object).GetProperty("usage"),
        "responses" => Events.Last(e => e.GetProperty("type").GetString() is "response.completed" or "response.incomplete").GetProperty("response").GetProperty("usage"),
        _ => Events.Last(e => e.GetProperty("type").GetString() == "message_delta").GetProperty("usage"),
    };

    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? values.Single() : null;

    public Told Expect(int status)
    {
        Assert.True(status == Status, $"{Status} instead of {status}: {Text}");
        return this;
    }

    /// <summary>An error as this dialect's maker has it.</summary>
    public Told Refused(int status, string code)
    {
        Expect(status);
        var (error, isAnthropic) = (Error, Dialect.StartsWith("messages", StringComparison.Ordinal));
        Assert.Equal(isAnthropic ? "error" : null, Json.TryGetProperty("type", out var type) ? type.GetString() : null);
        Assert.All(isAnthropic ? ["type", "message"] : (string[])["type", "message", "code"], member => Assert.Equal(JsonValueKind.String, error.GetProperty(member).ValueKind));
        Assert.True(isAnthropic || error.TryGetProperty("param", out _), Text);
        Assert.True(code == error.GetProperty("code").GetString(), Text);
        return this;
    }
}

using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Agora.A2a;
using Agora.Api.Tests.Conversations;
using Agora.Api.Tests.Peers;

namespace Agora.Api.Tests.A2a;

/// <summary>What a request of the protocol was answered.</summary>
internal sealed record A2aReply(int Status, JsonElement Json, HttpResponseHeaders Headers, string? Type)
{
    public JsonElement Task => Json.GetProperty("task");

    public string State => StateOf(Json.TryGetProperty("task", out var task) ? task : Json);

    /// <summary>Of an error, in either binding.</summary>
    public string Reason => (Json.GetProperty("error").TryGetProperty("details", out var details) ? details : Json.GetProperty("error").GetProperty("data"))[0].GetProperty("reason").GetString()!;

    public static string StateOf(JsonElement task) => task.GetProperty("status").GetProperty("state").GetString()!["TASK_STATE_".Length..];
}

/// <summary>An event of a stream, and its number.</summary>
internal sealed record A2aEvent(long Id, JsonElement Data);

/// <summary>An agent that is asked by the A2A protocol, and serves by Agora's own routes; and whoever asks it.</summary>
internal sealed class Asking(Talk talk) : IAsyncDisposable
{
    public const string Agent = "b";

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = talk.Api.Client.Address, Timeout = TimeSpan.FromMinutes(2) };

    public Talk Talk => talk;

    public static async Task<Asking> Begin(params string[] others) => await Over(await Talk.Among(["a", Agent, .. others]));

    public static async Task<Asking> Over(Talk talk)
    {
        (await talk.Api.Client.Send(HttpMethod.Put, $"/agents/{Agent}", talk.Key(Agent), AgentKey.Put(new AgentKey(7).Card(Agent)))).Expect(200);
        return new(talk);
    }

    public static string Message(string text, string id, string more = "") => $$$"""{"message":{"messageId":"{{{id}}}","role":"ROLE_USER","parts":[{"text":"{{{text}}}"}]{{{more}}}}}""";

    public static string AtOnce(string text, string id, string more = "") => $"{Message(text, id, more)[..^1]},\"configuration\":{{\"returnImmediately\":true}}}}";

    public Task<A2aReply> Rest(HttpMethod method, string path, string? body = null, string caller = "a", params (string Name, string Value)[] headers) =>
        Send(method, $"/a2a/{Agent}{path}", body, talk.Key(caller), headers);

    public Task<A2aReply> SendMessage(string body, string caller = "a", params (string Name, string Value)[] headers) => Rest(HttpMethod.Post, "/message:send", body, caller, headers);

    public Task<A2aReply> Rpc(string method, string parameters, string caller = "a", params (string Name, string Value)[] headers) =>
        Rest(HttpMethod.Post, "", $$"""{"jsonrpc":"2.0","id":"1","method":"{{method}}","params":{{parameters}}}""", caller, headers);

    public async Task<A2aReply> Send(HttpMethod method, string path, string? body, string? key, params (string Name, string Value)[] headers)
    {
        using var request = Request(method, path, body, key, headers);
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new((int)response.StatusCode, text.StartsWith('{') ? JsonDocument.Parse(text).RootElement : default, response.Headers, response.Content.Headers.ContentType?.MediaType);
    }

    public HttpRequestMessage Request(HttpMethod method, string path, string? body, string? key, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, new UTF8Encoding(false), "application/json") };
        (string Name, string Value)[] usual = [("Authorization", $"Bearer {key}"), ("A2A-Version", "1.0")];
        foreach (var (name, value) in usual.Where(one => (one.Name != "Authorization" || key is not null) && !headers.Any(header => header.Name == one.Name)).Concat(headers)) request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    /// <summary>Again as long as the answer is that the first request still runs, which a slow machine says after a while.</summary>
    public static async Task<A2aReply> WhileInFlight(Func<Task<A2aReply>> ask)
    {
        while (true)
        {
            var reply = await ask();
            if (!reply.Json.TryGetProperty("error", out _) || reply.Reason != "IDEMPOTENCY_IN_FLIGHT") return reply;
        }
    }

    /// <summary>Events as they come, until the stream ends.</summary>
    public async IAsyncEnumerable<A2aEvent> Events(string path, string? body, Uri? address = null, params (string Name, string Value)[] headers)
    {
        using var request = Request(HttpMethod.Post, new Uri(address ?? talk.Api.Client.Address, $"/a2a/{Agent}{path}").ToString(), body, talk.Key("a"), [("A2A-Extensions", Sequence.Uri), .. headers]);
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.True("text/event-stream" == response.Content.Headers.ContentType?.MediaType, response.Content.Headers.ContentType?.MediaType == "text/event-stream" ? "" : await response.Content.ReadAsStringAsync());
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        var (id, data) = (0L, (string?)null);
        while (await lines.ReadLineAsync() is { } line)
        {
            // An event counts with the empty line behind it (the HTML standard, section 9.2.6).
            if (line.Length == 0 && data is not null)
            {
                yield return new(id, JsonElement.Parse(data));
                data = null;
            }

            id = line.StartsWith("id: ", StringComparison.Ordinal) ? long.Parse(line.AsSpan(4), System.Globalization.CultureInfo.InvariantCulture) : id;
            data = line.StartsWith("data: ", StringComparison.Ordinal) ? line[6..] : data;
        }
    }

    /// <summary>Serves so many messages, each by its first word, and leaves.</summary>
    public async Task Serve(int messages)
    {
        for (string? after = null; messages > 0;)
        {
            var data = (await talk.Get(Agent, $"/agent/inbox?wait_seconds=20{(after is null ? "" : $"&after={after}")}")).Expect(200).Data;
            after = data.GetProperty("next_cursor").GetString();
            foreach (var entry in data.GetProperty("entries").EnumerateArray().Where(entry => entry.GetProperty("kind").ValueEquals("message")))
            {
                await Serve(entry);
                messages--;
            }
        }
    }

    /// <summary>The next request that the agent hears.</summary>
    public async Task<JsonElement> NextRequest(int nth = 0)
    {
        for (var (after, met) = ((string?)null, 0); ;)
        {
            var data = (await talk.Get(Agent, $"/agent/inbox?wait_seconds=20{(after is null ? "" : $"&after={after}")}")).Expect(200).Data;
            after = data.GetProperty("next_cursor").GetString();
            foreach (var entry in data.GetProperty("entries").EnumerateArray().Where(entry => entry.GetProperty("kind").ValueEquals("message")))
            {
                if (met++ == nth) return entry;
            }
        }
    }

    public async Task Reply(JsonElement request, string content, string type = "application/json", bool isReply = true) => (await talk.Post(
        Agent,
        $"/conversations/{request.GetProperty("conversation_id").GetString()}/messages",
        $$"""{"content":{{content}},"content_type":"{{type}}"{{(isReply ? $$""","reply_to":"{{request.GetProperty("message_id").GetString()}}" """ : "")}}}""")).Expect(201);

    private async Task Serve(JsonElement request)
    {
        var words = request.GetProperty("content").GetProperty("message").GetProperty("parts")[0].GetProperty("text").GetString()!.Split(' ', 2);
        switch (words[0])
        {
            case "echo":
                await Reply(request, JsonSerializer.Serialize(words[1]));
                break;
            case "ask":
                await Reply(request, """{"statusUpdate":{"status":{"state":"TASK_STATE_INPUT_REQUIRED","message":{"parts":[{"text":"Which?"}]}}}}""", "application/a2a+json");
                break;
            case "count":
                var most = int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture);
                for (var n = 0; n < most; n++)
                {
                    await Reply(request, $$$"""{"artifactUpdate":{"artifact":{"artifactId":"numbers","parts":[{"text":"{{{n}}}"}]},"append":{{{(n > 0 ? "true" : "false")}}},"lastChunk":{{{(n == most - 1 ? "true" : "false")}}}}}""", "application/a2a+json");
                }

                await Reply(request, """{"statusUpdate":{"status":{"state":"TASK_STATE_COMPLETED"}}}""", "application/a2a+json");
                break;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await talk.DisposeAsync();
    }
}

using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Agora.Crash.Support;

/// <summary>How a reply is asked for as a stream, and read again.</summary>
/// <param name="Ends">What a stream ends with: the first, where it is whole.</param>
/// <param name="Asked">Of so many, the n-th; the same again is the same request.</param>
/// <param name="After">What follows what was seen.</param>
/// <param name="Whole">All of it: in a chat, what was asked is asked again under its key.</param>
internal sealed record ReplyDoor(string[] Ends, Func<int, HttpRequestMessage> Asked, Func<IReadOnlyList<string>, HttpRequestMessage> After, Func<IReadOnlyList<string>, int, HttpRequestMessage> Whole)
{
    /// <summary>Of each reply.</summary>
    public const int OutputTokens = 160;

    public static ReplyDoor Responses { get; } = new(
        ["event: response.completed", "event: response.failed", "event: response.incomplete"],
        static number => Keyed("/openai/v1/responses", number, $$"""{"model":"m","input":"Tell me about the number {{number:D3}}","max_output_tokens":{{OutputTokens * 2}},"stream":true,"background":true}"""),
        static seen => new(HttpMethod.Get, $"/openai/v1/responses/{ResponseOf(seen)}?stream=true&starting_after={seen.Count - 1}"),
        static (seen, _) => new(HttpMethod.Get, $"/openai/v1/responses/{ResponseOf(seen)}?stream=true"));

    public static ReplyDoor Chats { get; } = new(
        ["event: whole", "event: failed"], Said,
        static seen => new(HttpMethod.Get, $"/api/v2/chat/{Data(seen[0]).GetProperty("chat_id").GetString()}/turns/1") { Headers = { { "Last-Event-ID", seen[^1].Split("\nid: ")[1].Split('\n')[0] } } },
        static (_, number) => Said(number));

    public bool IsWhole(IReadOnlyList<string> frames) => frames.Count > 0 && frames[^1].StartsWith(Ends[0], StringComparison.Ordinal);

    public bool IsOver(IReadOnlyList<string> frames) => frames.Count > 0 && Ends.Any(end => frames[^1].StartsWith(end, StringComparison.Ordinal));

    /// <summary>What its model said in them.</summary>
    public static string TextOf(IEnumerable<string> frames) => string.Concat(frames.Select(static frame =>
        frame.StartsWith("event: text\n", StringComparison.Ordinal) ? Data(frame).GetProperty("text").GetString()
        : frame.StartsWith("event: response.output_text.delta\n", StringComparison.Ordinal) ? Data(frame).GetProperty("delta").GetString() : ""));

    private static HttpRequestMessage Said(int number) => Keyed("/api/v2/chat", number, $$"""{"model":"m","text":"Tell me about the number {{number:D3}}","max_output_tokens":{{OutputTokens * 2}}}""");

    private static HttpRequestMessage Keyed(string path, int number, string body) => new(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json"), Headers = { { "Idempotency-Key", $"key-{number}" } } };

    private static string ResponseOf(IReadOnlyList<string> seen) => Data(seen[0]).GetProperty("response").GetProperty("id").GetString()!;

    private static JsonElement Data(string frame) => JsonDocument.Parse(frame.Split("data: ")[1]).RootElement;
}

/// <summary>Events that a client saw whole.</summary>
internal sealed class SeenEvents
{
    private readonly Lock _writing = new();
    private readonly List<string> _frames = [];

    public List<string> Frames
    {
        get
        {
            lock (_writing) return [.. _frames];
        }
    }

    /// <param name="cut">It can be cancelled: then what breaks under the client is no error, and what was seen is kept.</param>
    /// <param name="most">It leaves behind so many.</param>
    /// <returns>The status; null: nobody answered.</returns>
    public async Task<int?> Read(Uri address, OpenSession session, HttpRequestMessage asked, CancellationToken cut, int most = int.MaxValue)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(180) };
        using var request = asked;
        request.Headers.Accept.Add(new("text/event-stream"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", session.Token);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cut);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cut));
            if (response.IsSuccessStatusCode)
            {
                await Read(reader, most, cut);
            }

            return (int)response.StatusCode;
        }
        catch (Exception e) when (cut.CanBeCanceled && e is IOException or HttpRequestException or OperationCanceledException)
        {
            return null; // its server was killed under it, or is not there
        }
    }

    private async Task Read(StreamReader reader, int most, CancellationToken cut)
    {
        var frame = new StringBuilder();
        while (most > 0 && await reader.ReadLineAsync(cut) is { } line)
        {
            if (line.Length > 0)
            {
                frame.Append(frame.Length == 0 ? "" : "\n").Append(line);
                continue;
            }

            if (frame[0] != ':') // that the connection lives
            {
                lock (_writing) _frames.Add(frame.ToString());
                most--;
            }

            frame.Clear();
        }
    }
}

using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Agora.Samples.TextService.Text;
using Microsoft.AspNetCore.Http;

namespace Agora.Samples.TextService;

/// <summary>
/// A model without weights, at OpenAI's <c>chat/completions</c>: it says in short what it was told last, by the means of the other routes, and fills a form where one is asked for. So chats, their streams and their bills can be tried where no provider of models is at hand.
/// Four characters are a token.
/// </summary>
internal static partial class SampleModel
{
    private const int TokenLength = 4;
    private const int KeywordsSaid = 5;

    /// <summary>Of a reply, where the request asks for no less.</summary>
    public const int MaxTokens = 1_024;

    /// <summary>Other scripts than Latin stay as they are.</summary>
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Between two pieces of a stream: it is to be seen that it is one.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(15);

    public static async Task Complete(HttpContext http)
    {
        try
        {
            var asked = Asked.Of(await RequestReader.ReadBody(http.Request));
            var reply = Pieces(ReplyTo(asked)).ToList();
            var said = reply.Take(asked.MaxTokens).ToList();
            var id = $"chatcmpl-{Guid.CreateVersion7():N}";
            var told = new Told(id, DateTimeOffset.UtcNow.ToUnixTimeSeconds(), asked.Model, said, said.Count < reply.Count ? "length" : "stop", asked.Tokens);
            await (asked.IsStreamed ? Stream(http, told, asked.WithUsage) : http.Response.WriteAsJsonAsync(told.Whole));
        }
        catch (BadRequestException problem)
        {
            http.Response.StatusCode = problem.Status;
            await http.Response.WriteAsJsonAsync(new { error = new { message = problem.Message, type = "invalid_request_error", code = problem.Code } });
        }
    }

    private static string ReplyTo(Asked asked)
    {
        if (asked.Form is { } form) return FilledForm.Of(form, Summarizer.Summarize(asked.Text, 1).Language)?.ToJsonString(Readable) ?? "null";

        var (summary, words, mood) = (Summarizer.Summarize(asked.Text, 2), KeywordRanking.Of(asked.Text, KeywordsSaid).Keywords.Select(static keyword => keyword.Word), SentimentScore.Of(asked.Text).Label);
        return summary.Language == "ja"
            ? $"要点：{summary.Summary}\n言葉：{string.Join("、", words)}\n感じ：{Japanese(mood)}{(asked.IsFirst ? "\n\n私は重みのない見本のモデルで、文と言葉を順位づけるだけです。" : "")}"
            : $"In short: {summary.Summary}\nWords: {string.Join(", ", words)}\nIt sounds {mood}.{(asked.IsFirst ? "\n\nI am a sample without weights: I rank sentences and words, and know nothing." : "")}";
    }

    /// <summary>Words of a dialogue come escaped in a frame: this model sums up the words, not the frame.</summary>
    private static string Unframed(string text) => Frame().Replace(text, static frame => WebUtility.HtmlDecode(frame.Groups[1].Value));

    [GeneratedRegex("""<said(?: by="[^"<>]*")?>([^<>]*)</said>""", RegexOptions.CultureInvariant)]
    private static partial Regex Frame();

    private static string Japanese(string mood) => mood switch { "positive" => "肯定的", "negative" => "否定的", _ => "中立" };

    /// <summary>Never within a character that takes two.</summary>
    private static IEnumerable<string> Pieces(string text)
    {
        for (var from = 0; from < text.Length;)
        {
            var to = Math.Min(from + TokenLength, text.Length);
            to += to < text.Length && char.IsHighSurrogate(text[to - 1]) ? 1 : 0;
            yield return text[from..to];
            from = to;
        }
    }

    private static async Task Stream(HttpContext http, Told told, bool withUsage)
    {
        http.Response.ContentType = "text/event-stream";
        foreach (var piece in told.Pieces)
        {
            await Event(http, told.Chunk(new JsonObject { ["content"] = piece }, null).ToJsonString());
            await Task.Delay(Pause, http.RequestAborted);
        }

        await Event(http, told.Chunk([], told.Finish).ToJsonString());
        if (withUsage)
        {
            await Event(http, told.Counted.ToJsonString());
        }

        await Event(http, "[DONE]");
    }

    private static async Task Event(HttpContext http, string data)
    {
        await http.Response.WriteAsync($"data: {data}\n\n", http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }

    /// <param name="Text">What was said last.</param>
    /// <param name="IsFirst">Nothing was replied yet.</param>
    /// <param name="Form">The JSON Schema of the reply; null: it is text.</param>
    private sealed record Asked(string Model, string Text, bool IsFirst, int Tokens, int MaxTokens, bool IsStreamed, bool WithUsage, JsonNode? Form)
    {
        /// <exception cref="BadRequestException">Not what this model takes.</exception>
        public static Asked Of(byte[] body)
        {
            try
            {
                var json = JsonNode.Parse(body) as JsonObject ?? throw Invalid("The body must be a JSON object.");
                var form = (string?)json["response_format"]?["type"] is "json_schema" ? json["response_format"]!["json_schema"]?["schema"] as JsonObject : null;
                if (json["tools"] is JsonArray { Count: > 0 } || (form is null && (string?)json["response_format"]?["type"] is not (null or "text")))
                {
                    throw Invalid("This model calls no tools, and writes text, or JSON by a schema.");
                }

                var messages = (json["messages"] as JsonArray ?? throw Invalid("messages is missing.")).Select(static message => (Role: (string?)message?["role"], Text: Content(message?["content"]))).ToList();
                var last = messages.FindLast(static message => message.Role == "user").Text is { } said ? Unframed(said) : null;
                if (string.IsNullOrWhiteSpace(last) || last.Length > ITextRequest.MaxTextCharacters)
                {
                    throw Invalid($"The last message of the user must have 1 to {ITextRequest.MaxTextCharacters} characters of text.");
                }

                var most = (int?)json["max_completion_tokens"] ?? (int?)json["max_tokens"] ?? SampleModel.MaxTokens;
                return most < 1 ? throw Invalid("max_tokens must be 1 or more.")
                    : new((string?)json["model"] ?? "", last, !messages.Exists(static message => message.Role == "assistant"), messages.Sum(static message => (message.Text.Length + TokenLength - 1) / TokenLength), Math.Min(most, SampleModel.MaxTokens), (bool?)json["stream"] == true, (bool?)json["stream_options"]?["include_usage"] == true, form);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException)
            {
                throw Invalid("The body is not what chat/completions takes.");
            }
        }

        private static string Content(JsonNode? content) => content is not JsonArray parts ? (string?)content ?? ""
            : parts.Aggregate(new StringBuilder(), static (text, part) => text.Append((string?)part?["text"])).ToString();

        private static BadRequestException Invalid(string message) => new(400, "invalid_request", message);
    }

    private sealed record Told(string Id, long Created, string Model, IReadOnlyList<string> Pieces, string Finish, int Read)
    {
        public JsonObject Whole => new()
        {
            ["id"] = Id,
            ["object"] = "chat.completion",
            ["created"] = Created,
            ["model"] = Model,
            ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = string.Concat(Pieces) }, ["finish_reason"] = Finish }),
            ["usage"] = Usage,
        };

        public JsonObject Counted => Part([], Usage);

        private JsonObject Usage => new() { ["prompt_tokens"] = Read, ["completion_tokens"] = Pieces.Count, ["total_tokens"] = Read + Pieces.Count };

        public JsonObject Chunk(JsonObject delta, string? finish) => Part([new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = finish }], null);

        private JsonObject Part(JsonArray choices, JsonObject? usage) => new() { ["id"] = Id, ["object"] = "chat.completion.chunk", ["created"] = Created, ["model"] = Model, ["choices"] = choices, ["usage"] = usage };
    }
}

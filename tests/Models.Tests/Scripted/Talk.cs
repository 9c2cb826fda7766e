using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Agora.ScriptedModels;

namespace Agora.Models.Tests.Scripted;

/// <summary>A client of one endpoint by its maker's documents, and by nothing of the provider's own code.</summary>
internal sealed record Talk(string Name)
{
    public const string Chat = "chat";
    public const string Responses = "responses";
    public const string Messages = "messages";
    public const string Generate = "generate";

    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false, ResponseDrainTimeout = TimeSpan.Zero });

    public static TheoryData<string> All => [Chat, Responses, Messages, Generate];

    public string Path(bool stream) => Name switch
    {
        Chat => "v1/chat/completions",
        Responses => "v1/responses",
        Messages => "v1/messages",
        _ => stream ? "v1beta/models/scripted:streamGenerateContent?alt=sse" : "v1beta/models/scripted:generateContent",
    };

    /// <param name="more">Members with a comma before each.</param>
    public string Body(bool stream, int max = 1000, string? stop = null, bool tools = false, bool reasons = true, string more = "")
    {
        var streaming = stream ? ",\"stream\":true" : "";
        return Name switch
        {
            Chat => $$"""{"model":"scripted","messages":[{"role":"user","content":"Say it."}],"max_completion_tokens":{{max}}{{streaming}}{{(stream ? ",\"stream_options\":{\"include_usage\":true}" : "")}}{{(stop is null ? "" : $",\"stop\":[\"{stop}\"]")}}{{(tools ? ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"look\",\"parameters\":{}}}]" : "")}}{{(reasons ? "" : ",\"reasoning_effort\":\"none\"")}}{{more}}}""",
            Responses => $$"""{"model":"scripted","input":"Say it.","max_output_tokens":{{max}}{{streaming}}{{(tools ? ",\"tools\":[{\"type\":\"function\",\"name\":\"look\",\"parameters\":{},\"strict\":false}]" : "")}},"reasoning":{{(reasons ? "{\"summary\":\"auto\"}" : "{\"effort\":\"none\"}")}}{{more}}}""",
            Messages => $$"""{"model":"scripted","messages":[{"role":"user","content":"Say it."}],"max_tokens":{{max}}{{streaming}}{{(stop is null ? "" : $",\"stop_sequences\":[\"{stop}\"]")}}{{(tools ? ",\"tools\":[{\"name\":\"look\",\"input_schema\":{\"type\":\"object\"}}]" : "")}}{{(reasons ? ",\"thinking\":{\"type\":\"adaptive\"}" : "")}}{{more}}}""",
            _ => $$$"""{"contents":[{"role":"user","parts":[{"text":"Say it."}]}],"generationConfig":{"maxOutputTokens":{{{max}}}{{{(stop is null ? "" : $",\"stopSequences\":[\"{stop}\"]")}}},"thinkingConfig":{{{(reasons ? "{\"includeThoughts\":true}" : "{\"thinkingBudget\":0}")}}}}{{{(tools ? ",\"tools\":[{\"functionDeclarations\":[{\"name\":\"look\"}]}]" : "")}}}{{{more}}}}""",
        };
    }

    public HttpRequestMessage Request(ScriptedProvider provider, bool stream, string? body = null, string key = Script.UsualKey)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(provider.Url, Path(stream))) { Content = new StringContent(body ?? Body(stream), Encoding.UTF8, "application/json") };
        SignWith(request.Headers, Name, key);
        return request;
    }

    public static void SignWith(HttpRequestHeaders headers, string name, string key)
    {
        switch (name)
        {
            case Messages:
                headers.Add("x-api-key", key);
                headers.Add("anthropic-version", "2023-06-01");
                break;
            case Generate:
                headers.Add("x-goog-api-key", key);
                break;
            default:
                headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
                break;
        }
    }

    public Task<HttpResponseMessage> Send(ScriptedProvider provider, bool stream, string? body = null, string key = Script.UsualKey, CancellationToken cancel = default) =>
        Http.SendAsync(Request(provider, stream, body, key), HttpCompletionOption.ResponseHeadersRead, cancel);

    public async Task<Heard> Hear(ScriptedProvider provider, bool stream, string? body = null)
    {
        using var response = await Send(provider, stream, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return stream ? Heard.OfEvents(Name, Events(text)) : Heard.OfWhole(Name, JsonElement.Parse(text));
    }

    /// <summary>The data of each.</summary>
    public static IReadOnlyList<string> Events(string stream) =>
    [
        .. stream.ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(static sent => string.Join('\n', sent.Split('\n').Where(static line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(static line => line["data: ".Length..]))),
    ];
}

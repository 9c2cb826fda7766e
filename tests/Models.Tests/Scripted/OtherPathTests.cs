using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Agora.ScriptedModels;

namespace Agora.Models.Tests.Scripted;

/// <summary>Paths where no model talks, and requests that the real ones would not take.</summary>
public sealed class OtherPathTests
{
    private static readonly HttpClient Http = new();

    [Fact]
    public async Task Embeddings_are_one_a_text_with_their_usage()
    {
        await using var provider = await ScriptedProvider.Start(new Script());
        var reply = await Post(provider, Talk.Chat, "v1/embeddings", """{"model":"e","input":["12345678","1234"],"dimensions":3}""");
        Assert.Equal([3, 3], reply.GetProperty("data").EnumerateArray().Select(static one => one.GetProperty("embedding").GetArrayLength()));
        Assert.Equal(3, reply.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        var coded = await Post(provider, Talk.Chat, "v1/embeddings", """{"model":"e","input":"12345678","dimensions":3,"encoding_format":"base64"}""");
        Assert.Equal(
            reply.GetProperty("data")[0].GetProperty("embedding")[2].GetSingle(),
            BitConverter.ToSingle(Convert.FromBase64String(coded.GetProperty("data")[0].GetProperty("embedding").GetString()!), 8));
        var google = await Post(provider, Talk.Generate, "v1beta/models/e:batchEmbedContents", """{"requests":[{"model":"models/e","content":{"parts":[{"text":"1234"}]}},{"model":"models/e","content":{"parts":[{"text":"1234"}]},"outputDimensionality":3}]}""");
        Assert.Equal([8, 3], google.GetProperty("embeddings").EnumerateArray().Select(static one => one.GetProperty("values").GetArrayLength()));
        Assert.Equal(2, google.GetProperty("usageMetadata").GetProperty("promptTokenCount").GetInt32());
        await provider.Idle();
        Assert.Equal([3L, 2, 2], provider.Truths.Select(static truth => truth.Counts.Input));
    }

    [Fact]
    public async Task Speech_is_bytes_or_events_with_usage()
    {
        await using var provider = await ScriptedProvider.Start(new Script { Reply = new Reply { Audio = new byte[] { 1, 2, 3 }, OutputAudio = 9 } });
        const string Body = """{"model":"t","voice":"alloy","input":"12345678"}""";
        using var whole = await Send(provider, Talk.Chat, "v1/audio/speech", Body);
        Assert.Equal([1, 2, 3], await whole.Content.ReadAsByteArrayAsync());
        Assert.Equal("audio/mpeg", whole.Content.Headers.ContentType!.MediaType);
        using var events = await Send(provider, Talk.Chat, "v1/audio/speech", Body.Replace("}", ",\"stream_format\":\"sse\"}", StringComparison.Ordinal));
        var last = JsonElement.Parse(Talk.Events(await events.Content.ReadAsStringAsync())[^1]);
        Assert.Equal(9, last.GetProperty("usage").GetProperty("output_tokens").GetInt32());
        await provider.Idle();
        Assert.All(provider.Truths, static truth => Assert.Equal((2, 9), (truth.Counts.Input, truth.Counts.OutputAudio)));
        Assert.Equal([false, true], provider.Truths.Select(static truth => truth.CouldBeKnown));
    }

    [Theory]
    [InlineData(Talk.Chat, "v1/models", "data")]
    [InlineData(Talk.Messages, "v1/models", "data")]
    [InlineData(Talk.Generate, "v1beta/models", "models")]
    public async Task Models_are_listed_in_the_makers_way(string name, string path, string member)
    {
        await using var provider = await ScriptedProvider.Start(new Script { Models = ["one", "two", "three"] });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(provider.Url, path));
        Talk.SignWith(request.Headers, name, Script.UsualKey);
        using var response = await Http.SendAsync(request);
        var list = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(3, list.GetProperty(member).GetArrayLength());
        Assert.Equal(name == Talk.Messages, list.TryGetProperty("has_more", out _));
    }

    [Theory]
    [InlineData(Talk.Messages, "v1/messages/count_tokens", "input_tokens")]
    [InlineData(Talk.Generate, "v1beta/models/m:countTokens", "totalTokens")]
    public async Task Counted_tokens_are_those_of_the_usage(string name, string path, string member)
    {
        await using var provider = await ScriptedProvider.Start(new Script());
        var counted = await Post(provider, name, path, name == Talk.Messages ? """{"model":"m","messages":[{"role":"user","content":"Say it."}]}""" : """{"contents":[{"parts":[{"text":"Say it."}]}]}""");
        Assert.Equal((await new Talk(name).Hear(provider, stream: false)).Usage!.AllInput, counted.GetProperty(member).GetInt64());
    }

    [Theory]
    [InlineData(Talk.Chat, 401)]
    [InlineData(Talk.Responses, 401)]
    [InlineData(Talk.Messages, 401)]
    [InlineData(Talk.Generate, 400)]
    public async Task A_wrong_key_is_refused_in_the_makers_way(string name, int status)
    {
        await using var provider = await ScriptedProvider.Start(new Script());
        using var response = await new Talk(name).Send(provider, stream: false, key: "another");
        Assert.Equal(status, (int)response.StatusCode);
        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains(name switch { Talk.Messages => "authentication_error", Talk.Generate => "API_KEY_INVALID", _ => "invalid_api_key" }, text, StringComparison.Ordinal);
        await provider.Idle();
        Assert.Empty(provider.Truths);
    }

    [Fact]
    public async Task Anthropics_key_may_come_as_a_bearer()
    {
        await using var provider = await ScriptedProvider.Start(new Script());
        using var request = new Talk(Talk.Messages).Request(provider, stream: false);
        request.Headers.Remove("x-api-key");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Script.UsualKey);
        using var response = await Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData(Talk.Chat, "v1/chat/completions", """{"messages":[{"role":"user","content":"a"}]}""", "model")]
    [InlineData(Talk.Chat, "v1/chat/completions", """{"model":"m"}""", "messages")]
    [InlineData(Talk.Chat, "v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"a"}],"top_k":3}""", "top_k")]
    [InlineData(Talk.Chat, "v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"a"}],"stream_options":{"include_usage":true}}""", "stream_options")]
    [InlineData(Talk.Chat, "v1/chat/completions", """{"model":"m","messages":[{"role":"tool","tool_call_id":"x","content":"a"}]}""", "preceding")]
    [InlineData(Talk.Responses, "v1/responses", """{"model":"m"}""", "input")]
    [InlineData(Talk.Responses, "v1/responses", """{"model":"m","input":"a","max_tokens":20}""", "max_tokens")]
    [InlineData(Talk.Responses, "v1/responses", """{"model":"m","input":[{"type":"function_call_output","call_id":"x","output":"a"}]}""", "No tool call")]
    [InlineData(Talk.Messages, "v1/messages", """{"model":"m","messages":[{"role":"user","content":"a"}]}""", "max_tokens")]
    [InlineData(Talk.Messages, "v1/messages", """{"model":"m","max_tokens":5,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"x","content":"a"}]}]}""", "tool_use_id")]
    [InlineData(Talk.Messages, "v1/messages", """{"model":"m","max_tokens":5,"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"a","signature":"b"}]}]}""", "signature")]
    [InlineData(Talk.Generate, "v1beta/models/m:generateContent", """{"contents":[{"parts":[{"text":"a"}]}],"max_tokens":3}""", "max_tokens")]
    [InlineData(Talk.Generate, "v1beta/models/m:generateContent", "no json", "JSON")]
    public async Task What_the_real_one_would_not_take_is_400(string name, string path, string body, string about)
    {
        await using var provider = await ScriptedProvider.Start(new Script());
        using var response = await Send(provider, name, path, body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(about, JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Images_are_85_tokens_and_texts_are_counted_together()
    {
        var body = JsonElement.Parse("""{"messages":[{"role":"user","content":[{"type":"text","text":"ab"},{"type":"text","text":"cde"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}]}""");
        Assert.Equal(85 + 2, Tokens.Of(body, "messages"));
        Assert.Equal(12, Words.Of(3, 9).Length);
        Assert.Equal(Words.Of(3, 9), Words.Of(3, 9));
        Assert.NotEqual(Words.Of(30, 9), Words.Of(30, 8));
    }

    private static async Task<JsonElement> Post(ScriptedProvider provider, string name, string path, string body)
    {
        using var response = await Send(provider, name, path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }

    private static async Task<HttpResponseMessage> Send(ScriptedProvider provider, string name, string path, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(provider.Url, path)) { Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")) };
        Talk.SignWith(request.Headers, name, Script.UsualKey);
        return await Http.SendAsync(request);
    }
}

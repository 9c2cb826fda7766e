using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Samples.TextService;

namespace Agora.Samples.Tests;

public sealed class TextServiceTests : IAsyncLifetime
{
    private const string Chat = "/v1/chat/completions";

    private readonly HttpClient _http = new();
    private TextServiceApp _service = null!;

    public async Task InitializeAsync()
    {
        _service = await TextServiceApp.Start();
        _http.BaseAddress = _service.Address;
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task The_root_says_what_it_is() =>
        Assert.Contains("POST /summarize", await _http.GetStringAsync("/"), StringComparison.Ordinal);

    [Theory]
    [InlineData("/summarize", "summary", "sentences", "language", "sentences_read")]
    [InlineData("/keywords", "keywords", "language")]
    [InlineData("/sentiment", "label", "score", "matched_words", "language")]
    public async Task Each_route_answers_with_its_members(string route, params string[] members)
    {
        var (status, answer) = await Post(route, Body(new { text = Texts.English }));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(members, JsonNode.Parse(answer)!.AsObject().Select(member => member.Key));
    }

    [Fact]
    public async Task The_number_of_sentences_asked_for_is_given()
    {
        var (_, answer) = await Post("/summarize", Body(new { text = Texts.Japanese, sentences = 4 }));

        Assert.Equal(4, JsonNode.Parse(answer)!["sentences"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("/summarize", "not json")]
    [InlineData("/summarize", "null")]
    [InlineData("/summarize", "[]")]
    [InlineData("/summarize", "{}")]
    [InlineData("/summarize", """{"text":null}""")]
    [InlineData("/summarize", """{"text":5}""")]
    [InlineData("/summarize", """{"text":"  "}""")]
    [InlineData("/summarize", """{"text":"a","text":"b"}""")]
    [InlineData("/summarize", """{"text":"a","colour":"red"}""")]
    [InlineData("/summarize", """{"text":"a","sentences":0}""")]
    [InlineData("/summarize", """{"text":"a","sentences":21}""")]
    [InlineData("/summarize", """{"text":"a","sentences":1.5}""")]
    [InlineData("/summarize", """{"text":"a","sentences":99999999999}""")]
    [InlineData("/summarize", """{"text":"a","max_length":19}""")]
    [InlineData("/keywords", """{"text":"a","count":51}""")]
    [InlineData("/sentiment", """{"text":[[[[[[[[[[1]]]]]]]]]]}""")]
    public async Task A_bad_body_gets_400_and_a_sentence(string route, string body)
    {
        var (status, answer) = await Post(route, body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        var error = JsonNode.Parse(answer)!["error"]!;
        Assert.Equal("invalid_request", (string?)error["code"]);
        Assert.EndsWith(".", (string?)error["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_is_bounded_at_50000_characters()
    {
        Assert.Equal(HttpStatusCode.OK, (await Post("/sentiment", Body(new { text = new string('a', 50_000) }))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Post("/sentiment", Body(new { text = new string('a', 50_001) }))).Status);
    }

    [Fact]
    public async Task A_body_over_256_KiB_gets_413() =>
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await Post("/sentiment", new string(' ', 256 * 1024 + 1))).Status);

    [Fact]
    public async Task Another_content_type_gets_415()
    {
        using var response = await _http.PostAsync("/sentiment", new StringContent("""{"text":"a"}""", Encoding.UTF8, "text/plain"));

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Fact]
    public async Task The_same_key_and_body_get_the_same_bytes_and_another_body_gets_409()
    {
        var body = Body(new { text = Texts.English });

        var first = await Post("/keywords", body, "key-1");
        Assert.Equal(first, await Post("/keywords", body, "key-1"));
        Assert.Equal(HttpStatusCode.Conflict, (await Post("/keywords", Body(new { text = "other" }), "key-1")).Status);
        Assert.Equal(HttpStatusCode.OK, (await Post("/sentiment", Body(new { text = "other" }), "key-1")).Status);
    }

    [Fact]
    public async Task A_key_over_255_characters_gets_400() =>
        Assert.Equal(HttpStatusCode.BadRequest, (await Post("/sentiment", Body(new { text = "a" }), new string('k', 256))).Status);

    [Theory]
    [InlineData("The park is wonderful. Deer walk there.", "In short: The park is wonderful.", "It sounds positive.", "I am a sample")]
    [InlineData("公園はとても美しい。", "要点：公園はとても美しい。", "肯定的", "見本")]
    public async Task The_model_says_in_short_what_it_was_told_last_and_what_it_is(string text, params string[] said)
    {
        var (status, answer) = await Post(Chat, Body(new { model = "m", messages = new object[] { new { role = "system", content = "Be kind." }, new { role = "user", content = new[] { new { type = "text", text } } } } }));

        Assert.Equal(HttpStatusCode.OK, status);
        var json = JsonNode.Parse(answer)!;
        Assert.All(said, part => Assert.Contains(part, (string?)json["choices"]![0]!["message"]!["content"], StringComparison.Ordinal));
        Assert.Equal(("stop", 2 + ((text.Length + 3) / 4)), ((string?)json["choices"]![0]!["finish_reason"], (int)json["usage"]!["prompt_tokens"]!));
    }

    [Fact]
    public async Task The_model_reads_what_was_said_in_a_dialogue_without_its_frame()
    {
        var (status, answer) = await Post(Chat, Body(new { model = "m", messages = new object[] { new { role = "user", content = """<said by="Bob &amp; Co">Tea &amp; milk &lt;3 are wonderful.</said>""" } } }));

        Assert.Equal(HttpStatusCode.OK, status);
        var said = (string?)JsonNode.Parse(answer)!["choices"]![0]!["message"]!["content"];
        Assert.Contains("Tea & milk <3 are wonderful.", said, StringComparison.Ordinal);
        Assert.DoesNotContain("said by", said, StringComparison.Ordinal);
        Assert.DoesNotContain("&amp;", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Deer walk there.", 1_024, "stop")]
    [InlineData("Deer walk there.", 3, "length")]
    [InlineData("鹿が好き😀😀😀😀😀です。", 1_024, "stop")]
    public async Task The_model_streams_what_it_says_and_counts_it(string text, int most, string finish)
    {
        var asked = new { model = "m", messages = new[] { new { role = "user", content = text } }, max_tokens = most };
        var whole = JsonNode.Parse((await Post(Chat, Body(asked))).Answer)!;
        var (_, answer) = await Post(Chat, Body(new { asked.model, asked.messages, asked.max_tokens, stream = true, stream_options = new { include_usage = true } }));

        var events = answer.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("data: [DONE]", events[^1]);
        var chunks = events[..^1].Select(static line => JsonNode.Parse(line["data: ".Length..])!).ToList();
        Assert.Equal((string?)whole["choices"]![0]!["message"]!["content"], string.Concat(chunks[..^2].Select(static chunk => (string?)chunk["choices"]![0]!["delta"]!["content"])));
        Assert.Equal(finish, (string?)chunks[^2]["choices"]![0]!["finish_reason"]);
        Assert.Equal(whole["usage"]!.ToJsonString(), chunks[^1]["usage"]!.ToJsonString());
        Assert.Equal(chunks.Count - 2, (int)chunks[^1]["usage"]!["completion_tokens"]!);
    }

    [Fact]
    public async Task The_model_says_what_it_is_once()
    {
        var messages = new[] { new { role = "user", content = "Hello." }, new { role = "assistant", content = "Hello." }, new { role = "user", content = "Deer walk." } };

        var (_, answer) = await Post(Chat, Body(new { messages }));

        Assert.DoesNotContain("sample", answer, StringComparison.Ordinal);
        Assert.Contains("Deer walk.", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"messages":{}}""")]
    [InlineData("""{"messages":[]}""")]
    [InlineData("""{"messages":["a"]}""")]
    [InlineData("""{"messages":[{"role":"user","content":5}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":" "}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"max_tokens":0}""")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"max_tokens":"b"}""")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"tools":[{}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"response_format":{"type":"json_object"}}""")]
    public async Task What_the_model_does_not_take_gets_400_in_its_makers_form(string body)
    {
        var (status, answer) = await Post(Chat, body);

        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request_error"), (status, (string?)JsonNode.Parse(answer)!["error"]!["type"]));
    }

    private async Task<(HttpStatusCode Status, string Answer)> Post(string route, string body, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, route) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        using var response = await _http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static string Body(object value) => JsonSerializer.Serialize(value);
}

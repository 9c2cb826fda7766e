using System.Text;
using Agora.Models.Dialects;

namespace Agora.Models.Tests.Chat;

public sealed class ChatRefusalTests
{
    [Theory]
    [InlineData("\"n\":2", "n")]
    [InlineData("\"n\":0", "n")]
    [InlineData("\"modalities\":[\"text\",\"audio\"]", "modalities")]
    [InlineData("\"audio\":{\"voice\":\"ash\",\"format\":\"wav\"}", "audio")]
    [InlineData("\"web_search_options\":{}", "web_search_options")]
    [InlineData("\"prediction\":{\"type\":\"content\",\"content\":\"x\"}", "prediction")]
    [InlineData("\"moderation\":{\"model\":\"x\"}", "moderation")]
    [InlineData("\"prompt_cache_options\":{\"mode\":\"explicit\"}", "prompt_cache_options.mode")]
    [InlineData("\"store\":true", "store")]
    [InlineData("\"logprobs\":true", "logprobs")]
    [InlineData("\"top_logprobs\":2", "top_logprobs")]
    [InlineData("\"logit_bias\":{\"50256\":-100}", "logit_bias")]
    [InlineData("\"functions\":[{\"name\":\"f\"}]", "functions")]
    [InlineData("\"function_call\":{\"name\":\"f\"}", "function_call")]
    [InlineData("\"max_tokens\":5,\"max_completion_tokens\":6", "max_tokens")]
    [InlineData("\"max_tokens\":0", "max_tokens")]
    [InlineData("\"max_tokens\":5.5", "max_tokens")]
    [InlineData("\"max_tokens\":\"5\"", "max_tokens")]
    [InlineData("\"max_completion_tokens\":4000001", "max_completion_tokens")]
    [InlineData("\"temperature\":2.1", "temperature")]
    [InlineData("\"temperature\":1e999", "temperature")]
    [InlineData("\"top_p\":-0.1", "top_p")]
    [InlineData("\"top_k\":0", "top_k")]
    [InlineData("\"presence_penalty\":3", "presence_penalty")]
    [InlineData("\"seed\":1e30", "seed")]
    [InlineData("\"stop\":[\"\"]", "stop")]
    [InlineData("\"stop\":[1]", "stop")]
    [InlineData("\"stop\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\",\"12\",\"13\",\"14\",\"15\",\"16\",\"17\"]", "stop")]
    [InlineData("\"stream\":1", "stream")]
    [InlineData("\"stream_options\":{\"include_obfuscation\":true}", "stream_options.include_obfuscation")]
    [InlineData("\"stream_options\":{\"continuous_usage_stats\":true}", "stream_options.continuous_usage_stats")]
    [InlineData("\"service_tier\":\"gold\"", "service_tier")]
    [InlineData("\"reasoning_effort\":\"much\"", "reasoning_effort")]
    [InlineData("\"verbosity\":\"much\"", "verbosity")]
    [InlineData("\"repetition_penalty\":1", "repetition_penalty")]
    [InlineData("\"min_p\":null", "min_p")]
    [InlineData("\"response_format\":{\"type\":\"grammar\"}", "response_format.type")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\"}", "response_format.json_schema")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\"}}", "response_format.json_schema.schema")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"\",\"schema\":{}}}", "response_format.json_schema.name")]
    [InlineData("\"tools\":[{\"type\":\"web_search\"}]", "tools[0].type")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":[]}}]", "tools[0].function.parameters")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{}}]", "tools[0].function.name")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"more\":1}}]", "tools[0].function.more")]
    [InlineData("\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"f\",\"format\":{\"type\":\"grammar\"}}}]", "tools[0].custom.format.grammar")]
    [InlineData("\"tool_choice\":\"required\"", "tool_choice")]
    [InlineData("\"tool_choice\":\"some\"", "tool_choice")]
    [InlineData("\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}}", "tool_choice")]
    [InlineData("\"tool_choice\":{\"type\":\"allowed_tools\",\"allowed_tools\":{}}", "tool_choice.allowed_tools.mode")]
    public void A_member_that_is_not_done_is_refused_by_its_name(string member, string param)
    {
        var fault = ChatSamples.Refused(ChatSamples.With(member));

        Assert.Equal((DialectErrorKind.InvalidRequest, param), (fault.Kind, fault.Param));
        Assert.EndsWith(".", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"","format":"wav"}}]}""", "messages[0].content[0].type")]
    [InlineData("""{"role":"user","content":[{"type":"text","text":"a"},{"type":"file","file":{"file_id":"f"}}]}""", "messages[0].content[1].type")]
    [InlineData("""{"role":"user","content":[{"type":"text","text":"a","prompt_cache_breakpoint":{"mode":"explicit"}}]}""", "messages[0].content[0].prompt_cache_breakpoint")]
    [InlineData("""{"role":"user","content":[{"type":"refusal","refusal":"a"}]}""", "messages[0].content[0].type")]
    [InlineData("""{"role":"system","content":[{"type":"image_url","image_url":{"url":"https://a"}}]}""", "messages[0].content[0].type")]
    [InlineData("""{"role":"user","content":[{"type":"image_url","image_url":{"url":"file:///etc/passwd"}}]}""", "messages[0].content[0].image_url.url")]
    [InlineData("""{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:text/html;base64,aaaa"}}]}""", "messages[0].content[0].image_url.url")]
    [InlineData("""{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,a"}}]}""", "messages[0].content[0].image_url.url")]
    [InlineData("""{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png,aaaa"}}]}""", "messages[0].content[0].image_url.url")]
    [InlineData("""{"role":"user","content":[{"type":"image_url","image_url":"https://a"}]}""", "messages[0].content[0].image_url")]
    [InlineData("""{"role":"user","content":[]}""", "messages[0].content")]
    [InlineData("""{"role":"user","content":null}""", "messages[0].content")]
    [InlineData("""{"role":"user","content":"a","tool_calls":[]}""", "tool_calls")]
    [InlineData("""{"role":"user","content":"a","tool_call_id":"c"}""", "messages[0].tool_call_id")]
    [InlineData("""{"role":"tool","content":"a"}""", "messages[0].tool_call_id")]
    [InlineData("""{"role":"function","content":"a","name":"f"}""", "messages[0].role")]
    [InlineData("""{"role":"robot","content":"a"}""", "messages[0].role")]
    [InlineData("""{"content":"a"}""", "messages[0].role")]
    [InlineData("""{"role":"assistant","content":null}""", "messages[0].content")]
    [InlineData("""{"role":"assistant","content":"a","function_call":{"name":"f","arguments":""}}""", "messages[0].function_call")]
    [InlineData("""{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f"}}]}""", "messages[0].tool_calls[0].function.arguments")]
    [InlineData("""{"role":"assistant","tool_calls":[{"type":"function","function":{"name":"f","arguments":""}}]}""", "messages[0].tool_calls[0].id")]
    [InlineData("""{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":{}}}]}""", "messages[0].tool_calls[0].function.arguments")]
    [InlineData("\"hi\"", "messages[0]")]
    public void A_message_that_is_not_taken_is_refused_by_its_place(string message, string param)
    {
        var fault = ChatSamples.Refused(ChatSamples.Saying(message));

        Assert.True(fault.Param == param || fault.Param == $"messages[0].{param}", $"{fault.Param}: {fault.Message}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"model":"m"}""")]
    [InlineData("""{"model":"m","messages":[]}""")]
    [InlineData("""{"model":"","messages":[{"role":"user","content":"a"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"a"}],}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"\ud83d"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"\ude00\ud83d"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"a"}],"\ud83d":1}""")]
    public void What_is_no_request_is_refused(string body) => Assert.Equal(DialectErrorKind.InvalidRequest, ChatSamples.Refused(body).Kind);

    [Fact]
    public void A_member_twice_is_refused_also_where_one_is_escaped() =>
        Assert.Contains("twice", ChatSamples.Refused("""{"model":"m","m\u006fdel":"n","messages":[{"role":"user","content":"a"}]}""").Message, StringComparison.Ordinal);

    [Fact]
    public void A_body_nested_too_deep_is_refused_with_the_bound()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 70)) + "1" + new string('}', 70);

        Assert.Contains("64", ChatSamples.Refused(ChatSamples.With($"\"metadata\":{deep}")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_body_of_a_million_brackets_is_refused() => Assert.Equal(DialectErrorKind.InvalidRequest, ChatSamples.Refused(new string('[', 1_000_000)).Kind);

    [Fact]
    public void Invalid_UTF8_is_refused()
    {
        var body = Encoding.UTF8.GetBytes(ChatSamples.Saying("""{"role":"user","content":"ab"}"""));
        body[^5] = 0xC3;

        Assert.Throws<DialectException>(() => new ChatCompletions().Read(body));
    }

    [Fact]
    public void A_body_over_the_bound_is_refused_TooLarge() =>
        Assert.Equal(DialectErrorKind.TooLarge, Assert.Throws<DialectException>(() => new ChatCompletions().Read(new byte[ModelLimits.RequestBytes + 1])).Fault.Kind);

    [Fact]
    public void Too_many_items_are_refused()
    {
        var messages = string.Join(',', Enumerable.Repeat("""{"role":"user","content":"a"}""", ModelLimits.Items + 1));
        var calls = string.Join(',', Enumerable.Repeat("""{"id":"c","type":"function","function":{"name":"f","arguments":""}}""", ModelLimits.Items));

        Assert.Equal("messages", ChatSamples.Refused(ChatSamples.Saying(messages)).Param);
        Assert.Equal("messages", ChatSamples.Refused(ChatSamples.Saying($$"""{"role":"assistant","content":"a","tool_calls":[{{calls}}]}""")).Param);
    }
}

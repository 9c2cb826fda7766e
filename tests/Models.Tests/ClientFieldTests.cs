using System.Text;
using System.Text.Json;
using Agora.Models.Dialects;
using Agora.Models.Tests.Chat;
using Agora.Models.Tests.OfResponses;
using Agora.Models.Wires;

namespace Agora.Models.Tests;

/// <summary>Fields that clients send with each request (Claude Code, Copilot, Codex, OpenRouter's clients): what changes nothing is taken, what a provider knows is passed on, and the rest is refused by its name.</summary>
public sealed class ClientFieldTests
{
    private const string Png = "iVBORw0KGgo=";

    [Theory]
    [InlineData("\"prompt_cache_options\":{\"mode\":\"implicit\"}")]
    [InlineData("\"prompt_cache_options\":{\"mode\":\"implicit\",\"ttl\":\"30m\"}")]
    [InlineData("\"prompt_cache_options\":{}")]
    [InlineData("\"prompt_cache_retention\":\"24h\"")]
    [InlineData("\"logit_bias\":{}")]
    [InlineData("\"top_logprobs\":0")]
    [InlineData("\"functions\":[]")]
    [InlineData("\"functions\":[],\"function_call\":\"auto\"")]
    [InlineData("\"function_call\":\"none\"")]
    [InlineData("\"stop\":\"\"")]
    [InlineData("\"max_tokens\":10,\"max_completion_tokens\":10")]
    [InlineData("\"reasoning_effort\":\"max\"")]
    public void A_chat_field_that_changes_nothing_is_taken(string member) => Assert.Equal("m", ChatSamples.Read(ChatSamples.With(member)).Model);

    [Theory]
    [InlineData("\"prompt_cache_options\":{\"mode\":\"implicit\"}")]
    [InlineData("\"prompt_cache_retention\":\"24h\"")]
    [InlineData("\"access_programs\":[]")]
    [InlineData("\"access_programs\":null")]
    [InlineData("\"presence_penalty\":0,\"frequency_penalty\":0.0")]
    [InlineData("\"max_tool_calls\":null")]
    public void A_responses_field_that_changes_nothing_is_taken(string member) => Assert.Equal("m", Speaking.Read($$"""{"model":"m","input":"hi",{{member}}}""").Model);

    [Theory]
    [InlineData("\"prompt_cache_options\":{\"mode\":\"explicit\"}", "prompt_cache_options.mode")]
    [InlineData("\"access_programs\":[{\"id\":\"a\"}]", "access_programs")]
    public void A_responses_field_that_is_not_done_is_refused_by_its_name(string member, string param) =>
        Assert.Equal(param, Speaking.Refused($$"""{"model":"m","input":"hi",{{member}}}""").Param);

    [Theory]
    [InlineData("\"thinking\":{\"type\":\"adaptive\",\"budget_tokens\":0}")]
    [InlineData("\"thinking\":{\"type\":\"disabled\",\"budget_tokens\":0}")]
    [InlineData("\"context_management\":{\"edits\":[{\"type\":\"clear_thinking_20251015\",\"keep\":\"all\"}]}")]
    [InlineData("\"context_management\":{\"edits\":[]}")]
    [InlineData("\"context_management\":{}")]
    [InlineData("\"system\":[{\"type\":\"text\",\"text\":\"s\",\"cache_control\":{\"type\":\"ephemeral\",\"scope\":\"global\"}}]")]
    [InlineData("\"tools\":[{\"name\":\"t\",\"input_schema\":{\"type\":\"object\"},\"defer_loading\":true}]")]
    [InlineData("\"tools\":[{\"name\":\"t\",\"input_schema\":{\"type\":\"object\"},\"input_examples\":[]}]")]
    public void A_messages_field_that_changes_nothing_is_taken(string member) => Assert.Equal("m-1", MessagesBytes.Read(MessagesBytes.Body(member)).Model);

    [Theory]
    [InlineData("\"thinking\":{\"type\":\"adaptive\",\"budget_tokens\":2048}", "thinking.budget_tokens")]
    [InlineData("\"context_management\":{\"edits\":[{\"type\":\"clear_thinking_20251015\",\"keep\":{\"type\":\"thinking_turns\",\"value\":1}}]}", "context_management.edits.0.keep")]
    [InlineData("\"context_management\":{\"edits\":[{\"type\":\"clear_thinking_20251015\"}]}", "context_management.edits.0.keep")]
    [InlineData("\"context_management\":{\"edits\":[{\"type\":\"clear_tool_uses_20250919\"}]}", "context_management.edits.0.type")]
    [InlineData("\"context_management\":{\"more\":1}", "context_management.more")]
    [InlineData("\"tools\":[{\"name\":\"t\",\"input_schema\":{\"type\":\"object\"},\"input_examples\":[1]}]", "tools.0.input_examples")]
    public void A_messages_field_that_is_not_done_is_refused_by_its_name(string member, string param) =>
        Assert.Equal(param, Assert.Throws<DialectException>(() => MessagesBytes.Read(MessagesBytes.Body(member))).Fault.Param);

    [Fact]
    public void Examples_of_a_tools_input_are_said_in_its_description_to_every_provider()
    {
        var request = MessagesBytes.Read(MessagesBytes.Body("\"tools\":[{\"name\":\"t\",\"description\":\"Looks.\",\"input_schema\":{\"type\":\"object\"},\"input_examples\":[{\"city\":\"Oslo\"},{}]}]"));

        Assert.All(Wires, wire => Assert.Contains("Looks.\\n\\nExamples of input: [{\\\"city\\\":\\\"Oslo\\\"},{}]", MessagesBytes.Written(wire, request), StringComparison.Ordinal));
    }

    [Fact]
    public void A_reference_to_a_tool_in_a_tools_result_names_the_tool_to_every_provider()
    {
        var request = MessagesBytes.Read(MessagesBytes.Body(messages: """
            [{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"ToolSearch","input":{}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":[{"type":"tool_reference","tool_name":"WebFetch"}]}]}]
            """));

        Assert.All(Wires, wire => Assert.Contains("WebFetch", MessagesBytes.Written(wire, request), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("user")]
    [InlineData("system")]
    [InlineData("developer")]
    public void A_participants_name_is_passed_on_to_providers_that_know_names_and_refused_for_others(string role)
    {
        var request = ChatSamples.Read($$"""{"model":"m","messages":[{"role":"{{role}}","name":"ann","content":"hi"},{"role":"user","content":"b"}]}""");

        Assert.Contains("\"name\":\"ann\"", ChatSamples.Sent(request), StringComparison.Ordinal);
        Assert.Contains("\"name\":\"ann\"", ChatSamples.Sent(request, isOpenAi: false), StringComparison.Ordinal);
        Assert.All([new ResponsesWire(), new MessagesWire(), new GeminiWire()], (IWire wire) => Assert.Equal("name", Assert.Throws<DialectException>(() => MessagesBytes.Written(wire, request)).Fault.Param));
        Assert.Contains("ann", RequestTexts.Of(request));
        Assert.True(InputBound.Of(request, 0) >= InputBound.Of(ChatSamples.Read($$"""{"model":"m","messages":[{"role":"{{role}}","content":"hi"},{"role":"user","content":"b"}]}"""), 0) + 3);
    }

    [Fact]
    public void Reasoning_details_of_a_reply_come_back_as_its_reasoning()
    {
        const string Details = """[{"type":"reasoning.text","text":"I look. ","index":0,"format":"x","id":null,"signature":"s"},{"type":"reasoning.summary","summary":"Oslo."},{"type":"reasoning.encrypted","data":"AAAA"}]""";

        var alone = ChatSamples.Read(ChatSamples.Saying($$"""{"role":"assistant","content":"b","reasoning_details":{{Details}}}"""));
        var beside = ChatSamples.Read(ChatSamples.Saying($$"""{"role":"assistant","content":"b","reasoning":"r","reasoning_details":{{Details}}}"""));

        Assert.Equal("I look. Oslo.", Assert.IsType<Item.Reasoning>(alone.Items[0]).Text);
        Assert.Equal("r", Assert.IsType<Item.Reasoning>(beside.Items[0]).Text);
        Assert.Equal("messages[0].reasoning_details", ChatSamples.Refused(ChatSamples.Saying("""{"role":"user","content":"b","reasoning_details":[]}""")).Param);
        Assert.Equal("messages[0].reasoning_details", ChatSamples.Refused(ChatSamples.Saying("""{"role":"assistant","content":"b","reasoning_details":[{"type":"reasoning.video"}]}""")).Param);
    }

    /// <summary>OpenAI's chat has text in tools' results only, so the pictures follow all results of the turn as the user's.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Pictures_of_tools_results_follow_the_results_where_a_provider_takes_only_text_in_them(bool isOpenAi)
    {
        var request = MessagesBytes.Read(MessagesBytes.Body(messages: $$$"""
            [{"role":"user","content":"look"},{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"Read","input":{}},{"type":"tool_use","id":"c2","name":"Read","input":{}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":[{"type":"text","text":"one"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"{{{Png}}}"}}]},
              {"type":"tool_result","tool_use_id":"c2","content":"two"},{"type":"text","text":"and?"}]}]
            """));

        var messages = JsonDocument.Parse(ChatSamples.Sent(request, isOpenAi)).RootElement.GetProperty("messages").EnumerateArray().ToList();

        Assert.Equal(["user", "assistant", "tool", "tool", "user", "user"], messages.Select(message => message.GetProperty("role").GetString()));
        Assert.Equal("one", messages[2].GetProperty("content").GetString());
        Assert.Contains("c1", messages[4].GetProperty("content")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal($"data:image/png;base64,{Png}", messages[4].GetProperty("content")[1].GetProperty("image_url").GetProperty("url").GetString());
        // What is written around the picture is within what is held for it: no tokenizer makes more tokens than there are bytes.
        var around = Encoding.UTF8.GetByteCount(messages[4].GetProperty("content")[0].GetProperty("text").GetString()!);
        Assert.True(around <= InputBound.Pictures, $"{around}");
    }

    [Fact]
    public void A_file_is_refused_by_its_place_with_what_to_send_in_its_stead()
    {
        var fault = ChatSamples.Refused(ChatSamples.Saying("""{"role":"user","content":[{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,AAAA"}}]}"""));

        Assert.Equal("messages[0].content[0].type", fault.Param);
        Assert.Contains("as text or images", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_thought_signature_of_Gemini_goes_to_the_client_and_back_by_the_compatible_wire(bool isStream)
    {
        const string Call = """{"index":0,"id":"fc_1","type":"function","function":{"name":"look","arguments":"{}"},"extra_content":{"google":{"thought_signature":"CiQBsig=="}}}""";
        var reply = isStream
            ? ChatSamples.Built(ChatSamples.Streamed($$"""{"id":"c","model":"g","choices":[{"index":0,"delta":{"tool_calls":[{{Call}}]},"finish_reason":null}]}""", """{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"""))
            : ChatSamples.Replied($$"""{"id":"c","model":"g","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{{Call}}]},"finish_reason":"tool_calls"}]}""");
        var written = isStream
            ? ChatSamples.Written(into =>
            {
                var stream = new ChatCompletions().Stream(ChatSamples.Request, ChatSamples.Head);
                ReplyEvents.Of(reply).ToList().ForEach(said => stream.Write(said, into));
            })
            : ChatSamples.Written(into => new ChatCompletions().Write(ChatSamples.Request, ChatSamples.Head, reply, into));
        Assert.Contains("\"extra_content\":{\"google\":{\"thought_signature\":\"CiQBsig==\"}}", written, StringComparison.Ordinal);

        var back = ChatSamples.Read($$"""{"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","content":null,"tool_calls":[{{Call}}]},{"role":"tool","tool_call_id":"fc_1","content":"r"}]}""");

        Assert.Contains("\"extra_content\":{\"google\":{\"thought_signature\":\"CiQBsig==\"}}", ChatSamples.Sent(back, isOpenAi: false), StringComparison.Ordinal);
        Assert.DoesNotContain("extra_content", ChatSamples.Sent(back), StringComparison.Ordinal);
        Assert.Contains("\"thoughtSignature\":\"CiQBsig==\"", MessagesBytes.Written(new GeminiWire(), back), StringComparison.Ordinal);
    }

    private static IWire[] Wires => [new ChatWire(true), new ChatWire(false), new ResponsesWire(), new MessagesWire(), new GeminiWire()];
}

using Agora.ScriptedModels;

namespace Agora.Models.Tests.Scripted;

/// <summary>Each endpoint where a model talks, at once and in a stream.</summary>
public sealed class AnswerTests
{
    private static readonly string Text = Words.Of(40, 1);

    public static TheoryData<string, bool> Both
    {
        get
        {
            var both = new TheoryData<string, bool>();
            foreach (var name in new[] { Talk.Chat, Talk.Responses, Talk.Messages, Talk.Generate })
            {
                both.Add(name, false);
                both.Add(name, true);
            }

            return both;
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_the_script_says_is_heard_word_for_word(string name, bool stream)
    {
        await using var provider = await ScriptedProvider.Start(new Script { Reply = Reply.Of("Größe 🙂🙂🙂 \"quoted\"\n" + Text) });
        var heard = await new Talk(name).Hear(provider, stream);
        Assert.Equal("Größe 🙂🙂🙂 \"quoted\"\n" + Text, heard.Text);
        Assert.Equal(name switch { Talk.Responses => "completed", Talk.Messages => "end_turn", Talk.Generate => "STOP", _ => "stop" }, heard.Finish);
        Assert.Equal(new Talk(name).Body(stream), System.Text.Encoding.UTF8.GetString(Assert.Single(provider.Seen).Body.Span));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Usage_in_the_makers_own_way_equals_the_truth(string name, bool stream)
    {
        var reply = new Reply
        {
            Text = Text, Reasoning = Words.Of(7), CacheRead = 1, CacheWrite = 1, CacheWriteLong = 1, InputAudio = name is Talk.Chat or Talk.Generate ? 5 : 0, OutputAudio = name is Talk.Chat or Talk.Generate ? 6 : 0,
        };
        await using var provider = await ScriptedProvider.Start(new Script { Reply = reply });
        var long4 = new Talk(name).Body(stream).Replace("Say it.", Words.Of(9), StringComparison.Ordinal);
        var heard = await new Talk(name).Hear(provider, stream, long4);
        await provider.Idle();
        var truth = Assert.Single(provider.Truths);
        Assert.Equal(truth.Counts, heard.Usage);
        Assert.Equal(truth.ProviderId, heard.Id);
        Assert.True(truth.IsComplete && truth.CouldBeKnown);
        Assert.Equal((1, 7, 40), (truth.Counts.CacheRead, truth.Counts.Reasoning, truth.Counts.Output));
        Assert.Equal(9 + truth.Counts.InputAudio, truth.Counts.AllInput);
        Assert.Equal(truth.Counts, provider.Total);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Text_beyond_the_limit_is_cut_there(string name, bool stream)
    {
        await using var provider = await ScriptedProvider.Start(new Script { Reply = new Reply { Text = Text, Reasoning = Words.Of(6) } });
        var heard = await new Talk(name).Hear(provider, stream, new Talk(name).Body(stream, max: 20));
        Assert.Equal(Text[..(14 * Tokens.BytesEach)], heard.Text);
        Assert.Equal(name switch { Talk.Responses => "incomplete", Talk.Messages => "max_tokens", Talk.Generate => "MAX_TOKENS", _ => "length" }, heard.Finish);
        Assert.Equal(20, heard.Usage!.AllOutput);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Text_ends_before_a_stop_sequence(string name, bool stream)
    {
        if (name == Talk.Responses) return; // It has none.

        await using var provider = await ScriptedProvider.Start(new Script { Reply = Reply.Of("one two STOP three") });
        var heard = await new Talk(name).Hear(provider, stream, new Talk(name).Body(stream, stop: "STOP"));
        Assert.Equal("one two ", heard.Text);
        Assert.Equal(name switch { Talk.Messages => "stop_sequence", Talk.Generate => "STOP", _ => "stop" }, heard.Finish);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_tool_is_called_with_the_scripts_arguments(string name, bool stream)
    {
        await using var provider = await ScriptedProvider.Start(new Script { Reply = new Reply { Calls = [new ScriptedCall(null, """{"city":"Oslo","days":[1,2,3]}""")] } });
        var heard = await new Talk(name).Hear(provider, stream, new Talk(name).Body(stream, tools: true));
        Assert.Equal(("look", """{"city":"Oslo","days":[1,2,3]}""", ""), (heard.Call, heard.Arguments, heard.Text));
        Assert.Equal(name switch { Talk.Responses => "completed", Talk.Messages => "tool_use", Talk.Generate => "STOP", _ => "tool_calls" }, heard.Finish);
        Assert.Equal("This is a scripted answer.", (await new Talk(name).Hear(provider, stream)).Text);
        await provider.Idle();
        Assert.Equal(heard.Usage, provider.Truths[0].Counts);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Reasoning_is_shown_only_where_it_is_wanted(string name, bool stream)
    {
        await using var provider = await ScriptedProvider.Start(new Script { Reply = new Reply { Reasoning = "I think so.", ShowsReasoningInChat = true } });
        Assert.Equal("I think so.", (await new Talk(name).Hear(provider, stream)).Reasoning);
        var without = await new Talk(name).Hear(provider, stream, new Talk(name).Body(stream, reasons: false));
        Assert.Equal(("", 0L), (without.Reasoning, without.Usage!.Reasoning));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_request_for_json_gets_the_scripts_json(string name, bool stream)
    {
        await using var provider = await ScriptedProvider.Start(new Script { Reply = new Reply { Json = """{"sum":3}""" } });
        var talk = new Talk(name);
        var body = name switch
        {
            Talk.Chat => talk.Body(stream, more: ""","response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{}}}"""),
            Talk.Responses => talk.Body(stream, more: ""","text":{"format":{"type":"json_schema","name":"s","schema":{}}}"""),
            Talk.Messages => talk.Body(stream, more: ""","output_config":{"format":{"type":"json_schema","schema":{}}}"""),
            _ => talk.Body(stream).Replace("\"maxOutputTokens\"", "\"responseMimeType\":\"application/json\",\"maxOutputTokens\"", StringComparison.Ordinal),
        };
        Assert.Equal("""{"sum":3}""", (await talk.Hear(provider, stream, body)).Text);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_refusal_is_said_in_the_makers_way(string name, bool stream)
    {
        await using var provider = await ScriptedProvider.Start(new Script { Reply = new Reply { Refusal = "I will not." } });
        var heard = await new Talk(name).Hear(provider, stream);
        Assert.Equal(name == Talk.Generate ? "" : "I will not.", heard.Text);
        Assert.Equal(name switch { Talk.Responses => "completed", Talk.Messages => "refusal", Talk.Generate => "SAFETY", _ => "stop" }, heard.Finish);
        await provider.Idle();
        Assert.Equal(heard.Usage, Assert.Single(provider.Truths).Counts);
    }
}

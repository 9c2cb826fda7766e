using System.Net;
using System.Text.Json;
using Agora.ScriptedModels;

namespace Agora.Models.Tests.Scripted;

/// <summary>The shape of each maker's stream, and how it reaches the client.</summary>
public sealed class StreamTests
{
    [Fact]
    public async Task Chat_begins_with_the_role_and_ends_with_finish_usage_and_done()
    {
        await using var provider = await ScriptedProvider.Start(new Script { Reply = Reply.Of("one two") });
        var events = Talk.Events(await Streamed(provider, Talk.Chat));
        Assert.Equal("assistant", JsonElement.Parse(events[0]).GetProperty("choices")[0].GetProperty("delta").GetProperty("role").GetString());
        Assert.Equal("stop", JsonElement.Parse(events[^3]).GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(0, JsonElement.Parse(events[^2]).GetProperty("choices").GetArrayLength());
        Assert.Equal("[DONE]", events[^1]);
        Assert.All(events.Take(events.Count - 2), static sent => Assert.Equal(JsonValueKind.Null, JsonElement.Parse(sent).GetProperty("usage").ValueKind));
    }

    [Fact]
    public async Task Chat_that_does_not_ask_for_usage_is_told_none()
    {
        await using var provider = await ScriptedProvider.Start(new Script());
        var talk = new Talk(Talk.Chat);
        var heard = await talk.Hear(provider, stream: true, talk.Body(stream: true).Replace("\"include_usage\":true", "\"include_usage\":false", StringComparison.Ordinal));
        Assert.Null(heard.Usage);
        await provider.Idle();
        var truth = Assert.Single(provider.Truths);
        Assert.True(truth is { IsComplete: true, CouldBeKnown: false, Counts.Output: > 0 });
    }

    [Fact]
    public async Task Responses_number_their_events_from_created_to_completed()
    {
        await using var provider = await ScriptedProvider.Start(new Script { Reply = new Reply { Reasoning = "Hm." } });
        var events = Talk.Events(await Streamed(provider, Talk.Responses)).Select(static sent => JsonElement.Parse(sent)).ToArray();
        Assert.Equal(Enumerable.Range(0, events.Length), events.Select(static sent => sent.GetProperty("sequence_number").GetInt32()));
        Assert.Equal("response.created", events[0].GetProperty("type").GetString());
        Assert.Equal("response.completed", events[^1].GetProperty("type").GetString());
        Assert.Equal(["reasoning", "message"], events[^1].GetProperty("response").GetProperty("output").EnumerateArray().Select(static item => item.GetProperty("type").GetString()));
        Assert.Equal(2, events.Count(static sent => sent.GetProperty("type").GetString() == "response.output_item.done"));
    }

    [Fact]
    public async Task Messages_have_their_blocks_between_start_and_stop()
    {
        await using var provider = await ScriptedProvider.Start(new Script { Reply = new Reply { Reasoning = "Hm.", Text = "Yes." } });
        var types = Talk.Events(await Streamed(provider, Talk.Messages)).Select(static sent => JsonElement.Parse(sent).GetProperty("type").GetString());
        Assert.Equal(
            [
                "message_start", "content_block_start", "ping", "content_block_delta", "content_block_delta", "content_block_stop", "content_block_start", "ping", "content_block_delta", "content_block_stop",
                "message_delta", "message_stop",
            ], types);
    }

    [Theory]
    [MemberData(nameof(Talk.All), MemberType = typeof(Talk))]
    public async Task A_stream_cut_at_random_bytes_says_the_same(string name)
    {
        var reply = new Reply { Text = "Größe 🙂 " + Words.Of(50), Reasoning = Words.Of(5) };
        await using var provider = await ScriptedProvider.Start(new Script { Reply = reply });
        var whole = await new Talk(name).Hear(provider, stream: true);
        for (var seed = 0; seed < 5; seed++)
        {
            provider.Script = new Script { Reply = reply, Delivery = new Delivery { ChunkCharacters = 3, Pieces = new Pieces(seed, 1, 50) } };
            Assert.Equal(whole with { Id = "" }, await new Talk(name).Hear(provider, stream: true) with { Id = "" });
        }
    }

    [Fact]
    public async Task Pieces_cut_events_in_two()
    {
        var delivery = new Delivery { Pieces = new Pieces(1, 5, 5, TimeSpan.FromMilliseconds(5)) };
        await using var provider = await ScriptedProvider.Start(new Script { Delivery = delivery });
        using var response = await new Talk(Talk.Chat).Send(provider, stream: true);
        await using var stream = await response.Content.ReadAsStreamAsync();
        var first = new byte[5];
        await stream.ReadExactlyAsync(first);
        Assert.Equal("data:"u8.ToArray(), first);
    }

    [Theory]
    [MemberData(nameof(Talk.All), MemberType = typeof(Talk))]
    public async Task A_client_that_leaves_is_billed_as_far_as_it_got(string name)
    {
        await using var provider = await ScriptedProvider.Start(new Script { Reply = new Reply { Fault = new Fault.Endless() } });
        using (var response = await new Talk(name).Send(provider, stream: true))
        {
            await using var stream = await response.Content.ReadAsStreamAsync();
            await stream.ReadExactlyAsync(new byte[100_000]);
        }

        await provider.Idle();
        var truth = Assert.Single(provider.Truths);
        Assert.False(truth.IsComplete);
        Assert.True(name == Talk.Generate || !truth.CouldBeKnown); // Google tells usage in each event: it depends on where the cut was.
        Assert.True(truth.Counts is { Input: > 0, Output: > 100 });
    }

    [Fact]
    public async Task A_script_is_chosen_by_path_key_and_what_is_asked()
    {
        var script = new Script
        {
            Keys = ["a", "b"],
            Choose = static asked => asked.Stream ? Reply.Of("streamed") : null,
            ByPath = new Dictionary<string, Reply> { ["/v1/responses"] = Reply.Of("by path") },
            ByKey = new Dictionary<string, Reply> { ["b"] = Reply.Of("by key") },
        };
        await using var provider = await ScriptedProvider.Start(script);
        Assert.Contains("streamed", await Said(Talk.Chat, "a", stream: true), StringComparison.Ordinal);
        Assert.Contains("by path", await Said(Talk.Responses, "b"), StringComparison.Ordinal);
        Assert.Contains("by key", await Said(Talk.Chat, "b"), StringComparison.Ordinal);
        Assert.Contains("scripted answer", await Said(Talk.Chat, "a"), StringComparison.Ordinal);
        provider.Script = new Script { Keys = ["c"], Keep = 0 };
        using var refused = await new Talk(Talk.Chat).Send(provider, stream: false, key: "a");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        await provider.Idle();
        Assert.Equal((5, 4, 4), (provider.Requests, provider.Served, provider.Seen.Count));

        async Task<string> Said(string name, string key, bool stream = false)
        {
            using var response = await new Talk(name).Send(provider, stream, key: key);
            return await response.Content.ReadAsStringAsync();
        }
    }

    private static async Task<string> Streamed(ScriptedProvider provider, string name)
    {
        using var response = await new Talk(name).Send(provider, stream: true);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        return await response.Content.ReadAsStringAsync();
    }
}

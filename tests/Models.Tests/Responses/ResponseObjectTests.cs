using System.Text.Json;

namespace Agora.Models.Tests.OfResponses;

/// <summary>The response object has all members that the maker's own has, also in the first events of a stream.</summary>
public sealed class ResponseObjectTests
{
    /// <summary>Those that the published schema of a response (Open Responses, ResponseResource) requires.</summary>
    private static readonly string[] Required =
    [
        "id", "object", "created_at", "completed_at", "status", "incomplete_details", "model", "previous_response_id", "instructions", "output", "error", "tools", "tool_choice", "truncation", "parallel_tool_calls", "text", "top_p",
        "presence_penalty", "frequency_penalty", "top_logprobs", "temperature", "reasoning", "user", "usage", "max_output_tokens", "max_tool_calls", "store", "background", "service_tier", "metadata", "safety_identifier", "prompt_cache_key",
    ];

    private static readonly ModelRequest Request = Speaking.Read("""{"model":"m","input":"hi","tools":[{"type":"function","name":"f"},{"type":"function","name":"g","description":"d","parameters":{"type":"object"},"strict":true}]}""");

    private static readonly DateTimeOffset End = Speaking.Head.CreatedAt.AddSeconds(7);

    private static readonly ModelReply Reply = new("p", "g", [new Item.Message(Role.Assistant, [new Part.Text("ok")])], new(Input: 1, Output: 1), Finish.Stop) { CompletedAt = End };

    [Fact]
    public void A_whole_response_has_every_member_with_what_holds_where_nothing_was_asked()
    {
        var response = Speaking.Whole(Request, Reply);

        Assert.All(Required, name => Assert.True(response.TryGetProperty(name, out _), name));
        Assert.Equal((1, 1, 0, 0), (response.GetProperty("temperature").GetDouble(), response.GetProperty("top_p").GetDouble(), response.GetProperty("presence_penalty").GetDouble(), response.GetProperty("frequency_penalty").GetDouble()));
        Assert.Equal(("default", End.ToUnixTimeSeconds()), (response.GetProperty("service_tier").GetString(), response.GetProperty("completed_at").GetInt64()));
    }

    [Fact]
    public void Every_event_with_a_response_has_every_member_and_only_the_last_says_when_it_was_completed()
    {
        var responses = Speaking.EventsOf(Speaking.Streamed(Request, ReplyEvents.Of(Reply))).Where(said => said.TryGetProperty("response", out _)).Select(said => said.GetProperty("response")).ToList();

        Assert.Equal(3, responses.Count);
        Assert.All(responses, response => Assert.All(Required, name => Assert.True(response.TryGetProperty(name, out _), name)));
        Assert.Equal(["auto", "auto", "default"], responses.Select(response => response.GetProperty("service_tier").GetString()));
        Assert.Equal([JsonValueKind.Null, JsonValueKind.Null, JsonValueKind.Number], responses.Select(response => response.GetProperty("completed_at").ValueKind));
    }

    [Fact]
    public void A_response_that_did_not_complete_says_no_time_of_it() =>
        Assert.Equal(JsonValueKind.Null, Speaking.Whole(Request, Reply with { Finish = Finish.Length }).GetProperty("completed_at").ValueKind);

    [Fact]
    public void Tools_say_whether_they_are_strict()
    {
        var tools = Speaking.Whole(Request, Reply).GetProperty("tools").EnumerateArray().ToList();

        Assert.Equal([false, true], tools.Select(tool => tool.GetProperty("strict").GetBoolean()));
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (tools[0].GetProperty("description").ValueKind, tools[0].GetProperty("parameters").ValueKind));
        Assert.Equal("d", tools[1].GetProperty("description").GetString());
    }

    [Fact]
    public void What_was_asked_is_repeated()
    {
        var response = Speaking.Whole(Speaking.Read("""{"model":"m","input":"hi","temperature":0.5,"top_p":0.25,"presence_penalty":-1,"frequency_penalty":1.5,"service_tier":"flex","user":"u"}"""), Reply);

        Assert.Equal((0.5, 0.25, -1, 1.5), (response.GetProperty("temperature").GetDouble(), response.GetProperty("top_p").GetDouble(), response.GetProperty("presence_penalty").GetDouble(), response.GetProperty("frequency_penalty").GetDouble()));
        Assert.Equal(("flex", "u"), (response.GetProperty("service_tier").GetString(), response.GetProperty("user").GetString()));
    }

    /// <summary>Read again, the stream has the same bytes: the time is kept with its end.</summary>
    [Fact]
    public void The_time_of_completion_is_kept_with_the_events_and_older_ones_have_none()
    {
        var kept = ReplyBuilder.Of(ModelEvents.Read(ModelEvents.Write(ReplyEvents.Of(Reply))));

        Assert.Equal(End, kept.CompletedAt);
        Assert.Null(ReplyBuilder.Of(ModelEvents.Read("""[{"kind":"started"},{"kind":"ended","finish":1}]"""u8)).CompletedAt);
    }
}

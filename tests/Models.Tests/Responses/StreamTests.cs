using System.Text.Json;
using Agora.Models.Dialects;

namespace Agora.Models.Tests.OfResponses;

public sealed class StreamTests
{
    private static readonly ModelRequest Asked = Speaking.Read("""{"model":"m","input":"hi","stream":true,"include":["reasoning.encrypted_content"],"instructions":"line\nline"}""");

    private static readonly ModelEvent[] Said =
    [
        new ModelEvent.Started("resp_u", "gpt-real"),
        new ModelEvent.Began(0, new Item.Reasoning([], "", null, "rs_u")),
        new ModelEvent.SummaryAdded(0, "s1"),
        new ModelEvent.SummaryAdded(0, "s2", 1),
        new ModelEvent.ReasoningAdded(0, "why"),
        new ModelEvent.Sealed(0, new("openai", "ENC")),
        new ModelEvent.Completed(0),
        new ModelEvent.Began(3, new Item.Message(Role.Assistant, [], "msg_u")),
        new ModelEvent.TextAdded(3, "a\n"),
        new ModelEvent.TextAdded(3, "b"),
        new ModelEvent.RefusalAdded(3, "no", 1),
        new ModelEvent.Completed(3),
        new ModelEvent.Began(4, new Item.ToolCall("c1", "f", "")),
        new ModelEvent.Began(5, new Item.ToolCall("c2", "g", "", IsCustom: true)),
        new ModelEvent.ArgumentsAdded(4, "{"),
        new ModelEvent.ArgumentsAdded(5, "x"),
        new ModelEvent.ArgumentsAdded(4, "}"),
        new ModelEvent.Completed(4),
        new ModelEvent.Completed(5),
        new ModelEvent.Counted(new(Input: 60, CacheRead: 40, Output: 18, Reasoning: 12)),
        new ModelEvent.Ended(Finish.ToolCalls),
    ];

    [Fact]
    public void Every_event_comes_in_its_place_with_its_indexes()
    {
        var events = Speaking.EventsOf(Speaking.Streamed(Asked, Said));
        Assert.Equal(
            [
                "response.created", "response.in_progress",
                "response.output_item.added rs_ 0",
                "response.reasoning_summary_part.added 0 s0", "response.reasoning_summary_text.delta 0 s0", "response.reasoning_summary_text.done 0 s0", "response.reasoning_summary_part.done 0 s0",
                "response.reasoning_summary_part.added 0 s1", "response.reasoning_summary_text.delta 0 s1", "response.reasoning_summary_text.done 0 s1", "response.reasoning_summary_part.done 0 s1",
                "response.content_part.added 0 c0", "response.reasoning_text.delta 0 c0", "response.reasoning_text.done 0 c0", "response.content_part.done 0 c0",
                "response.output_item.done rs_ 0",
                "response.output_item.added msg_ 1",
                "response.content_part.added 1 c0", "response.output_text.delta 1 c0", "response.output_text.delta 1 c0", "response.output_text.done 1 c0", "response.content_part.done 1 c0",
                "response.content_part.added 1 c1", "response.refusal.delta 1 c1", "response.refusal.done 1 c1", "response.content_part.done 1 c1",
                "response.output_item.done msg_ 1",
                "response.output_item.added fc_ 2", "response.output_item.added ctc_ 3",
                "response.function_call_arguments.delta 2", "response.custom_tool_call_input.delta 3", "response.function_call_arguments.delta 2",
                "response.function_call_arguments.done 2", "response.output_item.done fc_ 2",
                "response.custom_tool_call_input.done 3", "response.output_item.done ctc_ 3",
                "response.completed",
            ],
            events.Select(Place));
        var last = events[^1].GetProperty("response");
        Assert.Equal(["rs_r1_0", "msg_r1_1", "fc_r1_2", "ctc_r1_3"], last.GetProperty("output").EnumerateArray().Select(item => item.GetProperty("id").GetString()));
        Assert.Equal("a\nb", last.GetProperty("output")[1].GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal("ENC", last.GetProperty("output")[0].GetProperty("encrypted_content").GetString());
        Assert.Equal("{}", last.GetProperty("output")[2].GetProperty("arguments").GetString());
    }

    [Fact]
    public void Stream_ends_with_what_a_whole_reply_says()
    {
        var builder = new ReplyBuilder();
        Array.ForEach(Said, builder.Add);
        Assert.True(JsonElement.DeepEquals(Speaking.Whole(Asked, builder.Reply()), Speaking.EventsOf(Speaking.Streamed(Asked, Said))[^1].GetProperty("response")));
    }

    [Fact]
    public void Same_events_make_the_same_bytes() => Assert.Equal(Speaking.Streamed(Asked, Said), Speaking.Streamed(Asked, Said));

    [Theory]
    [InlineData(Finish.Length, "response.incomplete", "max_output_tokens")]
    [InlineData(Finish.ContentFilter, "response.incomplete", "content_filter")]
    [InlineData(Finish.Refusal, "response.incomplete", "content_filter")]
    [InlineData(Finish.Stop, "response.completed", null)]
    public void End_closes_what_is_open_and_says_why(Finish finish, string type, string? reason)
    {
        var events = Speaking.EventsOf(Speaking.Streamed(Asked, [new ModelEvent.Began(0, new Item.Message(Role.Assistant, [])), new ModelEvent.TextAdded(0, "a"), new ModelEvent.Ended(finish)]));
        Assert.Equal(["response.output_text.done", "response.content_part.done", "response.output_item.done", type], events.TakeLast(4).Select(Speaking.TypeOf));
        var response = events[^1].GetProperty("response");
        Assert.Equal(type["response.".Length..], response.GetProperty("status").GetString());
        Assert.Equal(type["response.".Length..], response.GetProperty("output")[0].GetProperty("status").GetString());
        Assert.Equal(reason, reason is null ? null : response.GetProperty("incomplete_details").GetProperty("reason").GetString());
    }

    [Fact]
    public void Failure_in_mid_stream_is_said_once_with_what_came_and_its_facts()
    {
        var fault = new DialectFault(DialectErrorKind.BudgetExceeded, "budget_exceeded", "No room.", Facts: [("limit_micros", "5"), ("code", "\"never\"")]);
        var events = Speaking.EventsOf(Speaking.Streamed(Asked, [new ModelEvent.Began(0, new Item.Message(Role.Assistant, [])), new ModelEvent.TextAdded(0, "a")], fault));
        Assert.Equal(["response.output_text.delta", "response.failed"], events.TakeLast(2).Select(Speaking.TypeOf));
        var response = events[^1].GetProperty("response");
        Assert.Equal("failed", response.GetProperty("status").GetString());
        Assert.Equal("""{"code":"insufficient_quota","message":"No room.","reason":"budget_exceeded","limit_micros":5}""", response.GetProperty("error").GetRawText());
        Assert.Equal(("a", "incomplete"), (response.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString(), response.GetProperty("output")[0].GetProperty("status").GetString()));
    }

    [Fact]
    public void Reply_that_was_cut_off_ends_as_failed()
    {
        var last = Speaking.EventsOf(Speaking.Streamed(Asked, [new ModelEvent.Began(0, new Item.Message(Role.Assistant, []))]))[^1];
        Assert.Equal("response.failed", Speaking.TypeOf(last));
        Assert.Equal("server_error", last.GetProperty("response").GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public void Seal_is_not_given_to_who_did_not_ask_for_it()
    {
        var request = Speaking.Read("""{"model":"m","input":"hi"}""");
        Assert.DoesNotContain("encrypted_content", Speaking.Streamed(request, Said));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Stream_that_contradicts_itself_is_InvalidData(bool isOver)
    {
        ModelEvent[] said = isOver
            ? [new ModelEvent.Began(0, new Item.Message(Role.Assistant, [])), new ModelEvent.Completed(0), new ModelEvent.TextAdded(0, "a")]
            : [new ModelEvent.Began(0, new Item.ToolCall("c", "f", "")), new ModelEvent.TextAdded(0, "a")];
        Assert.Throws<InvalidDataException>(() => Speaking.Streamed(Asked, said));
    }

    [Fact]
    public void Whole_reply_has_every_member_and_its_sums_are_made_again()
    {
        var request = Speaking.Read("""{"model":"m","input":"hi","instructions":"i","metadata":{"a":"b"},"tools":[{"type":"function","name":"f","parameters":{},"strict":false}],"tool_choice":{"type":"function","name":"f"},"user":"u"}""");
        var response = Speaking.Whole(request, new("x", "y", [new Item.Message(Role.Assistant, [new Part.Text("a")])], new(Input: 50, CacheRead: 40, CacheWrite: 10, Output: 18, Reasoning: 12), Finish.Stop, ServiceTier: "flex"));
        string[] members =
        [
            "id", "object", "created_at", "completed_at", "status", "background", "error", "incomplete_details", "frequency_penalty", "instructions", "max_output_tokens", "max_tool_calls", "metadata", "model", "parallel_tool_calls",
            "presence_penalty", "previous_response_id", "prompt_cache_key", "reasoning", "safety_identifier", "service_tier", "store", "temperature", "text", "tool_choice", "tools", "top_logprobs", "top_p", "truncation", "user", "output", "usage",
        ];
        Assert.Equal(members, response.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("resp_r1", "response", "agora/m", "flex", "i"), (Text("id"), Text("object"), Text("model"), Text("service_tier"), Text("instructions")));
        Assert.Equal("""{"type":"function","name":"f"}""", response.GetProperty("tool_choice").GetRawText());
        Assert.Equal(
            """{"input_tokens":100,"input_tokens_details":{"cached_tokens":40,"cache_write_tokens":10},"output_tokens":30,"output_tokens_details":{"reasoning_tokens":12},"total_tokens":130}""",
            response.GetProperty("usage").GetRawText());

        string? Text(string name) => response.GetProperty(name).GetString();
    }

    [Fact]
    public void Error_has_its_facts_beside_its_members()
    {
        var error = Speaking.Error(new(DialectErrorKind.RateLimited, "too_many", "Slow.", "model", [("retry_after_seconds", "3")]));
        Assert.Equal("""{"message":"Slow.","type":"rate_limit_error","param":"model","code":"too_many","retry_after_seconds":3}""", error.GetRawText());
    }

    [Fact]
    public void Every_kind_of_error_has_a_status() =>
        Assert.All(Enum.GetValues<DialectErrorKind>(), kind => Assert.InRange(new Dialects.Responses().StatusOf(kind), 400, 504));

    [Fact]
    public void A_budget_without_room_is_400_whose_words_Codex_shows() => Assert.Equal(400, new Dialects.Responses().StatusOf(DialectErrorKind.BudgetExceeded));

    private static string Place(JsonElement said)
    {
        var place = Speaking.TypeOf(said);
        if (said.TryGetProperty("item", out var item))
        {
            place += $" {item.GetProperty("id").GetString()!.Split("r1")[0]}";
        }

        if (said.TryGetProperty("output_index", out var index))
        {
            place += $" {index}";
        }

        if (said.TryGetProperty("item_id", out var id))
        {
            Assert.EndsWith($"r1_{index}", id.GetString());
        }

        if (said.TryGetProperty("content_index", out var content))
        {
            place += $" c{content}";
        }

        if (said.TryGetProperty("summary_index", out var summary))
        {
            place += $" s{summary}";
        }

        return place;
    }
}

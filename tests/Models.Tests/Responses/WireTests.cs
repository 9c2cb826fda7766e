using System.Text;
using System.Text.Json;
using Agora.Models.Dialects;
using Agora.Models.Wires;

namespace Agora.Models.Tests.OfResponses;

public sealed class WireTests
{
    private static readonly string[] Stream =
    [
        """{"type":"response.created","response":{"id":"resp_u","model":"gpt-real"}}""",
        """{"type":"response.in_progress","response":{"id":"resp_u","model":"gpt-real"}}""",
        """{"type":"response.output_item.added","output_index":0,"item":{"type":"reasoning","id":"rs_u","summary":[]}}""",
        """{"type":"response.reasoning_summary_part.added","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""}}""",
        """{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"s"}""",
        """{"type":"response.reasoning_summary_text.done","output_index":0,"summary_index":0,"text":"s"}""",
        """{"type":"response.output_item.done","output_index":0,"item":{"type":"reasoning","id":"rs_u","summary":[{"type":"summary_text","text":"s"}],"encrypted_content":"ENC"}}""",
        """{"type":"response.output_item.added","output_index":1,"item":{"type":"something_new","id":"x"}}""",
        """{"type":"response.something_new.delta","output_index":1,"delta":"?"}""",
        """{"type":"response.output_item.done","output_index":1,"item":{"type":"something_new","id":"x"}}""",
        """{"type":"response.output_item.added","output_index":2,"item":{"type":"message","id":"msg_u","role":"assistant","content":[],"phase":"final_answer"}}""",
        """{"type":"response.output_text.delta","output_index":2,"content_index":0,"delta":"a"}""",
        """{"type":"response.output_text.delta","output_index":2,"content_index":0,"delta":"b"}""",
        """{"type":"response.output_item.done","output_index":2,"item":{"type":"message","id":"msg_u","role":"assistant","content":[{"type":"output_text","text":"ab","annotations":[]}]}}""",
        """{"type":"response.output_item.done","output_index":3,"item":{"type":"function_call","id":"fc_u","call_id":"c1","name":"f","arguments":"{}"}}""",
        """{"type":"response.output_item.added","output_index":4,"item":{"type":"custom_tool_call","id":"ctc_u","call_id":"c2","name":"g","input":""}}""",
        """{"type":"response.custom_tool_call_input.delta","output_index":4,"delta":"x"}""",
        """{"type":"response.output_item.done","output_index":4,"item":{"type":"custom_tool_call","id":"ctc_u","call_id":"c2","name":"g","input":"x"}}""",
        Completed("""{"input_tokens":100,"input_tokens_details":{"cached_tokens":40,"cache_write_tokens":5},"output_tokens":30,"output_tokens_details":{"reasoning_tokens":12},"total_tokens":1}"""),
    ];

    private static string Completed(string usage) =>
        $$$"""{"type":"response.completed","response":{"id":"resp_u","model":"gpt-real","status":"completed","service_tier":"flex","usage":{{{usage}}},"output":[{{{Output}}}]}}""";

    private const string Output = """
        {"type":"reasoning","id":"rs_u","summary":[{"type":"summary_text","text":"s"}],"encrypted_content":"ENC"},{"type":"something_new","id":"x"},
        {"type":"message","id":"msg_u","role":"assistant","content":[{"type":"output_text","text":"ab","annotations":[]}],"phase":"final_answer"},
        {"type":"function_call","id":"fc_u","call_id":"c1","name":"f","arguments":"{}"},{"type":"custom_tool_call","id":"ctc_u","call_id":"c2","name":"g","input":"x"}
        """;

    private static readonly ResponsesWire Wire = new();

    [Fact]
    public void Stream_and_whole_reply_come_to_the_same()
    {
        var builder = new ReplyBuilder();
        Speaking.Heard(Stream).ForEach(builder.Add);
        var whole = $$$$"""{"id":"resp_u","model":"gpt-real","status":"completed","service_tier":"flex","output":[{{{{Output}}}}],"usage":{"input_tokens":100,"input_tokens_details":{"cached_tokens":40,"cache_write_tokens":5},"output_tokens":30,"output_tokens_details":{"reasoning_tokens":12}}}""";
        foreach (var reply in new[] { builder.Reply(), Wire.Read(Encoding.UTF8.GetBytes(whole)) })
        {
            Assert.Equal(("resp_u", "gpt-real", "flex", Finish.ToolCalls), (reply.ProviderId, reply.Model, reply.ServiceTier, reply.Finish));
            Assert.Equal(new Usage(Input: 55, CacheRead: 40, CacheWrite: 5, Output: 18, Reasoning: 12), reply.Usage);
            Assert.Equal(4, reply.Output.Count);
            var reasoning = Assert.IsType<Item.Reasoning>(reply.Output[0]);
            Assert.Equal(("s", new Seal("openai", "ENC")), (Assert.Single(reasoning.Summary), reasoning.Seal));
            var message = Assert.IsType<Item.Message>(reply.Output[1]);
            Assert.Equal(("ab", "final_answer"), (Assert.IsType<Part.Text>(Assert.Single(message.Parts)).Value, message.Phase));
            Assert.Equal(new Item.ToolCall("c1", "f", "{}", Id: "fc_u"), reply.Output[2]);
            Assert.Equal(new Item.ToolCall("c2", "g", "x", IsCustom: true, Id: "ctc_u"), reply.Output[3]);
        }
    }

    [Fact]
    public void What_OpenAI_streams_reaches_a_client_of_the_dialect_whole()
    {
        var events = Speaking.EventsOf(Speaking.Streamed(Speaking.Read("""{"model":"m","input":"hi","stream":true}"""), Speaking.Heard(Stream)));
        Assert.Equal("response.completed", Speaking.TypeOf(events[^1]));
        Assert.Equal(["rs_r1_0", "msg_r1_1", "fc_r1_2", "ctc_r1_3"], events[^1].GetProperty("response").GetProperty("output").EnumerateArray().Select(item => item.GetProperty("id").GetString()));
    }

    [Theory]
    [InlineData("""{"input_tokens":10,"output_tokens":2}""", 10, 0, 2, 0)]
    [InlineData("""{"input_tokens":10,"input_tokens_details":{"cached_tokens":15},"output_tokens":2,"output_tokens_details":{"reasoning_tokens":3}}""", 0, 15, 0, 3)]
    [InlineData("""{"input_tokens":10,"input_tokens_details":null,"output_tokens":2,"output_tokens_details":{}}""", 10, 0, 2, 0)]
    public void Usage_is_in_one_bucket_each_and_never_below_zero(string usage, long input, long cached, long output, long reasoning)
    {
        var counted = Assert.Single(Speaking.Heard(Completed(usage)).OfType<ModelEvent.Counted>());
        Assert.Equal(new Usage(Input: input, CacheRead: cached, Output: output, Reasoning: reasoning), counted.Usage);
    }

    [Theory]
    [InlineData("""{"input_tokens":-1,"output_tokens":2}""")]
    [InlineData("""{"input_tokens":1.5,"output_tokens":2}""")]
    [InlineData("""{"input_tokens":"1","output_tokens":2}""")]
    [InlineData("""{"input_tokens":1000000001,"output_tokens":2}""")]
    [InlineData("""{"input_tokens":99999999999999999999,"output_tokens":2}""")]
    [InlineData("""{"output_tokens":2}""")]
    [InlineData("""{"input_tokens":1,"output_tokens":2,"input_tokens_details":3}""")]
    [InlineData("[]")]
    public void Usage_that_is_no_count_is_InvalidData(string usage) => Assert.Throws<InvalidDataException>(() => Speaking.Heard(Completed(usage)));

    [Theory]
    [InlineData("""{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"a"}""")]
    [InlineData("""{"type":"response.output_item.added","output_index":-1,"item":{"type":"message"}}""")]
    [InlineData("""{"type":"response.output_item.added","output_index":0,"item":{"type":"web_search_call","id":"w"}}""")]
    [InlineData("""{"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","name":"f"}}""")]
    [InlineData("""{"type":"response.completed"}""")]
    [InlineData("""{"type":1}""")]
    [InlineData("nothing")]
    [InlineData("[]")]
    public void Event_that_is_none_is_InvalidData(string said) => Assert.Throws<InvalidDataException>(() => Speaking.Heard(said));

    [Theory]
    [InlineData("""{"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"Broken."}}}""", FaultKind.Failed)]
    [InlineData("""{"type":"response.failed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"Broken."}}}""", FaultKind.RateLimited)]
    [InlineData("""{"type":"response.failed","response":{"status":"failed","error":{"code":"context_length_exceeded","message":"Broken."}}}""", FaultKind.InvalidRequest)]
    [InlineData("""{"type":"error","code":"server_is_overloaded","message":"Broken.","param":null}""", FaultKind.Overloaded)]
    [InlineData("""{"type":"error","error":{"type":"insufficient_quota","code":"insufficient_quota","message":"Broken."}}""", FaultKind.OutOfQuota)]
    public void Failure_within_a_stream_is_its_end(string said, FaultKind kind)
    {
        var (stream, into) = (Wire.Stream(), new List<ModelEvent>());
        stream.Read(Encoding.UTF8.GetBytes(said), into);
        var failed = Assert.IsType<ModelEvent.Failed>(into[^1]);
        Assert.Equal((kind, "Broken."), (failed.Fault.Kind, failed.Fault.Message));
        Assert.True(stream.IsOver);
    }

    [Theory]
    [InlineData("max_output_tokens", Finish.Length)]
    [InlineData("content_filter", Finish.ContentFilter)]
    public void Incomplete_response_says_why(string reason, Finish finish) =>
        Assert.Equal(finish, Speaking.Heard($$$$"""{"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"{{{{reason}}}}"}}}""").OfType<ModelEvent.Ended>().Single().Finish);

    [Theory]
    [InlineData(400, """{"error":{"message":"m","type":"invalid_request_error","param":"p","code":"context_length_exceeded"}}""", FaultKind.InvalidRequest)]
    [InlineData(400, """{"error":{"message":"m","type":"x","code":"content_policy_violation"}}""", FaultKind.ContentFilter)]
    [InlineData(401, """{"error":{"message":"Incorrect API key provided: sk-abc"}}""", FaultKind.Unauthorized)]
    [InlineData(403, "{}", FaultKind.Unauthorized)]
    [InlineData(404, "{}", FaultKind.NotFound)]
    [InlineData(413, "", FaultKind.TooLarge)]
    [InlineData(429, """{"error":{"message":"m","type":"insufficient_quota","code":"insufficient_quota"}}""", FaultKind.OutOfQuota)]
    [InlineData(429, """{"error":{"message":"m","code":"rate_limit_exceeded"}}""", FaultKind.RateLimited)]
    [InlineData(500, "<html>", FaultKind.Failed)]
    [InlineData(502, "\u00ff", FaultKind.Failed)]
    [InlineData(503, """{"error":"m"}""", FaultKind.Overloaded)]
    public void Error_is_known_by_its_status_and_code(int status, string body, FaultKind kind)
    {
        var fault = Wire.ReadError(status, Encoding.UTF8.GetBytes(body), 7);
        Assert.Equal((kind, 7), (fault.Kind, fault.RetryAfterSeconds));
        Assert.DoesNotContain("sk-", fault.Message);
    }

    [Fact]
    public void Message_of_an_error_names_no_organisation_and_has_an_end()
    {
        var fault = Wire.ReadError(429, Encoding.UTF8.GetBytes($$$"""{"error":{"message":"Limit reached in organization org-aB3 (task-9). {{{new string('x', 3000)}}}"}}"""), null);
        Assert.StartsWith("Limit reached in organization … (task-9). x", fault.Message);
        Assert.Equal(ModelLimits.ErrorLength, fault.Message.Length);
    }

    [Fact]
    public void Request_goes_out_unstored_bounded_and_without_ids_or_what_OpenAI_cannot_read()
    {
        var request = Speaking.Read("""
            {"model":"m","stream":true,"store":true,"include":["reasoning.encrypted_content"],"reasoning":{"effort":"none"},"text":{"verbosity":"low"},"tool_choice":"required","parallel_tool_calls":true,
             "tools":[{"type":"function","name":"f","parameters":{"a": 1}},{"type":"custom","name":"g","format":{"type":"text"}}],
             "input":[{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":"data:image/png;base64,AAAA"}]},
              {"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"ENC"},{"type":"reasoning","id":"rs_2","summary":[],"encrypted_content":"agora:anthropic:SIG"},{"type":"reasoning","id":"rs_3","summary":[]},
              {"role":"assistant","content":"b","phase":"commentary"},{"type":"function_call","id":"fc_1","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"r"}]}
            """);
        const string sent = """
            {"model":"gpt-real","store":false,"stream":true,"stream_options":{"include_obfuscation":false},"max_output_tokens":500,
             "tools":[{"type":"function","name":"f","parameters":{"a": 1},"strict":false},{"type":"custom","name":"g","format":{"type":"text"}}],"tool_choice":"required","parallel_tool_calls":true,
             "reasoning":{"effort":"none"},"include":["reasoning.encrypted_content"],"text":{"format":{"type":"text"},"verbosity":"low"},
             "input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":"data:image/png;base64,AAAA","detail":"auto"}]},
              {"type":"reasoning","summary":[],"encrypted_content":"ENC"},{"type":"message","role":"assistant","phase":"commentary","content":"b"},
              {"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"r"}]}
            """;
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(sent).RootElement, Speaking.Sent(request)));
    }

    [Fact]
    public void What_OpenAI_cannot_do_is_refused()
    {
        var asked = new ModelRequest("m", []);
        foreach (var (request, param) in new[] { (asked with { Stop = ["x"] }, "stop"), (asked with { TopK = 3 }, "top_k"), (asked with { Seed = 1 }, "seed"), (asked with { FrequencyPenalty = 1 }, "frequency_penalty") })
        {
            Assert.Equal(param, Assert.Throws<DialectException>(() => Speaking.Sent(request)).Fault.Param);
        }
    }

    [Fact]
    public void Error_of_a_tool_is_read_by_the_model()
    {
        var sent = Speaking.Sent(new("m", [new Item.ToolResult("c", [new Part.Text("gone")], IsError: true), new Item.ToolResult("d", [], IsError: true)]));
        Assert.Equal(["Error: gone", "Error"], sent.GetProperty("input").EnumerateArray().Select(item => item.GetProperty("output").GetString()));
    }

    [Fact]
    public void Speaks_to_OpenAI_by_its_path_and_key()
    {
        Assert.Equal(("openai", "responses"), (Wire.Maker, Wire.PathOf("m", stream: true)));
        Assert.Equal([("Authorization", "Bearer k")], Wire.HeadersFor("k"));
    }

    internal static IReadOnlyList<string> Events => Stream;
}

using System.Collections.Frozen;
using System.Text.Json;

namespace Agora.ScriptedModels.Makers;

/// <summary>OpenAI's responses. Nothing is kept: what goes on from an earlier response is not found.</summary>
internal sealed partial class Responses : IMaker
{
    private static readonly FrozenSet<string> Known = FrozenSet.Create(
        StringComparer.Ordinal, "background", "context_management", "moderation", "prompt_cache_options",
        "conversation", "include", "input", "instructions", "max_output_tokens", "max_tool_calls", "metadata", "model", "parallel_tool_calls",
        "previous_response_id", "prompt", "prompt_cache_key", "prompt_cache_retention", "reasoning", "safety_identifier", "service_tier", "store", "stream", "stream_options", "temperature", "text",
        "tool_choice", "tools", "top_logprobs", "top_p", "truncation", "user");

    public Asked Read(Asked asked, bool isLenient)
    {
        var body = asked.Body;
        if (!isLenient)
        {
            body.KnowsOnly(Known, static name => $"Unknown parameter: '{name}'.");
        }

        var model = body.Needed("model");
        if (body.Member("previous_response_id") is { } previous)
        {
            throw new RefusedException(400, $"Previous response with id '{previous}' not found.", "previous_response_not_found", "previous_response_id");
        }

        var max = body.Number("max_output_tokens");
        if (max < 16 && !isLenient)
        {
            throw new RefusedException(400, "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16.", "integer_below_min_value", "max_output_tokens");
        }

        var choice = body.Member("tool_choice");
        return asked with
        {
            Model = model,
            Stream = body.Flag("stream"),
            MaxTokens = max,
            Tools = [.. body.Each("tools").Select(static tool => new AskedTool(tool.Needed("name"), tool.Text("type") == "custom"))],
            MayCall = body.Text("tool_choice") != "none",
            MustCall = choice is { ValueKind: JsonValueKind.Object } named ? named.Text("name") : null,
            EndsWithToolResult = CheckInput(body),
            WantsJson = body.Member("text")?.Member("format")?.Text("type") is "json_schema" or "json_object",
            MayReason = body.Member("reasoning")?.Text("effort") != "none",
            ShowsReasoning = body.Member("reasoning")?.Text("summary") is not null,
            WantsSeal = body.Texts("include").Contains("reasoning.encrypted_content"),
            InputTokens = Tokens.Of(body, "input", "instructions", "tools", "text"),
        };
    }

    public string Whole(Said said, Counts counts)
    {
        var items = new List<string>();
        var status = said.End == Ending.MetLimit ? "incomplete" : "completed";
        if (said.Reasoning.Length > 0)
        {
            items.Add(ReasoningOf(said, said.Reasoning, isDone: true));
        }

        if (HasMessage(said))
        {
            items.Add(MessageOf(said, status, PartOf(said, said.Text)));
        }

        items.AddRange(said.Calls.Select((call, index) => CallOf(call, index, status, call.Arguments)));
        return ResponseOf(said, status, string.Join(',', items), said.Usage == UsageFault.Missing ? "null" : UsageJson.OfResponses(counts, said.Usage));
    }

    public IEnumerable<byte[]> Failure(Said said, Meter meter, Counts? told)
    {
        if (told is null)
        {
            yield return Numbered("error", meter, """ "code":"server_error","message":"The server had an error while processing your request.","param":null """.Trim());
        }

        yield return Numbered("response.failed", meter, $"\"response\":{ResponseOf(said, "failed", "", told is null ? "null" : UsageJson.OfResponses(told, UsageFault.None))}");
    }

    private static byte[] Numbered(string type, Meter meter, string members) => Json.Event(type, $$"""{"type":"{{type}}","sequence_number":{{meter.Sequence++}},{{members}}}""");

    private static bool HasMessage(Said said) => said.Text.Length > 0 || said.IsEndless || (said.Calls.Count == 0 && said.End != Ending.MetLimit);

    private static string PartOf(Said said, string text) => said.IsRefusal
        ? $$"""{"type":"refusal","refusal":{{Json.Quote(text)}}}"""
        : $$"""{"type":"output_text","annotations":[],"logprobs":[],"text":{{Json.Quote(text)}}}""";

    private static string MessageOf(Said said, string status, string part) =>
        $$"""{"id":"msg_{{said.Id}}","type":"message","status":"{{status}}","content":[{{part}}],"role":"assistant"}""";

    private static string ReasoningOf(Said said, string text, bool isDone)
    {
        var summary = said.Asked.ShowsReasoning && isDone ? $$"""{"type":"summary_text","text":{{Json.Quote(text)}}}""" : "";
        var seal = said.Asked.WantsSeal ? $""","encrypted_content":"{Seals.Of(Maker.OpenAi, text)}" """.Trim() : "";
        return $$"""{"id":"rs_{{said.Id}}","type":"reasoning","summary":[{{summary}}]{{seal}}}""";
    }

    private static string CallOf(SaidCall call, int index, string status, string arguments) => call.IsCustom
        ? $$"""{"id":"ctc_{{call.Id}}_{{index}}","type":"custom_tool_call","status":"{{status}}","call_id":"{{call.Id}}","input":{{Json.Quote(arguments)}},"name":{{Json.Quote(call.Name)}}}"""
        : $$"""{"id":"fc_{{call.Id}}_{{index}}","type":"function_call","status":"{{status}}","arguments":{{Json.Quote(arguments)}},"call_id":"{{call.Id}}","name":{{Json.Quote(call.Name)}}}""";

    private static string ResponseOf(Said said, string status, string output, string usage)
    {
        var body = said.Asked.Body;
        var error = status == "failed" ? """{"code":"server_error","message":"The server had an error while processing your request."}""" : "null";
        var incomplete = status == "incomplete" ? """{"reason":"max_output_tokens"}""" : "null";
        var tier = status == "in_progress" ? Json.Raw(body, "service_tier", "\"auto\"") : $"\"{said.Reply.ServiceTier ?? "default"}\"";
        return $$"""{"id":"{{said.Id}}","object":"response","created_at":{{said.Created}},"status":"{{status}}","background":{{Json.Raw(body, "background", "false")}},"completed_at":{{(status == "completed" ? $"{said.Created}" : "null")}}"""
            + $$""","error":{{error}},"incomplete_details":{{incomplete}},"instructions":{{Json.Raw(body, "instructions", "null")}}"""
            + $$""","max_output_tokens":{{Json.Raw(body, "max_output_tokens", "null")}},"max_tool_calls":null,"model":{{Json.Quote(said.Asked.Model)}},"output":[{{output}}]"""
            + $$""","parallel_tool_calls":{{Json.Raw(body, "parallel_tool_calls", "true")}},"previous_response_id":null"""
            + $$""","prompt_cache_key":{{Json.Raw(body, "prompt_cache_key", "null")}},"reasoning":{{Json.Raw(body, "reasoning", """{"effort":null,"summary":null}""")}},"safety_identifier":null"""
            + $$""","service_tier":{{tier}},"store":{{Json.Raw(body, "store", "true")}},"temperature":{{Json.Raw(body, "temperature", "1.0")}}"""
            + $$""","text":{{Json.Raw(body, "text", """{"format":{"type":"text"},"verbosity":"medium"}""")}}"""
            + $$""","tool_choice":{{Json.Raw(body, "tool_choice", "\"auto\"")}},"tools":{{Json.Raw(body, "tools", "[]")}}"""
            + $$""","top_logprobs":0,"top_p":{{Json.Raw(body, "top_p", "1.0")}},"truncation":"disabled","usage":{{usage}},"user":null,"metadata":{{Json.Raw(body, "metadata", "{}")}}}""";
    }

    /// <summary>True: the last is a tool's result.</summary>
    private static bool CheckInput(JsonElement body)
    {
        var input = body.Member("input") ?? throw new RefusedException(400, "Missing required parameter: 'input'.", "missing_required_parameter", "input");
        if (input.ValueKind == JsonValueKind.String) return false;

        if (input.ValueKind != JsonValueKind.Array || input.GetArrayLength() == 0)
        {
            throw new RefusedException(400, "Invalid type for 'input'.", "invalid_type", "input");
        }

        var calls = new HashSet<string>(StringComparer.Ordinal);
        var type = "";
        foreach (var item in input.EnumerateArray())
        {
            type = item.Text("type") ?? "message";
            switch (type)
            {
                case "message":
                    if (item.Text("role") is not ("system" or "developer" or "user" or "assistant"))
                    {
                        throw new RefusedException(400, "Invalid value for 'input[0].role'.", "invalid_value", "input");
                    }

                    break;
                case "function_call" or "custom_tool_call":
                    calls.Add(item.Needed("call_id"));
                    break;
                case "function_call_output" or "custom_tool_call_output":
                    if (!calls.Contains(item.Needed("call_id")))
                    {
                        throw new RefusedException(400, $"No tool call found for function call output with call_id {item.Text("call_id")}.", null, "input");
                    }

                    break;
                case "reasoning":
                    if (item.Text("encrypted_content") is { } seal && !Seals.IsOf(Maker.OpenAi, seal))
                    {
                        throw new RefusedException(400, "The encrypted content could not be verified.", "invalid_encrypted_content");
                    }

                    break;
                default:
                    throw new RefusedException(400, $"Invalid value: '{type}'.", "invalid_value", "input");
            }
        }

        return type is "function_call_output" or "custom_tool_call_output";
    }
}

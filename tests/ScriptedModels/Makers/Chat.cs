using System.Collections.Frozen;
using System.Text.Json;

namespace Agora.ScriptedModels.Makers;

/// <summary>OpenAI's chat completions, and what many others understand by that.</summary>
internal sealed partial class Chat : IMaker
{
    private static readonly FrozenSet<string> Known = FrozenSet.Create(
        StringComparer.Ordinal, "messages", "model", "audio", "function_call", "functions", "moderation", "prompt_cache_options",
        "frequency_penalty", "logit_bias", "logprobs", "max_completion_tokens", "max_tokens", "metadata", "modalities", "n", "parallel_tool_calls",
        "prediction", "presence_penalty", "prompt_cache_key", "prompt_cache_retention", "reasoning_effort", "response_format", "safety_identifier", "seed", "service_tier", "stop", "store", "stream",
        "stream_options", "temperature", "tool_choice", "tools", "top_logprobs", "top_p", "user", "verbosity", "web_search_options");

    public Asked Read(Asked asked, bool isLenient)
    {
        var body = asked.Body;
        if (!isLenient)
        {
            body.KnowsOnly(Known, static name => $"Unrecognized request argument supplied: {name}");
        }

        var model = body.Needed("model");
        var stream = body.Flag("stream");
        if (!stream && body.Member("stream_options") is not null)
        {
            throw new RefusedException(400, "The 'stream_options' parameter is only allowed when 'stream' is enabled.", null, "stream_options");
        }

        if (body.Number("n") is not (null or 1)) throw new RefusedException(400, "This server makes one choice.", "unsupported_value", "n");

        if (body.Number("max_tokens") is not null && body.Number("max_completion_tokens") is not null)
        {
            throw new RefusedException(400, "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.");
        }

        var max = body.Number("max_completion_tokens") ?? body.Number("max_tokens");
        if (max < 1) throw new RefusedException(400, "max_tokens is too small: at least 1 is needed.", "integer_below_min_value", "max_tokens");

        var stop = body.Texts("stop");
        if (stop.Count > 4) throw new RefusedException(400, "Invalid 'stop': array too long.", "array_above_max_length", "stop");

        var tools = body.Each("tools").Select(ToolOf).ToArray();
        var choice = body.Member("tool_choice");
        if (choice is not null && tools.Length == 0 && choice.Value.ValueKind != JsonValueKind.String)
        {
            throw new RefusedException(400, "'tool_choice' is only allowed when 'tools' are specified.", null, "tool_choice");
        }

        return asked with
        {
            Model = model,
            Stream = stream,
            IncludeUsage = !stream || (body.Member("stream_options")?.Flag("include_usage") ?? false),
            MaxTokens = max,
            Stop = stop,
            Tools = tools,
            MayCall = body.Text("tool_choice") != "none",
            MustCall = choice is { ValueKind: JsonValueKind.Object } named ? (named.Member("function") ?? named.Member("custom"))?.Text("name") : null,
            EndsWithToolResult = CheckMessages(body),
            WantsJson = body.Member("response_format")?.Text("type") is "json_schema" or "json_object",
            MayReason = body.Text("reasoning_effort") != "none",
            InputTokens = Tokens.Of(body, "messages", "tools", "response_format"),
        };
    }

    public string Whole(Said said, Counts counts)
    {
        var usage = said.Usage == UsageFault.Missing ? "" : $""","usage":{UsageJson.OfChat(counts, said.Usage)}""";
        var calls = said.Calls.Count == 0 ? "" : $""","tool_calls":[{string.Join(',', said.Calls.Select(CallOf))}]""";
        var content = said.IsRefusal || (said.Text.Length == 0 && said.Calls.Count > 0) ? "null" : Json.Quote(said.Text);
        var reasoning = said.Reply.ShowsReasoningInChat ? $""","reasoning_content":{Json.Quote(said.Reasoning)}""" : "";
        return $$"""{"id":"{{said.Id}}","object":"chat.completion","created":{{said.Created}},"model":{{Json.Quote(said.Asked.Model)}},"choices":[{"index":0,"message":{"role":"assistant","content":{{content}},"refusal":{{(said.IsRefusal ? Json.Quote(said.Text) : "null")}},"annotations":[]{{reasoning}}{{calls}}},"logprobs":null,"finish_reason":"{{FinishOf(said)}}"}]{{usage}},"service_tier":"{{TierOf(said)}}","system_fingerprint":"fp_scripted"}""";
    }

    public IEnumerable<byte[]> Failure(Said said, Meter meter, Counts? told)
    {
        var error = Errors.Of(Maker.OpenAi, 500, null);
        return [Json.Data(told is null ? error : $"{error[..^1]},\"usage\":{UsageJson.OfChat(told, UsageFault.None)}}}")];
    }

    private static string TierOf(Said said) => said.Reply.ServiceTier ?? "default";

    private static string FinishOf(Said said) => said.End switch
    {
        Ending.MetLimit => "length",
        Ending.CallsTools => "tool_calls",
        _ => "stop",
    };

    private static string CallOf(SaidCall call) => call.IsCustom
        ? $$$"""{"id":"{{{call.Id}}}","type":"custom","custom":{"name":{{{Json.Quote(call.Name)}}},"input":{{{Json.Quote(call.Arguments)}}}}}"""
        : $$$"""{"id":"{{{call.Id}}}","type":"function","function":{"name":{{{Json.Quote(call.Name)}}},"arguments":{{{Json.Quote(call.Arguments)}}}}}""";

    private static AskedTool ToolOf(JsonElement tool) => tool.Text("type") switch
    {
        "function" when tool.Member("function") is { } function => new AskedTool(function.Needed("name")),
        "custom" when tool.Member("custom") is { } custom => new AskedTool(custom.Needed("name"), IsCustom: true),
        _ => throw new RefusedException(400, "Invalid value for 'tools[0].type'.", "invalid_value", "tools"),
    };

    /// <summary>True: the last is a tool's result.</summary>
    private static bool CheckMessages(JsonElement body)
    {
        if (body.Member("messages") is not { ValueKind: JsonValueKind.Array } messages)
        {
            throw new RefusedException(400, "Missing required parameter: 'messages'.", "missing_required_parameter", "messages");
        }

        if (messages.GetArrayLength() == 0) throw new RefusedException(400, "Invalid 'messages': empty array.", "empty_array", "messages");

        var open = new HashSet<string>(StringComparer.Ordinal);
        var role = "";
        foreach (var message in messages.EnumerateArray())
        {
            role = message.Text("role") ?? "";
            if (role is not ("system" or "developer" or "user" or "assistant" or "tool"))
            {
                throw new RefusedException(400, $"Invalid value: '{role}' is no role.", "invalid_value", "messages");
            }

            if (role == "tool")
            {
                if (!open.Remove(message.Text("tool_call_id") ?? ""))
                {
                    throw new RefusedException(400, "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'.", null, "messages");
                }

                continue;
            }

            if (open.Count > 0)
            {
                throw new RefusedException(400, "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.", null, "messages");
            }

            foreach (var call in message.Each("tool_calls"))
            {
                open.Add(call.Needed("id"));
            }

            if (message.Member("content") is null && role != "assistant")
            {
                throw new RefusedException(400, "Invalid value for 'content': expected a string, got null.", null, "messages");
            }
        }

        if (open.Count > 0)
        {
            throw new RefusedException(400, "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.", null, "messages");
        }

        return role == "tool";
    }
}

using System.Collections.Frozen;
using System.Text.Json;

namespace Agora.ScriptedModels.Makers;

/// <summary>Anthropic's messages.</summary>
internal sealed partial class Messages : IMaker
{
    private static readonly FrozenSet<string> Known = FrozenSet.Create(
        StringComparer.Ordinal, "max_tokens", "messages", "model", "cache_control", "container", "diagnostics", "user_profile_id",
        "inference_geo", "metadata", "output_config", "service_tier", "speed", "stop_sequences", "stream", "system",
        "temperature", "thinking", "tool_choice", "tools", "top_k", "top_p");

    /// <summary>Of what is only counted: nothing that says how an answer is written.</summary>
    private static readonly FrozenSet<string> Counted = FrozenSet.Create(
        StringComparer.Ordinal, "messages", "model", "cache_control", "output_config", "speed", "system", "thinking", "tool_choice", "tools");

    public Asked Read(Asked asked, bool isLenient)
    {
        var body = asked.Body;
        if (!isLenient)
        {
            body.KnowsOnly(asked.Endpoint == Endpoint.CountTokens ? Counted : Known, static name => $"{name}: Extra inputs are not permitted");
        }

        var isCount = asked.Endpoint == Endpoint.CountTokens;
        var model = body.Text("model") ?? throw new RefusedException(400, "model: Field required");
        var max = body.Number("max_tokens");
        if (!isCount && max is null) throw new RefusedException(400, "max_tokens: Field required");
        if (max < 0) throw new RefusedException(400, "max_tokens: Input should be greater than or equal to 0");

        var thinking = body.Member("thinking");
        var budget = thinking?.Number("budget_tokens");
        if (thinking?.Text("type") == "enabled" && budget is null or < 1024 && !isLenient)
        {
            throw new RefusedException(400, "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024");
        }

        if (!isCount && budget >= max) throw new RefusedException(400, "`max_tokens` must be greater than `thinking.budget_tokens`.");

        var choice = body.Member("tool_choice");
        if (choice is not null && !body.Each("tools").Any())
        {
            throw new RefusedException(400, "tool_choice: may only be specified while providing tools");
        }

        return asked with
        {
            Model = model,
            Stream = body.Flag("stream"),
            MaxTokens = max,
            Stop = body.Texts("stop_sequences"),
            Tools = [.. body.Each("tools").Select(static tool => new AskedTool(tool.Needed("name")))],
            MayCall = choice?.Text("type") != "none",
            MustCall = choice?.Text("type") == "tool" ? choice.Value.Text("name") : null,
            EndsWithToolResult = CheckMessages(body),
            WantsJson = body.Member("output_config")?.Member("format") is not null,
            MayReason = thinking?.Text("type") is "enabled" or "adaptive",
            ShowsReasoning = thinking?.Text("display") != "omitted",
            MaxReasoning = budget,
            InputTokens = Tokens.Of(body, "system", "messages", "tools", "output_config"),
        };
    }

    public string Whole(Said said, Counts counts)
    {
        var blocks = new List<string>();
        if (said.Reasoning.Length > 0)
        {
            var shown = said.Asked.ShowsReasoning ? said.Reasoning : "";
            blocks.Add($$"""{"type":"thinking","thinking":{{Json.Quote(shown)}},"signature":"{{Seals.Of(Maker.Anthropic, shown)}}"}""");
        }

        if (HasText(said))
        {
            blocks.Add($$"""{"type":"text","text":{{Json.Quote(said.Text)}},"citations":null}""");
        }

        blocks.AddRange(said.Calls.Select(static call => $$"""{"type":"tool_use","id":"{{call.Id}}","name":{{Json.Quote(call.Name)}},"input":{{(Json.IsObject(call.Arguments) ? call.Arguments : "{}")}}}"""));
        var usage = said.Usage == UsageFault.Missing ? "" : $""","usage":{UsageOf(said, counts)}""";
        return MessageOf(said, string.Join(',', blocks), $"\"{ReasonOf(said)}\"", Json.QuoteOrNull(said.StopSequence), usage);
    }

    public IEnumerable<byte[]> Failure(Said said, Meter meter, Counts? told) => [Json.Event("error", Errors.Of(Maker.Anthropic, 529, null))];

    private static bool HasText(Said said) => said.Text.Length > 0 || said.IsEndless || (said.Calls.Count == 0 && said.End is Ending.Done);

    private static string MessageOf(Said said, string content, string reason, string stop, string usage) =>
        $$"""{"id":"{{said.Id}}","type":"message","role":"assistant","model":{{Json.Quote(said.Asked.Model)}},"content":[{{content}}],"stop_reason":{{reason}},"stop_sequence":{{stop}}{{usage}}}""";

    private static string UsageOf(Said said, Counts counts) => UsageJson.OfMessages(counts, said.Reply.TellsThinking, said.Reply.ServiceTier ?? "standard", said.Usage);

    private static string ReasonOf(Said said) => said.End switch
    {
        Ending.MetStop => "stop_sequence",
        Ending.MetLimit => "max_tokens",
        Ending.CallsTools => "tool_use",
        Ending.Refused => "refusal",
        _ => "end_turn",
    };

    /// <summary>True: the last are tools' results.</summary>
    private static bool CheckMessages(JsonElement body)
    {
        if (body.Member("messages") is not { ValueKind: JsonValueKind.Array } messages) throw new RefusedException(400, "messages: Field required");
        if (messages.GetArrayLength() == 0) throw new RefusedException(400, "messages: at least one message is required");

        var open = new HashSet<string>(StringComparer.Ordinal);
        var hasResult = false;
        var at = -1;
        foreach (var message in messages.EnumerateArray())
        {
            at++;
            if (message.Text("role") is not ("user" or "assistant" or "system"))
            {
                throw new RefusedException(400, $"messages.{at}.role: Input should be 'user', 'assistant' or 'system'");
            }

            if (message.Member("content") is not { ValueKind: JsonValueKind.String or JsonValueKind.Array })
            {
                throw new RefusedException(400, $"messages.{at}.content: Field required");
            }

            hasResult = false;
            foreach (var block in message.Each("content"))
            {
                switch (block.Text("type"))
                {
                    case "tool_result":
                        hasResult = true;

                        if (!open.Remove(block.Text("tool_use_id") ?? ""))
                        {
                            throw new RefusedException(400, $"messages.{at}.content.0: unexpected `tool_use_id` found in `tool_result` blocks: {block.Text("tool_use_id")}. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.");
                        }

                        break;
                    case "text" when string.IsNullOrEmpty(block.Text("text")):
                        throw new RefusedException(400, $"messages.{at}: text content blocks must be non-empty");
                    case "thinking" when block.Text("signature") != Seals.Of(Maker.Anthropic, block.Text("thinking") ?? ""):
                        throw new RefusedException(400, $"messages.{at}.content.0: Invalid `signature` in `thinking` block");
                    default:
                        break;
                }
            }

            if (open.Count > 0)
            {
                throw new RefusedException(400, $"messages.{at}: `tool_use` ids were found without `tool_result` blocks immediately after: {string.Join(", ", open)}.");
            }

            foreach (var block in message.Each("content").Where(static block => block.Text("type") == "tool_use"))
            {
                if (block.Member("input") is not { ValueKind: JsonValueKind.Object })
                {
                    throw new RefusedException(400, $"messages.{at}.content.0.tool_use.input: Input should be a valid dictionary");
                }

                open.Add(block.Needed("id"));
            }
        }

        return hasResult;
    }
}

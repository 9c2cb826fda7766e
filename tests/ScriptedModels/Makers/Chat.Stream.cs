namespace Agora.ScriptedModels.Makers;

/// <summary>A stream of chat completions: the role first, then what is said, why it ended, usage where it was asked for, and [DONE].</summary>
internal sealed partial class Chat
{
    public IEnumerable<Frame> Stream(Said said, Meter meter)
    {
        yield return Of(FrameKind.Head, """{"role":"assistant","content":"","refusal":null}""");
        if (said.Reply.ShowsReasoningInChat)
        {
            foreach (var chunk in said.Chunks(said.Reasoning))
            {
                meter.Reasoning(chunk);
                yield return Of(FrameKind.Content, $$"""{"reasoning_content":{{Json.Quote(chunk)}}}""");
            }
        }
        else
        {
            meter.Reasoning(said.Reasoning);
        }

        var member = said.IsRefusal ? "refusal" : "content";
        var half = said.Text.Length / 2;
        foreach (var chunk in said.TextChunks())
        {
            meter.Text(chunk);
            yield return Of(FrameKind.Content, $$"""{"{{member}}":{{Json.Quote(chunk)}}}""");
            if (said.Usage != UsageFault.Twice || half < 0 || (half -= chunk.Length) >= 0 || !said.Asked.IncludeUsage) continue;
            yield return Usage();
        }

        for (var index = 0; index < said.Calls.Count; index++)
        {
            var call = said.Calls[index];
            meter.Text(call.Name);
            yield return Of(FrameKind.Content, call.IsCustom
                ? $$$"""{"tool_calls":[{"index":{{{index}}},"id":"{{{call.Id}}}","type":"custom","custom":{"name":{{{Json.Quote(call.Name)}}},"input":""}}]}"""
                : $$$"""{"tool_calls":[{"index":{{{index}}},"id":"{{{call.Id}}}","type":"function","function":{"name":{{{Json.Quote(call.Name)}}},"arguments":""}}]}""");
            foreach (var chunk in said.Chunks(call.Arguments))
            {
                meter.Text(chunk);
                yield return Of(FrameKind.Content, $$$"""{"tool_calls":[{"index":{{{index}}},"{{{(call.IsCustom ? "custom" : "function")}}}":{"{{{(call.IsCustom ? "input" : "arguments")}}}":{{{Json.Quote(chunk)}}}}}]}""");
            }
        }

        meter.IsAllWritten = true;
        var isWithFinish = said.Usage == UsageFault.WithFinish && said.Asked.IncludeUsage;
        var finish = Of(FrameKind.Tail, "{}", FinishOf(said), isWithFinish ? UsageJson.OfChat(meter.Now, said.Usage) : null);
        yield return isWithFinish ? finish with { Tells = meter.Now } : finish;
        if (said.Asked.IncludeUsage && said.Usage is not (UsageFault.Missing or UsageFault.WithFinish))
        {
            yield return Usage();
        }

        yield return new Frame("data: [DONE]\n\n"u8.ToArray(), FrameKind.Terminal, meter.Now);

        Frame Of(FrameKind kind, string delta, string? reason = null, string? usage = null) => new(
            Json.Data($$"""{{{Opening(said)}},"choices":[{"index":0,"delta":{{delta}},"logprobs":null,"finish_reason":{{Json.QuoteOrNull(reason)}}}]{{(usage is not null ? $""","usage":{usage}""" : said.Asked.IncludeUsage ? ""","usage":null""" : "")}}}"""), kind, meter.Now);

        Frame Usage() => new(
            Json.Data($$"""{{{Opening(said)}},"choices":[],"usage":{{UsageJson.OfChat(meter.Now, said.Usage)}}}"""), FrameKind.Tail, meter.Now, UsageJson.IsRight(said.Usage) ? meter.Now : null);
    }

    private static string Opening(Said said) =>
        $"""
        "id":"{said.Id}","object":"chat.completion.chunk","created":{said.Created},"model":{Json.Quote(said.Asked.Model)},"service_tier":"{TierOf(said)}","system_fingerprint":"fp_scripted"
        """;
}

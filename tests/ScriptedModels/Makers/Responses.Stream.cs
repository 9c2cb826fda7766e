namespace Agora.ScriptedModels.Makers;

/// <summary>A stream of responses: each event has its number, each item its whole life.</summary>
internal sealed partial class Responses
{
    public IEnumerable<Frame> Stream(Said said, Meter meter)
    {
        yield return Of(FrameKind.Head, "response.created", $"\"response\":{ResponseOf(said, "in_progress", "", "null")}");
        yield return Of(FrameKind.Head, "response.in_progress", $"\"response\":{ResponseOf(said, "in_progress", "", "null")}");
        var items = new List<string>();
        var status = said.End == Ending.MetLimit ? "incomplete" : "completed";
        if (said.Reasoning.Length > 0)
        {
            foreach (var frame in Reasoning(said, meter))
            {
                yield return frame;
            }

            items.Add(ReasoningOf(said, said.Reasoning, isDone: true));
        }

        if (HasMessage(said))
        {
            foreach (var frame in Message(said, meter, items.Count, status))
            {
                yield return frame;
            }

            items.Add(MessageOf(said, status, PartOf(said, said.Text)));
        }

        for (var index = 0; index < said.Calls.Count; index++)
        {
            foreach (var frame in Call(said, meter, items.Count, index, status))
            {
                yield return frame;
            }

            items.Add(CallOf(said.Calls[index], index, status, said.Calls[index].Arguments));
        }

        meter.IsAllWritten = true;
        var last = $"response.{status}";
        var output = string.Join(',', items);
        if (said.Usage == UsageFault.Late)
        {
            yield return Of(FrameKind.Tail, last, $"\"response\":{ResponseOf(said, status, output, "null")}");
        }

        var usage = said.Usage == UsageFault.Missing ? "null" : UsageJson.OfResponses(meter.Now, said.Usage);
        yield return Of(FrameKind.Terminal, last, $"\"response\":{ResponseOf(said, status, output, usage)}") with { Tells = said.Usage != UsageFault.Missing && UsageJson.IsRight(said.Usage) ? meter.Now : null };

        Frame Of(FrameKind kind, string type, string members) => new(Numbered(type, meter, members), kind, meter.Now);
    }

    private static IEnumerable<Frame> Reasoning(Said said, Meter meter)
    {
        var at = $"\"item_id\":\"rs_{said.Id}\",\"output_index\":0";
        yield return Of(FrameKind.Head, "response.output_item.added", $"\"output_index\":0,\"item\":{ReasoningOf(said, "", isDone: false)}");
        if (said.Asked.ShowsReasoning)
        {
            yield return Of(FrameKind.Head, "response.reasoning_summary_part.added", $$"""{{at}},"summary_index":0,"part":{"type":"summary_text","text":""}""");
            foreach (var chunk in said.Chunks(said.Reasoning))
            {
                meter.Reasoning(chunk);
                yield return Of(FrameKind.Content, "response.reasoning_summary_text.delta", $"""{at},"summary_index":0,"delta":{Json.Quote(chunk)}""");
            }

            yield return Of(FrameKind.Head, "response.reasoning_summary_text.done", $"""{at},"summary_index":0,"text":{Json.Quote(said.Reasoning)}""");
            yield return Of(FrameKind.Head, "response.reasoning_summary_part.done", $$"""{{at}},"summary_index":0,"part":{"type":"summary_text","text":{{Json.Quote(said.Reasoning)}}}""");
        }
        else
        {
            meter.Reasoning(said.Reasoning);
        }

        yield return Of(FrameKind.Head, "response.output_item.done", $"\"output_index\":0,\"item\":{ReasoningOf(said, said.Reasoning, isDone: true)}");

        Frame Of(FrameKind kind, string type, string members) => new(Numbered(type, meter, members), kind, meter.Now);
    }

    private static IEnumerable<Frame> Message(Said said, Meter meter, int index, string status)
    {
        var at = $"\"item_id\":\"msg_{said.Id}\",\"output_index\":{index},\"content_index\":0";
        var (kind, member, logprobs) = said.IsRefusal ? ("refusal", "refusal", "") : ("output_text", "text", ",\"logprobs\":[]");
        yield return Of(FrameKind.Head, "response.output_item.added", $"\"output_index\":{index},\"item\":{MessageOf(said, "in_progress", "")}");
        yield return Of(FrameKind.Head, "response.content_part.added", $"{at},\"part\":{PartOf(said, "")}");
        var half = said.Text.Length / 2;
        foreach (var chunk in said.TextChunks())
        {
            meter.Text(chunk);
            yield return Of(FrameKind.Content, $"response.{kind}.delta", $"{at},\"delta\":{Json.Quote(chunk)}{logprobs}");
            if (said.Usage != UsageFault.Twice || half < 0 || (half -= chunk.Length) >= 0) continue;
            yield return Of(FrameKind.Head, "response.in_progress", $"\"response\":{ResponseOf(said, "in_progress", "", UsageJson.OfResponses(meter.Now, said.Usage))}") with { Tells = meter.Now };
        }

        yield return Of(FrameKind.Head, $"response.{kind}.done", $"{at},\"{member}\":{Json.Quote(said.Text)}{logprobs}");
        yield return Of(FrameKind.Head, "response.content_part.done", $"{at},\"part\":{PartOf(said, said.Text)}");
        yield return Of(FrameKind.Head, "response.output_item.done", $"\"output_index\":{index},\"item\":{MessageOf(said, status, PartOf(said, said.Text))}");

        Frame Of(FrameKind frame, string type, string members) => new(Numbered(type, meter, members), frame, meter.Now);
    }

    private static IEnumerable<Frame> Call(Said said, Meter meter, int index, int number, string status)
    {
        var call = said.Calls[number];
        var (kind, member, prefix) = call.IsCustom ? ("custom_tool_call_input", "input", "ctc") : ("function_call_arguments", "arguments", "fc");
        var at = $"\"item_id\":\"{prefix}_{call.Id}_{number}\",\"output_index\":{index}";
        meter.Text(call.Name);
        yield return Of(FrameKind.Content, "response.output_item.added", $"\"output_index\":{index},\"item\":{CallOf(call, number, "in_progress", "")}");
        foreach (var chunk in said.Chunks(call.Arguments))
        {
            meter.Text(chunk);
            yield return Of(FrameKind.Content, $"response.{kind}.delta", $"{at},\"delta\":{Json.Quote(chunk)}");
        }

        var name = call.IsCustom ? "" : $",\"name\":{Json.Quote(call.Name)}";
        yield return Of(FrameKind.Head, $"response.{kind}.done", $"{at},\"{member}\":{Json.Quote(call.Arguments)}{name}");
        yield return Of(FrameKind.Head, "response.output_item.done", $"\"output_index\":{index},\"item\":{CallOf(call, number, status, call.Arguments)}");

        Frame Of(FrameKind frame, string type, string members) => new(Numbered(type, meter, members), frame, meter.Now);
    }
}

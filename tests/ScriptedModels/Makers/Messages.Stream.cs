namespace Agora.ScriptedModels.Makers;

/// <summary>A stream of messages: blocks one behind the other, usage told at the beginning and, as far as it then is, at the end.</summary>
internal sealed partial class Messages
{
    private static readonly byte[] Ping = Json.Event("ping", """{"type":"ping"}""");

    public IEnumerable<Frame> Stream(Said said, Meter meter)
    {
        var isMissing = said.Usage == UsageFault.Missing;
        var begun = meter.Now with { Output = 1 };
        var usage = isMissing ? "" : $""","usage":{UsageOf(said, begun)}""";
        yield return Of(FrameKind.Head, "message_start", $$""","message":{{MessageOf(said, "", "null", "null", usage)}}""") with { Tells = isMissing ? null : begun };
        var index = 0;
        if (said.Reasoning.Length > 0)
        {
            yield return Start(index, """{"type":"thinking","thinking":"","signature":""}""");
            yield return new Frame(Ping, FrameKind.Head, meter.Now);
            var shown = said.Asked.ShowsReasoning ? said.Reasoning : "";
            meter.Reasoning(said.Asked.ShowsReasoning ? "" : said.Reasoning);
            foreach (var chunk in said.Chunks(shown))
            {
                meter.Reasoning(chunk);
                yield return Delta(index, $$"""{"type":"thinking_delta","thinking":{{Json.Quote(chunk)}}}""");
            }

            yield return Delta(index, $$"""{"type":"signature_delta","signature":"{{Seals.Of(Maker.Anthropic, shown)}}"}""") with { Kind = FrameKind.Head };
            yield return Stop(index++);
        }

        if (HasText(said))
        {
            yield return Start(index, """{"type":"text","text":""}""");
            yield return new Frame(Ping, FrameKind.Head, meter.Now);
            var half = said.Text.Length / 2;
            foreach (var chunk in said.TextChunks())
            {
                meter.Text(chunk);
                yield return Delta(index, $$"""{"type":"text_delta","text":{{Json.Quote(chunk)}}}""");
                if (said.Usage != UsageFault.Twice || half < 0 || (half -= chunk.Length) >= 0) continue;
                yield return Ended("null", "null", isTold: true);
            }

            yield return Stop(index++);
        }

        foreach (var call in said.Calls)
        {
            meter.Text(call.Name);
            yield return Start(index, $$$"""{"type":"tool_use","id":"{{{call.Id}}}","name":{{{Json.Quote(call.Name)}}},"input":{}}""") with { Kind = FrameKind.Content };
            yield return Delta(index, """{"type":"input_json_delta","partial_json":""}""") with { Kind = FrameKind.Head };
            foreach (var chunk in said.Chunks(call.Arguments))
            {
                meter.Text(chunk);
                yield return Delta(index, $$"""{"type":"input_json_delta","partial_json":{{Json.Quote(chunk)}}}""");
            }

            yield return Stop(index++);
        }

        meter.IsAllWritten = true;
        yield return Ended($"\"{ReasonOf(said)}\"", Json.QuoteOrNull(said.StopSequence), isTold: said.Usage is not (UsageFault.Missing or UsageFault.Late));
        if (said.Usage == UsageFault.Late)
        {
            yield return Ended($"\"{ReasonOf(said)}\"", Json.QuoteOrNull(said.StopSequence), isTold: true);
        }

        yield return Of(FrameKind.Terminal, "message_stop", "");

        Frame Of(FrameKind kind, string type, string members) => new(Json.Event(type, $$"""{"type":"{{type}}"{{members}}}"""), kind, meter.Now);

        Frame Start(int block, string content) => Of(FrameKind.Head, "content_block_start", $""","index":{block},"content_block":{content}""");

        Frame Delta(int block, string delta) => Of(FrameKind.Content, "content_block_delta", $""","index":{block},"delta":{delta}""");

        Frame Stop(int block) => Of(FrameKind.Head, "content_block_stop", $""","index":{block}""");

        Frame Ended(string reason, string sequence, bool isTold)
        {
            var told = isTold ? $""","usage":{UsageJson.OfMessageDelta(meter.Now, said.Reply.TellsThinking, said.Usage)}""" : "";
            return Of(FrameKind.Tail, "message_delta", $$""","delta":{"stop_reason":{{reason}},"stop_sequence":{{sequence}}}{{told}}""") with { Tells = isTold && UsageJson.IsRight(said.Usage) ? meter.Now : null };
        }
    }
}

namespace Agora.Models.Wires;

/// <summary>Reads a whole reply: by the same events as a stream, so that both come to the same.</summary>
internal static class ResponsesWireReply
{
    public static ModelReply Read(ReadOnlyMemory<byte> body)
    {
        using var document = ResponsesWireJson.Parse(body);
        var response = document.RootElement;
        var builder = new ReplyBuilder();
        builder.Add(new ModelEvent.Started(ResponsesWireJson.TextOrNull(response, "id"), ResponsesWireJson.TextOrNull(response, "model")));
        var (said, count, hasCalls) = (new List<ModelEvent>(), 0, false);
        foreach (var item in ResponsesWireJson.Objects(response, "output"))
        {
            if (ResponsesWireOutput.Begin(item) is not { } begun) continue;
            hasCalls |= begun is Item.ToolCall;
            builder.Add(new ModelEvent.Began(count, begun));
            ResponsesWireOutput.Say(item, count++, (_, _) => false, said);
        }

        if (ResponsesWireOutput.UsageOf(response) is { } usage)
        {
            said.Add(new ModelEvent.Counted(usage));
        }

        if (ResponsesWireJson.TextOrNull(response, "service_tier") is { } tier)
        {
            said.Add(new ModelEvent.Tiered(tier));
        }

        said.Add(ResponsesWireJson.Text(response, "status") is "failed" or "cancelled"
            ? new ModelEvent.Failed(ResponsesWireErrors.Within(response))
            : new ModelEvent.Ended(ResponsesWireOutput.FinishOf(response, hasCalls)));
        said.ForEach(builder.Add);
        return builder.Reply();
    }
}

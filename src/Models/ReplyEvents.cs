using System.Diagnostics;

namespace Agora.Models;

/// <summary>A whole reply as the events that would have made it.</summary>
public static class ReplyEvents
{
    public static IReadOnlyList<ModelEvent> Of(ModelReply reply)
    {
        var events = new List<ModelEvent> { new ModelEvent.Started(reply.ProviderId, reply.Model) };
        for (var index = 0; index < reply.Output.Count; index++)
        {
            Add(events, index, reply.Output[index]);
        }

        if (reply.Usage is { } usage)
        {
            events.Add(new ModelEvent.Counted(usage));
        }

        if (reply.ServiceTier is { } tier)
        {
            events.Add(new ModelEvent.Tiered(tier));
        }

        if (reply.Finish is { } finish)
        {
            events.Add(new ModelEvent.Ended(finish, reply.StopSequence) { At = reply.CompletedAt });
        }

        if (reply.Fault is { } fault)
        {
            events.Add(new ModelEvent.Failed(fault));
        }

        return events;
    }

    private static void Add(List<ModelEvent> events, int index, Item item)
    {
        switch (item)
        {
            case Item.Message m:
                events.Add(new ModelEvent.Began(index, m with { Parts = [] }));
                for (var part = 0; part < m.Parts.Count; part++)
                {
                    if (m.Parts[part] is Part.Text text)
                    {
                        events.Add(new ModelEvent.TextAdded(index, text.Value, part));
                    }

                    if (m.Parts[part] is Part.Refusal refusal)
                    {
                        events.Add(new ModelEvent.RefusalAdded(index, refusal.Value, part));
                    }
                }

                break;
            case Item.ToolCall c:
                events.Add(new ModelEvent.Began(index, c with { Arguments = "" }));
                events.Add(new ModelEvent.ArgumentsAdded(index, c.Arguments));
                break;
            case Item.Reasoning r:
                events.Add(new ModelEvent.Began(index, r with { Summary = [], Text = "" }));
                for (var part = 0; part < r.Summary.Count; part++)
                {
                    events.Add(new ModelEvent.SummaryAdded(index, r.Summary[part], part));
                }

                if (r.Text.Length > 0)
                {
                    events.Add(new ModelEvent.ReasoningAdded(index, r.Text));
                }

                break;
            default:
                throw new UnreachableException(item.GetType().Name);
        }

        events.Add(new ModelEvent.Completed(index));
    }
}

using System.Diagnostics;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Responses.ResponseState, Agora.Core.Responses.ResponseEvent>;

namespace Agora.Core.Responses;

/// <summary>
/// A reply that is kept.
/// <para>Rules. It is begun once. Parts are said in order and once each, so whoever does not know whether one was taken says it again. Once it is over nothing is said, and how it ended stays. What a client is shown of it as it comes is
/// durable before: so whoever reads it again, from whatever place, reads the same.</para>
/// </summary>
public static class ResponseDecider
{
    public static Decided Decide(ResponseState state, ResponseCommand command, Context context)
    {
        if (command is ResponseCommand.Tick) return Decided.Accept(Nothing.Value);
        if (command is ResponseCommand.Begin begin) return Begin(state, begin, context);
        if (state.View is not { } view) return Decided.Reject(ResponseRejection.NotFound);

        return command switch
        {
            ResponseCommand.Say c => Say(state, view, c, context),
            ResponseCommand.End c => view.EndedAt is null ? Happened(state, context, new ResponseEvent.Ended(c.FailureCode)) : Decided.Accept(view),
            ResponseCommand.Delete => view.IsDeleted ? Decided.Reject(ResponseRejection.NotFound) : Happened(state, context, new ResponseEvent.Deleted()),
            ResponseCommand.Get => view.IsDeleted ? Decided.Reject(ResponseRejection.NotFound) : Decided.Query(view),
            _ => throw new UnreachableException(command.GetType().Name),
        };
    }

    public static LateAnswer? Recall(ResponseEvent happened, Guid commandId) => null; // each is told by the state: what was done once changes nothing again

    private static Decided Begin(ResponseState state, ResponseCommand.Begin c, Context context)
    {
        if (state.View is { } known) return known.SessionId == c.SessionId ? Decided.Accept(known) : Decided.Reject(ResponseRejection.Other);

        var begun = new ResponseEvent.Begun(c.SessionId, c.AgentId, c.Model, c.CreatedAt, c.CachedAs) { Asked = c.Asked };
        return c.Whole is null ? Happened(state, context, begun) : Happened(state, context, begun, new ResponseEvent.Said(0) { Part = c.Whole }, new ResponseEvent.Ended(FailureCode: null));
    }

    private static Decided Say(ResponseState state, ResponseView view, ResponseCommand.Say c, Context context)
    {
        if (c.Number < view.Parts) return Decided.Accept(view);
        if (view.EndedAt is not null || view.IsDeleted) return Decided.Reject(ResponseRejection.IsOver);

        return c.Number == view.Parts ? Happened(state, context, new ResponseEvent.Said(c.Number) { Part = c.Said }) : Decided.Reject(ResponseRejection.OutOfOrder);
    }

    private static Decided Happened(ResponseState state, Context context, params ReadOnlySpan<ResponseEvent> events)
    {
        foreach (var happened in events)
        {
            state = state.Evolve(happened, context.Now);
        }

        return Decided.Accept(state.View!, events);
    }
}

using Agora.Application.Calls;
using Agora.Application.Flow;
using Agora.Core.Kernel;
using Agora.Core.Sessions;

namespace Agora.Web;

/// <summary>Replies with the guide's advice.</summary>
internal static class GuidedReplies
{
    /// <summary>Advice that is not known leaves the reply as it is.</summary>
    public static Reply With(this Reply reply, Advice advice) =>
        reply with { Allowance = advice.Allowance ?? reply.Allowance, NextActions = advice.Actions.Count > 0 ? advice.Actions : reply.NextActions, AdviceStands = reply.AdviceStands || advice.Stands };

    /// <summary>The reply of a use case.</summary>
    public static Reply Reply<T>(this Result<T> result, Func<T, Reply> reply)
        where T : class => (result.IsRefused ? Web.Reply.Refused(result.Refusal) : reply(result.Value)).With(result.Advice) with { Replayed = result.Replayed };

    /// <summary>A refusal, with what would succeed instead.</summary>
    public static async Task<Reply> Refuse(this Guide guide, AgentCall call, Rejection rejection) => Web.Reply.Refused(rejection).With(await guide.AfterRefused(call.Caller, rejection));

    /// <summary>The reply with the state of the flow as its one next action.</summary>
    public static async Task<Reply> Continued(this Guide guide, AgentCall call, Reply reply, SessionView? known = null) => reply.With(await guide.LeadOn(call.Caller, known));

    public static Task<Allowance?> Allowance(this Guide guide, AgentCall call) => guide.Allowance(call.Caller);

    /// <summary>A read: it visits its session, which may refuse it, and is then answered from the state of the flow.</summary>
    public static async Task<Reply> Visit(this Guide guide, AgentCall call, Func<FlowState, Task<Reply>> reply, Rejection? refused = null)
    {
        var (flow, rejection) = await guide.Enter(call.Caller, refused);
        return flow is null ? await guide.Refuse(call, rejection!) : await reply(flow) with { Allowance = Guide.Of(flow) };
    }
}

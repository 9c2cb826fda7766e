using Agora.Application.Calls;
using Agora.Application.Flow;
using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Core.Sessions;

namespace Agora.Api.Http;

/// <summary>Replies with the guide's advice.</summary>
internal static class GuidedReplies
{
    /// <summary>Advice that is not known leaves the reply as it is.</summary>
    public static Reply With(this Reply reply, Advice advice) =>
        reply with { Allowance = advice.Allowance ?? reply.Allowance, NextActions = advice.Actions.Count > 0 ? advice.Actions : reply.NextActions, AdviceStands = reply.AdviceStands || advice.Stands };

    /// <summary>The reply of a use case.</summary>
    public static Reply Reply<T>(this Result<T> result, Func<T, Reply> reply)
        where T : class => (result.IsRefused ? Http.Reply.Refused(result.Refusal) : reply(result.Value)).With(result.Advice) with { Replayed = result.Replayed };

    /// <summary>A refusal, with what would succeed instead.</summary>
    public static async Task<Reply> Refuse(this Guide guide, AgentCall call, Rejection rejection) => Http.Reply.Refused(rejection).With(await guide.AfterRefused(call.Caller, rejection));

    public static async Task<Reply> Guided(this Guide guide, AgentCall call, Reply reply, Func<FlowState, Task<IReadOnlyList<NextAction>>> advise, SessionView? known = null) =>
        reply.With(await guide.Advise(call.Caller, advise, known));

    /// <summary>The same for a reply that leads to where all is told.</summary>
    public static async Task<Reply> Continued(this Guide guide, AgentCall call, Reply reply, SessionView? known = null) => reply.With(await guide.LeadOn(call.Caller, known));

    public static Task<Allowance?> Allowance(this Guide guide, AgentCall call) => guide.Allowance(call.Caller);

    /// <summary>A read: it visits its session, which may refuse it, and is then answered from the state of the flow.</summary>
    public static async Task<Reply> Visit(this Guide guide, AgentCall call, Func<FlowState, Task<Reply>> reply, Rejection? refused = null)
    {
        var answer = await call.Visit(refused);
        if (answer.Rejection is { } rejection) return await guide.Refuse(call, rejection);

        var flow = await guide.Read(call.Tenant, answer.As<SessionView>());
        return await reply(flow) with { Allowance = Guide.Of(flow) };
    }
}

using Agora.Api.Http;
using Agora.Core.Kernel;
using Agora.Core.Sessions;

namespace Agora.Api.Flow;

/// <summary>A read: it visits its session, which may refuse it, and is then answered from the state of the flow.</summary>
internal static class Visits
{
    public static async Task<Reply> Visit(this Guide guide, AgentCall call, Func<FlowState, Task<Reply>> reply, Rejection? refused = null)
    {
        var answer = await call.Visit(refused);
        if (answer.Rejection is { } rejection) return await guide.Refuse(call, rejection);

        var session = answer.As<SessionView>();
        var flow = await guide.Read(call.Tenant, session);
        return await reply(flow) with { Allowance = Guide.Of(flow) };
    }
}

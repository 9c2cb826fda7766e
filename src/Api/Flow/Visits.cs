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
        if (answer.Rejection is { } rejection)
        {
            return await guide.Refuse(call, rejection);
        }

        var session = (SessionView)answer.Reply!;
        return await reply(await guide.Read(session)) with { Allowance = Allowance.Of(session) };
    }
}

using Agora.Api.Flow;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Clocks;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Grains.Clocks;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Http;

/// <summary>
/// What all routes within a session share, in the order of refusals: the credential, the body, the idempotency key, what the operation reads; then the
/// handler, and the reply.
/// </summary>
internal sealed class AgentGate(IEntities entities, SessionTokens tokens, Corrections corrections, ApiOptions options, TenantTimes times)
{
    public TimeProvider TimeOf(Tenant tenant) => times.Of(tenant);

    public SessionPolicy Policy => options.Policy;

    public EntityRef<LeafCommand> Session(SessionOf session) => entities.In(session.Tenant).Session(session.Id);

    public RequestDelegate Guard<T>(Operation<T> operation, Func<AgentCall, T, Task<Reply>> handler) => async http =>
    {
        var (session, refusal) = tokens.Read(Credentials.Bearer(http.Request));
        if (session is not null && await times.Current(session.Tenant) is null)
        {
            (session, refusal) = (null, ClockRejection.Over);
        }

        using var call = session is null ? null : await Admit(http, operation, session);
        var reply = call is null ? Reply.Refused(refusal!) with { NextActions = [Actions.Authenticate] } : corrections.Put(await Act(call, operation, handler), call, call.Tenant, operation);
        await (reply.Refusal is { } refused ? reply with { UntrustedFields = ForeignText.In(refused, operation.HeldAgainst) } : reply).Write(http, Policy.RateLimitPerMinute);
    };

    public static Task<Reply> Act<T>(AgentCall call, Operation<T> operation, Func<AgentCall, T, Task<Reply>> handler)
    {
        var request = call.Read(operation);
        call.SubjectFirst = operation.SubjectFirst(request);
        return handler(call, request);
    }

    private async ValueTask<AgentCall> Admit(HttpContext http, Operation operation, SessionOf session)
    {
        TestMode.Mark(http, session.Tenant);
        var taken = SessionIds.RootOf(session.Id) is { } root && await IsLive(session) ? await TakeRate(session with { Id = root }) : null;
        return new(http, operation, session, await Received.Of(http, operation), taken, this);
    }

    /// <summary>One that was ended or suspended is refused for that, and uses up nothing of what the others share.</summary>
    private async Task<bool> IsLive(SessionOf session) =>
        (await Session(session).Send(new SessionCommand.Peek(), IdempotencyKeys.Fresh(TimeOf(session.Tenant)))).Reply is SessionView { RevokedAt: null, Suspended: false };

    /// <summary>A delegated session shares the rate of its root, which counts; the session then decides by that.</summary>
    private async Task<RateWindow> TakeRate(SessionOf root)
    {
        var answer = await Session(root).Send(new SessionCommand.TakeRate(), IdempotencyKeys.Fresh(TimeOf(root.Tenant)));
        return ((RateTaken)answer.Reply!).Window;
    }
}

using Agora.Application.Calls;
using Agora.Application.Operations;
using Agora.Application.Sessions;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Clocks;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Grains.Clocks;

namespace Agora.Web;

/// <summary>
/// What all routes within a session share, in the order of refusals: the credential, the body, the idempotency key, what the operation reads; then the
/// handler, and the reply.
/// </summary>
internal sealed class AgentGate(IEntities entities, SessionCalls sessions, SessionTokens tokens, SignedRequests signed, SessionOwners owners, ICorrections corrections, ApiOptions options, TenantTimes times)
{
    private const int Unauthorized = 401;

    public TimeProvider TimeOf(Tenant tenant) => times.Of(tenant);

    public SessionCalls Sessions => sessions;

    public ApiOptions Options => options;

    public SessionPolicy Policy => options.Policy;

    public EntityRef<LeafCommand> Session(SessionOf session) => entities.In(session.Tenant).Session(session.Id);

    public Func<Request, Task<Reply>> Guard<T>(Operation<T> operation, Func<AgentCall, T, Task<Reply>> handler) => async request =>
    {
        var (entered, refusal) = await Enter(request, operation);
        using var call = entered;
        var reply = call is null ? Reply.Refused(refusal!) with { NextActions = SignedActions.After(request, operation, refusal!) } : corrections.Put(await Act(call, operation, handler), call, call.Tenant, operation);
        return Told(request, reply, operation);
    };

    /// <summary>A refusal says which of its words are others', and one for the credential which signature would do in its place.</summary>
    public static Reply Told(Request request, Reply reply, Operation operation) => reply.Refusal is not { } refused ? reply
        : reply with { UntrustedFields = ForeignText.In(refused, operation.HeldAgainst), Headers = reply.Status == Unauthorized && request.SignatureWanted is { } wanted ? [.. reply.Headers, wanted] : reply.Headers };

    /// <summary>By a session's token, or signed by its agent; the request is the caller's to dispose of.</summary>
    public async ValueTask<(AgentCall? Call, Rejection? Refusal)> Enter(Request request, Operation operation)
    {
        var (session, refusal) = await SessionOf(request);
        return session is null ? (null, refusal)
            : await times.Current(session.Tenant) is null ? (null, ClockRejection.Over)
            : (await Admit(request, operation, session), null);
    }

    /// <summary>What the session's token, or a signature within it, opens by now. It counts as no request.</summary>
    public async Task<CredentialState> Look(Request request)
    {
        var (session, refusal) = await SessionOf(request);
        if (session is null) return new(refusal);
        if (await times.Current(session.Tenant) is null) return new(ClockRejection.Over);

        var entity = Session(session);
        var answer = await entity.Send(new SessionCommand.Peek(), Commands.Fresh(TimeOf(session.Tenant)));
        if (answer.Reply is not SessionView view) return new(answer.Rejection);
        if (view.Refusal(times.Now(session.Tenant)) is { } refused) return new(refused);

        return CredentialState.Stands(session.Tenant, SignedRequests.IsMeant(request) ? [entity.Stream, entities.In(session.Tenant).Agent(view.AgentId).Stream] : [entity.Stream], view.ExpiresAt);
    }

    public static Task<Reply> Act<T>(AgentCall call, Operation<T> operation, Func<AgentCall, T, Task<Reply>> handler)
    {
        var request = call.Read(operation);
        call.SubjectFirst = operation.SubjectFirst(request);
        return handler(call, request);
    }

    /// <summary>Checks the credential's form and, if it opens a session, counts the request's places for it from here on. Whether the session is still live is decided with the call.</summary>
    /// <returns>Why the credential opens no session; null if it may open one.</returns>
    public async ValueTask<Rejection?> Unknown(Request request)
    {
        var (session, refusal) = await SessionOf(request);
        if (session is not null)
        {
            request.Owner = await owners.Of(session);
        }

        return refusal;
    }

    private ValueTask<(SessionOf? Session, Rejection? Refusal)> SessionOf(Request request) =>
        SignedRequests.IsMeant(request) ? SignedSessionOf(request) : new(tokens.Read(request.Bearer));

    private async ValueTask<(SessionOf? Session, Rejection? Refusal)> SignedSessionOf(Request request)
    {
        if (!SignedRequests.IsInSession(request)) return (null, SignedFaults.SessionWanted);

        var (signer, refused) = await signed.Verify(request);
        return signer is null ? (null, refused) : (new(signer.Tenant, signer.SessionId!), null);
    }

    private async ValueTask<AgentCall> Admit(Request request, Operation operation, SessionOf session)
    {
        request.Mark(session.Tenant);
        var taken = !request.IsPart && SessionIds.RootOf(session.Id) is { } root && await IsLive(session) ? await TakeRate(session with { Id = root }) : null;
        var owner = await owners.Of(session);
        return new(request, operation, session, owner, await Received.Of(request, operation, owner), taken, this);
    }

    /// <summary>One that was ended or suspended is refused for that, and uses up nothing of what the others share.</summary>
    private async Task<bool> IsLive(SessionOf session) =>
        await Session(session).Peek(Commands.Fresh(TimeOf(session.Tenant))) is { RevokedAt: null, Suspended: false };

    /// <summary>A delegated session shares the rate of its root, which counts; the session then decides by that.</summary>
    private async Task<RateWindow> TakeRate(SessionOf root)
    {
        var answer = await Session(root).Send(new SessionCommand.TakeRate(), Commands.Fresh(TimeOf(root.Tenant)));
        return answer.As<RateTaken>().Window;
    }
}

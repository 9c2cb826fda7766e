using Agora.Application.Calls;
using Agora.Application.Flow;
using Agora.Application.Operations;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Grains.Clocks;

namespace Agora.Web;

/// <summary>
/// What agents do among each other. An agent comes with a key of its own or signs with its card's, and acts as itself; or within a session, whose scope <c>allowed_peers</c> says whom it may
/// talk to. Within a session every request visits it first, as at <see cref="AgentGate"/>: revocation, suspension, rate, audit and scope are decided there.
/// <para>The platform's key speaks for every agent and so for none: it is refused, but where an operation lets it vouch.</para>
/// </summary>
internal sealed class PeerGate(KeyHolders holders, AgentGate sessions, SignedRequests signed, Guide guide, WrongKeys wrongKeys, ICorrections corrections, ApiOptions options, TenantTimes times, TimeProvider time)
{
    private const string SessionPrefix = "agt_";
    private static readonly RequiredCredential Required = new("An agent's own key or a session's token is required: Authorization: Bearer …");
    private static readonly Rejection NotItsWord =
        new(Codes.Forbidden, "This session was delegated: its token pays, and says of nobody who it is. The agent that it names comes with its own key, or signs the request within the session.");
    private static readonly Rejection NotThePlatform = new(Codes.Unauthorized, "An agent's own key or a session's token is required: the platform's key speaks for no agent here.");

    public Func<Request, Task<Reply>> Guard<T>(Operation<T> operation, Func<PeerCall, T, Task<Reply>> handler) => async request => AgentGate.Told(request, await Ask(request, operation, handler), operation);

    /// <summary>The same for whoever passes the reply on itself.</summary>
    public Task<Reply> Ask<T>(Request request, Operation<T> operation, Func<PeerCall, T, Task<Reply>> handler) => IsInSession(request) ? InSession(request, operation, handler) : ByItself(request, operation, handler);

    /// <summary>What the request's key, token or signature opens by now. It counts as no request.</summary>
    public async Task<CredentialState> Look(Request request)
    {
        if (IsInSession(request)) return await sessions.Look(request);

        var (holder, refused) = await Identify(request);
        return holder is null ? new(refused)
            : holder.AgentId is { } agentId ? CredentialState.Stands(holder.Tenant, [new(holder.Tenant.Name, Kinds.Agent, agentId)], holder.ExpiresAt)
            : new(null);
    }

    /// <summary>Identifies the caller of a request whose body names the operation, before the body is read: it is read for known callers only, in a place of theirs.</summary>
    /// <returns>The refusal of an unknown caller; null if the body may be read.</returns>
    public async Task<Reply?> Unknown(Request request, Operation operation)
    {
        var refused = IsInSession(request) ? await sessions.Unknown(request) : await Unidentified(request);
        return refused is null ? null : Reply.Refused(refused) with { NextActions = SignedActions.After(request, operation, refused) };
    }

    /// <summary>Keeps the caller with the request, so that its agent is asked only once.</summary>
    private async Task<Rejection?> Unidentified(Request request)
    {
        var (connection, began) = (new ConnectionKey(), time.GetTimestamp());
        request.Connection = connection;
        var (holder, refused) = await Identify(request);
        if (holder is null) return refused;

        connection.Keep(holder, began);
        request.Owner = PlaceOwners.Of(holder);
        return null;
    }

    private StandingCredential Standing(Request request) => new(() => Look(request), time);

    private static bool IsInSession(Request request) =>
        SignedRequests.IsMeant(request) ? SignedRequests.IsInSession(request) : request.Bearer.StartsWith(SessionPrefix, StringComparison.Ordinal);

    private async Task<Reply> InSession<T>(Request request, Operation<T> operation, Func<PeerCall, T, Task<Reply>> handler)
    {
        var (visitor, refusal) = await sessions.Enter(request, operation);
        if (visitor is null) return Reply.Refused(refusal!) with { NextActions = SignedActions.After(request, operation, refusal!) };

        using var call = new PeerCall(request, visitor, sessions.TimeOf(visitor.Tenant), options, Standing(request));
        var asked = call.Read(operation);
        var caller = visitor.Caller;
        var answer = await sessions.Sessions.VisitPeers(caller with { SubjectFirst = operation.SubjectFirst(asked) }, operation.Peers(asked));
        if (answer.Rejection is { } rejection)
        {
            var refused = rejection.Code == Codes.ScopeViolation ? guide.AfterPeersRefused(caller) : guide.AfterRefused(caller, rejection);
            return corrections.Put(Reply.Refused(rejection).With(await refused), call, call.Tenant, operation);
        }

        // Whoever delegates names whom it likes, and has the token first.
        var session = answer.As<SessionView>();
        if (session.Path is { Count: > 0 } && !call.IsSigned) return Reply.Refused(NotItsWord);

        var reply = await Waited(request, operation, call, await handler(call.Within(session, caller), asked));
        return corrections.Put(reply with { Allowance = reply.Allowance ?? Allowance.Of(session) }, call, call.Tenant, operation);
    }

    private async Task<Reply> ByItself<T>(Request request, Operation<T> operation, Func<PeerCall, T, Task<Reply>> handler)
    {
        var (connection, began) = (request.Connection, time.GetTimestamp());
        if (connection?.Holder(time) is { } known) return await By(known, request, operation, handler);

        var (holder, refused) = await Identify(request);
        if (holder is null) return Reply.Refused(refused!) with { NextActions = SignedActions.After(request, operation, refused!) };

        connection?.Keep(holder, began);
        return await By(holder, request, operation, handler);
    }

    private async Task<Reply> By<T>(KeyHolder holder, Request request, Operation<T> operation, Func<PeerCall, T, Task<Reply>> handler)
    {
        if (holder.Vouches && !operation.PlatformVouches) return Reply.Refused(NotThePlatform) with { NextActions = [NextAction.Authenticate] };

        request.Mark(holder.Tenant);
        using var call = new PeerCall(request, holder, await Received.Of(request, operation, PlaceOwners.Of(holder)), times.Of(holder.Tenant), options, Standing(request));
        return corrections.Put(await Waited(request, operation, call, await call.Handle(operation, handler)), call, holder.Tenant, operation);
    }

    /// <summary>A read may wait for what others say. What came while its credential ended is none of its reader's any more; what a request did is told all the same.</summary>
    private static async Task<Reply> Waited<T>(Request request, Operation<T> operation, PeerCall call, Reply reply) =>
        operation.IsRead && reply.Refusal is null && await call.Ended() is { } ended ? Reply.Refused(ended) with { NextActions = SignedActions.After(request, operation, ended) } : reply;

    private async Task<(KeyHolder? Holder, Rejection? Refused)> Identify(Request request)
    {
        if (SignedRequests.IsMeant(request))
        {
            var (signer, unsigned) = await signed.Verify(request);
            return (signer?.Holder, unsigned);
        }

        var presented = request.Bearer.ToString();
        var connection = request.Connection;
        var own = connection is null ? null : connection.Own ??= holders.Own(presented); // what a connection was opened with is read once
        var (holder, refused) = own is null ? await holders.Identify(presented, request.Ended) : await holders.Identify(own, request.Ended);
        return KeyHolders.Required.IsSaidBy(refused) ? (null, await wrongKeys.Refuse(request, "agent", presented, Required)) : (holder, refused);
    }
}

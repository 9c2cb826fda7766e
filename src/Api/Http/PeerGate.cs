using Agora.Api.Flow;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Grains.Clocks;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Http;

/// <summary>
/// What agents do among each other. An agent comes with a key of its own or signs with its card's, and acts as itself; or within a session, whose scope <c>allowed_peers</c> says whom it may
/// talk to. Within a session every request visits it first, as at <see cref="AgentGate"/>: revocation, suspension, rate, audit and scope are decided there.
/// <para>The platform's key speaks for every agent and so for none: it is refused, but where an operation lets it vouch.</para>
/// </summary>
internal sealed class PeerGate(KeyHolders holders, AgentGate sessions, SignedRequests signed, Guide guide, WrongKeys wrongKeys, Corrections corrections, ApiOptions options, TenantTimes times, TimeProvider time)
{
    private const string SessionPrefix = "agt_";
    private static readonly RequiredCredential Required = new("An agent's own key or a session's token is required: Authorization: Bearer …");
    private static readonly Rejection NotItsWord =
        new(Codes.Forbidden, "This session was delegated: its token pays, and says of nobody who it is. The agent that it names comes with its own key, or signs the request within the session.");
    private static readonly Rejection NotThePlatform = new(Codes.Unauthorized, "An agent's own key or a session's token is required: the platform's key speaks for no agent here.");

    public RequestDelegate Guard<T>(Operation<T> operation, Func<PeerCall, T, Task<Reply>> handler) => async http =>
    {
        var reply = await Ask(http, operation, handler);
        await AgentGate.Told(http, reply, operation).Write(http, options.Policy.RateLimitPerMinute);
    };

    /// <summary>The same for whoever passes the reply on itself.</summary>
    public Task<Reply> Ask<T>(HttpContext http, Operation<T> operation, Func<PeerCall, T, Task<Reply>> handler) => IsInSession(http) ? InSession(http, operation, handler) : ByItself(http, operation, handler);

    /// <summary>What the request's key, token or signature opens by now. It counts as no request.</summary>
    public async Task<CredentialState> Look(HttpContext http)
    {
        if (IsInSession(http)) return await sessions.Look(http);

        var (holder, refused) = await Identify(http);
        return holder is null ? new(refused)
            : holder.AgentId is { } agentId ? CredentialState.Stands(holder.Tenant, [new(holder.Tenant.Name, Kinds.Agent, agentId)], holder.ExpiresAt)
            : new(null);
    }

    /// <summary>Identifies the caller of a request whose body names the operation, before the body is read: it is read for known callers only, in a place of theirs.</summary>
    /// <returns>The refusal of an unknown caller; null if the body may be read.</returns>
    public async Task<Reply?> Unknown(HttpContext http, Operation operation)
    {
        var refused = IsInSession(http) ? await sessions.Unknown(http) : await Unidentified(http);
        return refused is null ? null : Reply.Refused(refused) with { NextActions = SignedActions.After(http, operation, refused) };
    }

    /// <summary>Keeps the caller with the request, so that its agent is asked only once.</summary>
    private async Task<Rejection?> Unidentified(HttpContext http)
    {
        var (connection, asked) = (new ConnectionKey(), time.GetTimestamp());
        http.Features.Set(connection);
        var (holder, refused) = await Identify(http);
        if (holder is null) return refused;

        connection.Keep(holder, asked);
        PlaceOwners.Set(http, PlaceOwners.Of(holder));
        return null;
    }

    private StandingCredential Standing(HttpContext http) => new(() => Look(http), time);

    private static bool IsInSession(HttpContext http) =>
        SignedRequests.IsMeant(http) ? SignedRequests.IsInSession(http) : Credentials.Bearer(http.Request).StartsWith(SessionPrefix, StringComparison.Ordinal);

    private async Task<Reply> InSession<T>(HttpContext http, Operation<T> operation, Func<PeerCall, T, Task<Reply>> handler)
    {
        var (visitor, refusal) = await sessions.Enter(http, operation);
        if (visitor is null) return Reply.Refused(refusal!) with { NextActions = SignedActions.After(http, operation, refusal!) };

        using var call = new PeerCall(http, visitor, sessions.TimeOf(visitor.Tenant), Standing(http));
        var request = call.Read(operation);
        var answer = await visitor.VisitPeers(operation.Peers(request), operation.SubjectFirst(request));
        if (answer.Rejection is { } rejection)
        {
            var refused = rejection.Code == Codes.ScopeViolation ? guide.Guided(visitor, Reply.Refused(rejection), static _ => Guide.PeersWanted) : guide.Refuse(visitor, rejection);
            return corrections.Put(await refused, call, call.Tenant, operation);
        }

        // Whoever delegates names whom it likes, and has the token first.
        var session = answer.As<SessionView>();
        if (session.Path is { Count: > 0 } && !call.IsSigned) return Reply.Refused(NotItsWord);

        var reply = await Waited(http, operation, call, await handler(call.Within(session), request));
        return corrections.Put(reply with { Allowance = reply.Allowance ?? Allowance.Of(session) }, call, call.Tenant, operation);
    }

    private async Task<Reply> ByItself<T>(HttpContext http, Operation<T> operation, Func<PeerCall, T, Task<Reply>> handler)
    {
        var (connection, asked) = (http.Features.Get<ConnectionKey>(), time.GetTimestamp());
        if (connection?.Holder(time) is { } known) return await By(known, http, operation, handler);

        var (holder, refused) = await Identify(http);
        if (holder is null) return Reply.Refused(refused!) with { NextActions = SignedActions.After(http, operation, refused!) };

        connection?.Keep(holder, asked);
        return await By(holder, http, operation, handler);
    }

    private async Task<Reply> By<T>(KeyHolder holder, HttpContext http, Operation<T> operation, Func<PeerCall, T, Task<Reply>> handler)
    {
        if (holder.Vouches && !operation.PlatformVouches) return Reply.Refused(NotThePlatform) with { NextActions = [Actions.Authenticate] };

        TestMode.Mark(http, holder.Tenant);
        using var call = new PeerCall(http, holder, await Received.Of(http, operation, PlaceOwners.Of(holder)), times.Of(holder.Tenant), Standing(http));
        return corrections.Put(await Waited(http, operation, call, await call.Handle(operation, handler)), call, holder.Tenant, operation);
    }

    /// <summary>A read may wait for what others say. What came while its credential ended is none of its reader's any more; what a request did is told all the same.</summary>
    private static async Task<Reply> Waited<T>(HttpContext http, Operation<T> operation, PeerCall call, Reply reply) =>
        operation.IsRead && reply.Refusal is null && await call.Ended() is { } ended ? Reply.Refused(ended) with { NextActions = SignedActions.After(http, operation, ended) } : reply;

    private async Task<(KeyHolder? Holder, Rejection? Refused)> Identify(HttpContext http)
    {
        if (SignedRequests.IsMeant(http))
        {
            var (signer, unsigned) = await signed.Verify(http);
            return (signer?.Holder, unsigned);
        }

        var presented = Credentials.Bearer(http.Request).ToString();
        var connection = http.Features.Get<ConnectionKey>();
        var own = connection is null ? null : connection.Own ??= holders.Own(presented); // what a connection was opened with is read once
        var (holder, refused) = own is null ? await holders.Identify(presented, http.RequestAborted) : await holders.Identify(own, http.RequestAborted);
        return KeyHolders.Required.IsSaidBy(refused) ? (null, await wrongKeys.Refuse(http, "agent", presented, Required)) : (holder, refused);
    }
}

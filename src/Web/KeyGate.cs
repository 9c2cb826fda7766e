using Agora.Application.Calls;
using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Grains.Clocks;

namespace Agora.Web;

/// <summary>The way in: a key is presented, and what is refused says how to ask better.</summary>
internal sealed class KeyGate(KeyHolders holders, SignedRequests signed, WrongKeys wrongKeys, ICorrections corrections, ApiOptions options, TenantTimes times)
{
    public Func<Request, Task<Reply>> Guard<T>(Operation<T> operation, Func<KeyCall, T, Task<Reply>> handler) => async request =>
    {
        var (holder, refused) = await Identify(request);
        var reply = holder is null ? Unknown(request, operation, Reply.Refused(refused!)) : await Act(request, operation, holder, handler);
        return AgentGate.Told(request, reply, operation);
    };

    private async Task<(KeyHolder? Holder, Rejection? Refused)> Identify(Request request)
    {
        if (SignedRequests.IsMeant(request))
        {
            var (signer, unsigned) = await signed.Verify(request);
            return signer is { SessionId: not null } ? (null, SignedFaults.NotWithin) : (signer?.Holder, unsigned);
        }

        var presented = request.Bearer.ToString();
        var (holder, refused) = await holders.Identify(presented, request.Ended);
        return KeyHolders.Required.IsSaidBy(refused) ? (null, await wrongKeys.Refuse(request, "platform", presented, KeyHolders.Required)) : (holder, refused);
    }

    private async Task<Reply> Act<T>(Request request, Operation<T> operation, KeyHolder holder, Func<KeyCall, T, Task<Reply>> handler)
    {
        request.Mark(holder.Tenant);
        using var call = new KeyCall(request, holder, async () => (await Identify(request)).Refused, await Received.Of(request, operation, PlaceOwners.Of(holder)), times.Of(holder.Tenant), options);
        return corrections.Put(await call.Handle(operation, handler), call, holder.Tenant, operation);
    }

    /// <summary>No request of this key's holder mends a wrong key; one that an operator stopped may look again.</summary>
    private Reply Unknown(Request request, Operation operation, Reply reply) => OperatorActs.Lifting(reply.Refusal!) is { } says
        ? reply with { NextActions = [NextAction.Authenticate with { Description = says, NotBefore = times.World.GetUtcNow().AddSeconds(OperatorActs.LookAgainAfterSeconds) }] }
        : SignedRequests.IsMeant(request) ? reply with { NextActions = SignedActions.After(request, operation, reply.Refusal!) } : reply;
}

/// <summary>A request of whoever may open sessions.</summary>
internal sealed class KeyCall(Request request, KeyHolder holder, Func<Task<Rejection?>> refusal, Received received, TimeProvider time, ApiOptions options) : RequestCall(request, received, time, options)
{
    public KeyHolder Holder { get; } = holder;

    public Tenant Tenant => Holder.Tenant;

    /// <summary>The call as use cases see it. Read it after the request was bound: it has what was found wrong up to then.</summary>
    /// <param name="kept">How long the idempotency key is known.</param>
    public KeyCaller Caller(TimeSpan kept) => new(Holder, ContextOf(Tenant, Holder.Credential, kept), Options.Policy.Rate) { Wrong = Findings.Refusal, Look = refusal };

    public override string Id(string name) => throw new InvalidOperationException("No key's route names anything.");
}

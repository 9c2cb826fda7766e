using Agora.Api.Flow;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Grains.Clocks;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Http;

/// <summary>The way in: a key is presented, and what is refused says how to ask better.</summary>
internal sealed class KeyGate(KeyHolders holders, SignedRequests signed, WrongKeys wrongKeys, Corrections corrections, ApiOptions options, TenantTimes times)
{
    public RequestDelegate Guard<T>(Operation<T> operation, Func<KeyCall, T, Task<Reply>> handler) => async http =>
    {
        var (holder, refused) = await Identify(http);
        var reply = holder is null ? Unknown(http, operation, Reply.Refused(refused!)) : await Act(http, operation, holder, handler);
        await AgentGate.Told(http, reply, operation).Write(http, options.Policy.RateLimitPerMinute);
    };

    private async Task<(KeyHolder? Holder, Rejection? Refused)> Identify(HttpContext http)
    {
        if (SignedRequests.IsMeant(http))
        {
            var (signer, unsigned) = await signed.Verify(http);
            return signer is { SessionId: not null } ? (null, SignedFaults.NotWithin) : (signer?.Holder, unsigned);
        }

        var presented = Credentials.Bearer(http.Request).ToString();
        var (holder, refused) = await holders.Identify(presented, http.RequestAborted);
        return KeyHolders.Required.IsSaidBy(refused) ? (null, await wrongKeys.Refuse(http, "platform", presented, KeyHolders.Required)) : (holder, refused);
    }

    private async Task<Reply> Act<T>(HttpContext http, Operation<T> operation, KeyHolder holder, Func<KeyCall, T, Task<Reply>> handler)
    {
        TestMode.Mark(http, holder.Tenant);
        using var call = new KeyCall(http, holder, async () => (await Identify(http)).Refused, await Received.Of(http, operation, PlaceOwners.Of(holder)), times.Of(holder.Tenant));
        return Advised(corrections.Put(await call.Handle(operation, handler), call, holder.Tenant, operation));
    }

    /// <summary>No request of this key's holder mends a wrong key; one that an operator stopped may look again.</summary>
    private Reply Unknown(HttpContext http, Operation operation, Reply reply) => OperatorActs.Lifting(reply.Refusal!) is { } says
        ? reply with { NextActions = [Actions.Authenticate with { Description = says, NotBefore = times.World.GetUtcNow().AddSeconds(OperatorActs.LookAgainAfterSeconds) }] }
        : SignedRequests.IsMeant(http) ? reply with { NextActions = SignedActions.After(http, operation, reply.Refusal!) } : reply;

    private static Reply Advised(Reply reply) => reply.Refusal is { } refusal && (reply.NextActions.Count == 0 || Actions.IsAsked(refusal)) ? reply with { NextActions = [Actions.AuthenticateAfter(refusal)] } : reply;
}

/// <summary>A request of whoever may open sessions.</summary>
internal sealed class KeyCall(HttpContext http, KeyHolder holder, Func<Task<Rejection?>> refusal, Received received, TimeProvider time) : HttpCall(http, received, time)
{
    public KeyHolder Holder { get; } = holder;

    public Tenant Tenant => Holder.Tenant;

    /// <summary>Why its credential opens nothing any more, looked at anew; null: it does.</summary>
    public Task<Rejection?> Refusal() => refusal();

    public override string Id(string name) => throw new InvalidOperationException("No key's route names anything.");

    public CommandContext Context(TimeSpan kept) => ContextOf(Tenant, Holder.Credential, kept);
}

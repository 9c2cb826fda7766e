using Agora.Api.Flow;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Grains.Clocks;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Http;

/// <summary>The way in: a key is presented, and what is refused says how to ask better.</summary>
internal sealed class KeyGate(KeyHolders holders, WrongKeys wrongKeys, Corrections corrections, ApiOptions options, TenantTimes times)
{
    public RequestDelegate Guard<T>(Operation<T> operation, Func<KeyCall, T, Task<Reply>> handler) => async http =>
    {
        var presented = Credentials.Bearer(http.Request).ToString();
        var (holder, refused) = await holders.Identify(presented, http.RequestAborted);
        var reply = holder is not null ? await Act(http, operation, holder, presented, handler)
            : Unknown(Reply.Refused(ReferenceEquals(refused, KeyHolders.Unauthorized) && Credentials.IsGuess(presented) ? await wrongKeys.Refuse(http, "platform", KeyHolders.Unauthorized) : refused!));
        await reply.Write(http, options.Policy.RateLimitPerMinute);
    };

    private async Task<Reply> Act<T>(HttpContext http, Operation<T> operation, KeyHolder holder, string presented, Func<KeyCall, T, Task<Reply>> handler)
    {
        TestMode.Mark(http, holder.Tenant);
        using var call = new KeyCall(http, holder, presented, await Received.Of(http, operation), times.Of(holder.Tenant));
        return Advised(corrections.Put(await call.Handle(operation, handler), call, holder.Tenant, operation));
    }

    /// <summary>No request of this key's holder mends a wrong key; one that an operator stopped may look again.</summary>
    private Reply Unknown(Reply reply) => OperatorActs.Lifting(reply.Refusal!) is { } says
        ? reply with { NextActions = [Actions.Authenticate with { Description = says, NotBefore = times.World.GetUtcNow().AddSeconds(OperatorActs.LookAgainAfterSeconds) }] }
        : reply;

    private static Reply Advised(Reply reply) => reply.Refusal is { } refusal && (reply.NextActions.Count == 0 || Actions.IsAsked(refusal)) ? reply with { NextActions = [Actions.AuthenticateAfter(refusal)] } : reply;
}

/// <summary>A request of whoever may open sessions.</summary>
internal sealed class KeyCall(HttpContext http, KeyHolder holder, string presented, Received received, TimeProvider time) : HttpCall(http, received, time)
{
    public KeyHolder Holder { get; } = holder;

    public Tenant Tenant => Holder.Tenant;

    /// <summary>The key itself.</summary>
    public string Presented { get; } = presented;

    public override string Id(string name) => throw new InvalidOperationException("No key's route names anything.");

    public CommandContext Context(TimeSpan kept) => ContextOf(Tenant, Holder.Credential, kept);
}

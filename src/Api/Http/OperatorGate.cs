using Agora.Api.Flow;
using Agora.Api.Identity;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Grains.Clocks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Agora.Api.Http;

/// <summary>
/// What all operators' routes share: the credential, the body, the idempotency key; a request that is wrong is refused here, since no stream
/// has a say in it; every act is logged with its actor, and what it changed is journaled with it.
/// </summary>
internal sealed partial class OperatorGate(ApiOptions options, WrongKeys wrongKeys, Identities identities, Ownership ownership, Corrections corrections, IPersonalTexts texts, TenantTimes times, ILogger<OperatorGate> log)
{
    private static readonly Rejection Unauthorized = new(Codes.Unauthorized, "An operator's key is required: Authorization: Bearer …");

    private static readonly Rejection NotOfTenants = new(Codes.NotFound, "This belongs to the whole installation, and is shown to its own operators only.");

    public RequestDelegate Guard<T>(Operation<T> operation, Func<OperatorCall, T, Task<Reply>> handler) => async http =>
    {
        var presented = Credentials.Bearer(http.Request).ToString();
        var (actor, refused) = await Identify(http, presented);
        if (actor is not null)
        {
            actor = actor with { Tenant = (await times.Current(actor.Tenant))! }; // settings name no generation, so it is that of now
            TestMode.Mark(http, actor.Tenant);
        }

        await (actor is null ? Reply.Refused(refused!) : await Act(http, operation, actor, handler)).Write(http);
    };

    private async Task<(Actor? Actor, Rejection? Refused)> Identify(HttpContext http, string presented)
    {
        if (Credentials.Find(presented, options.OperatorKeys) is { } key) return (key.Actor, null);
        if (!identities.IsToken(presented))
        {
            return (null, Credentials.IsGuess(presented) ? await wrongKeys.Refuse(http, "operator", Unauthorized) : Unauthorized);
        }

        var (issuer, claims, refused) = await identities.Identify(presented, TokenHolders.Operators);
        return issuer is null ? (null, refused) : (new(issuer.Tenant, TokenRules.NameOf(issuer, claims), TokenRules.RolesOf(issuer, claims), TokenRules.OwnerOf(issuer, claims)), null);
    }

    private async Task<Reply> Act<T>(HttpContext http, Operation<T> operation, Actor actor, Func<OperatorCall, T, Task<Reply>> handler)
    {
        using var call = new OperatorCall(http, operation, actor, await Received.Of(http, operation), times.Of(actor.Tenant));
        var refused = operation.OfInstallation && !actor.Tenant.IsDefault ? NotOfTenants : await ownership.Refusal(call, operation);
        var reply = refused is null ? await call.Handle(operation, Explained(operation, handler)) : Reply.Refused(refused);
        Acted(log, call.Name, operation.Name, call.Subject, reply.Status, reply.Refusal?.Code);
        return reply.NextActions.Count > 0 ? reply : corrections.Put(reply, call, actor.Tenant, operation);
    }

    private Func<OperatorCall, T, Task<Reply>> Explained<T>(Operation operation, Func<OperatorCall, T, Task<Reply>> handler) => async (call, request) =>
    {
        if (operation.OfTests && !call.Tenant.IsTest) return Reply.Refused(TestMode.Only);

        await call.Because(texts);
        return await handler(call, request);
    };

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Operator {Actor} did {Operation} on {Subject}: {Status} {Code}")]
    private static partial void Acted(ILogger log, string actor, string operation, string subject, int status, string? code);
}

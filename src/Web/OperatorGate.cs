using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Core.Clocks;
using Agora.Core.Kernel;
using Agora.Grains.Clocks;
using Microsoft.Extensions.Logging;

namespace Agora.Web;

/// <summary>
/// What all operators' routes share: the credential, the body, the idempotency key; a request that is wrong is refused here, since no stream
/// has a say in it; every act is logged with its actor, and what it changed is journaled with it.
/// </summary>
internal sealed partial class OperatorGate(OperatorIdentities operators, Ownership ownership, ICorrections corrections, OperationTable operations, IPersonalTexts texts, ApiOptions options, TenantTimes times, ILogger<OperatorGate> log)
{
    private static readonly Rejection NotOfTenants = new(Codes.NotFound, "This belongs to the whole installation, and is shown to its own operators only.");

    public Func<Request, Task<Reply>> Guard<T>(Operation<T> operation, Func<OperatorCall, T, Task<Reply>> handler) => async request =>
    {
        var (actor, refused) = await Identify(request);
        if (actor is not null)
        {
            // Settings name no generation, so it is that of now; whoever has signed in at a browser did so in one, which may be over.
            var now = await times.Current(actor.Tenant);
            actor = now is null ? null : actor with { Tenant = now };
            refused = now is null ? ClockRejection.Over : null;
        }

        if (actor is null) return Reply.Refused(refused!);

        request.Mark(actor.Tenant);
        return await Act(request, operation, actor, handler);
    };

    // Whoever has signed in at a browser was identified before this process asked itself.
    private async Task<(Actor? Actor, Rejection? Refused)> Identify(Request request)
    {
        if (request.SignedIn is { } signedIn) return (signedIn, null);

        var (actor, _, refused) = await operators.Identify(request, request.Bearer.ToString());
        return (actor, refused);
    }

    private async Task<Reply> Act<T>(Request request, Operation<T> operation, Actor actor, Func<OperatorCall, T, Task<Reply>> handler)
    {
        using var call = new OperatorCall(request, operation, actor, await Received.Of(request, operation, RequestOwners.Of(actor)), times.Of(actor.Tenant), options);
        var refused = operation.OfInstallation && !actor.Tenant.IsDefault ? NotOfTenants : await ownership.Refusal(call, operation);
        var reply = refused is null ? await call.Handle(operation, Explained(operation, handler)) : Reply.Refused(refused);
        if (reply.Refusal is { } said)
        {
            reply = reply with { UntrustedFields = ForeignText.In(said, operation.HeldAgainst) };
            Refused(log, call.Name, operation.Name, operation.Endpoint, call.Subject, reply.Status, said.Code);
        }
        else
        {
            Acted(log, call.Name, operation.Name, call.Subject, reply.Status);
        }

        reply = Open(reply, actor);
        return reply.NextActions.Count > 0 ? reply : Open(corrections.Put(reply, call, actor.Tenant, operation), actor);
    }

    /// <summary>Without next actions that would be refused to this caller.</summary>
    private Reply Open(Reply reply, Actor actor) => reply.NextActions.Count == 0 ? reply
        : reply with { NextActions = [.. reply.NextActions.Where(action => operations.Named(action.Action) is not { Audience: var audience } next || audience != Audience.Operators || Ownership.IsOpenTo(actor, next))] };

    private Func<OperatorCall, T, Task<Reply>> Explained<T>(Operation operation, Func<OperatorCall, T, Task<Reply>> handler) => async (call, request) =>
    {
        if (operation.OfTests && !call.Tenant.IsTest) return Reply.Refused(TestMode.Only);

        await call.Because(texts);
        return await handler(call, request);
    };

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Operator {Actor} did {Operation} on {Subject}: {Status}")]
    private static partial void Acted(ILogger log, string actor, string operation, string subject, int status);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "Operator {Actor} was refused {Operation} ({Route}) on {Subject}: {Status} {Code}")]
    private static partial void Refused(ILogger log, string actor, string operation, string route, string subject, int status, string code);
}

using Agora.Core.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Agora.Api.Http;

/// <summary>
/// What all operators' routes share: the credential, the body, the idempotency key; a request that is wrong is refused here, since no stream
/// has a say in it; every act is logged with its actor, and what it changed is journaled with it.
/// </summary>
internal sealed partial class OperatorGate(ApiOptions options, WrongKeys wrongKeys, TimeProvider time, ILogger<OperatorGate> log)
{
    private static readonly Rejection Unauthorized = new(Codes.Unauthorized, "An operator's key is required: Authorization: Bearer …");

    public RequestDelegate Guard<T>(Operation<T> operation, Func<OperatorCall, T, Task<Reply>> handler) => async http =>
    {
        var presented = Credentials.Bearer(http.Request).ToString();
        var reply = Credentials.Operator(presented, options.AdminKeys) is { } name ? await Act(http, operation, name, handler)
            : Reply.Refused(Credentials.IsGuess(presented) ? await wrongKeys.Refuse(http, "operator", Unauthorized) : Unauthorized);
        await reply.Write(http);
    };

    private async Task<Reply> Act<T>(HttpContext http, Operation<T> operation, string name, Func<OperatorCall, T, Task<Reply>> handler)
    {
        using var call = new OperatorCall(http, name, await Received.Of(http, operation), time);
        var reply = await call.Handle(operation, handler);
        Acted(log, name, operation.Name, call.Subject, reply.Status, reply.Refusal?.Code);
        return reply;
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Operator {Actor} did {Operation} on {Subject}: {Status} {Code}")]
    private static partial void Acted(ILogger log, string actor, string operation, string subject, int status, string? code);
}

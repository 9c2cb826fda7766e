using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Wallets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Agora.Api.Http;

/// <summary>
/// What all operators' routes share: the credential, the body, the idempotency key; a request that is wrong is refused here, since no stream
/// has a say in it; every act is logged with its actor, and what it changed is journaled with it.
/// </summary>
internal sealed partial class OperatorGate(ApiOptions options, WrongKeys wrongKeys, TimeProvider time, ILogger<OperatorGate> log)
{
    private static readonly Rejection Unauthorized = new(Codes.Unauthorized, "An operator's key is required: Authorization: Bearer …");

    public TimeProvider Time { get; } = time;

    public RequestDelegate Guard(Operation operation, Func<OperatorCall, Task<Reply>> handler) => async http =>
    {
        var presented = Credentials.Bearer(http.Request).ToString();
        var reply = Credentials.Operator(presented, options.AdminKeys) is { } name ? await Act(http, operation, name, handler)
            : Reply.Refused(Credentials.IsGuess(presented) ? await wrongKeys.Refuse(http, "operator", Unauthorized) : Unauthorized);
        await reply.Write(http);
    };

    private async Task<Reply> Act(HttpContext http, Operation operation, string name, Func<OperatorCall, Task<Reply>> handler)
    {
        var findings = new Findings();
        using var body = operation.Body == Takes.Nothing ? Body.None : await Body.Read(http, findings);
        var key = !operation.TakesKey ? null : IdempotencyKeys.Read(http.Request, operation.RequiresKey, findings);
        var call = new OperatorCall(http, operation, name, body, key, findings, this);
        var reply = await handler(call);
        Acted(log, name, operation.Name, call.Subject, reply.Status, reply.Refusal?.Code);
        return reply;
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Operator {Actor} did {Operation} on {Subject}: {Status} {Code}")]
    private static partial void Acted(ILogger log, string actor, string operation, string subject, int status, string? code);
}

/// <summary>One authenticated request of an operator.</summary>
internal sealed class OperatorCall(HttpContext http, Operation operation, string name, Body body, string? key, Findings findings, OperatorGate gate)
{
    public HttpContext Http { get; } = http;

    public Operation Operation { get; } = operation;

    public Findings Findings { get; } = findings;

    public Fields Body { get; } = new(body.Root, "", findings);

    public QueryFields Query { get; } = new(http.Request.Query, findings);

    /// <summary>The ids of the route, for the log.</summary>
    public string Subject { get; private set; } = "-";

    public CommandContext Context
    {
        get => field ??= IdempotencyKeys.Context(
            key,
            $"operator:{name}",
            key is null ? "" : IdempotencyKeys.BodyHash(Http.Request, body.Raw),
            Limits.ClientKeyKept,
            gate.Time) with { Actor = $"operator:{name}" };
        private set;
    }

    /// <summary>
    /// What an operator says about a user, for a stream that is not the user's: sealed with the user's key, and so that the hash of the request, which
    /// is kept with its idempotency key, is a code in it too.
    /// </summary>
    public async Task<string> SaidOf(string userId, string? text, IPersonalTexts texts)
    {
        if (Context.Key is { } taken) Context = Context with { Key = taken with { BodyHash = await texts.Code(userId, taken.BodyHash, Http.RequestAborted) } };
        return await texts.Seal(userId, text, Http.RequestAborted) ?? "";
    }

    /// <summary>An id from the route; where it has not the form of one the request is malformed, and what is returned is never used.</summary>
    public string PathId(string parameter)
    {
        var id = (string?)Http.GetRouteValue(parameter) ?? "";
        var isWallet = parameter == "wallet_id";
        if (!(isWallet ? id == WalletIds.World || WalletIds.IsId(id) : DisplayText.IsId(id)))
        {
            Findings.Malform($"{parameter} does not match {(isWallet ? DisplayText.WalletIdPattern : DisplayText.IdPattern)}");
            return "";
        }

        Subject = Subject == "-" ? id : $"{Subject} {id}";
        return id;
    }

    /// <summary>Of a query beside the command.</summary>
    public CommandContext Fresh() => IdempotencyKeys.Context(null, "", "", default, gate.Time);

    /// <summary>Sends the command of a request that was found right.</summary>
    public Task<Reply> Send<TCommand, TReply>(EntityRef<TCommand> entity, TCommand command, Func<TReply, bool, Reply> reply)
        where TCommand : class
        where TReply : class
        => Send<TCommand, TReply>(entity, command, (given, replayed) => Task.FromResult(reply(given, replayed)));

    /// <summary>The same where what is shown has to be looked up.</summary>
    public async Task<Reply> Send<TCommand, TReply>(EntityRef<TCommand> entity, TCommand command, Func<TReply, bool, Task<Reply>> reply)
        where TCommand : class
        where TReply : class
    {
        var answer = await entity.Send(command, Context);
        return answer.Rejection is { } rejection
            ? Reply.Refused(rejection)
            : await reply((TReply)answer.Reply!, answer.Replayed) with { Replayed = answer.Replayed };
    }
}

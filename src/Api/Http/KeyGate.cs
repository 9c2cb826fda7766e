using Agora.Api.Flow;
using Agora.Contracts;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Http;

/// <summary>The way in: a key is presented, and what is refused says how to ask better.</summary>
internal sealed class KeyGate(Callers callers, WrongKeys wrongKeys, ApiOptions options, TimeProvider time)
{
    public RequestDelegate Guard<T>(Operation<T> operation, Func<KeyCall, T, Task<Reply>> handler) => async http =>
    {
        var presented = Credentials.Bearer(http.Request).ToString();
        var (caller, refused) = await callers.Identify(presented, http.RequestAborted);
        var reply = caller is not null ? await Act(http, operation, caller, presented, handler)
            : Reply.Refused(Credentials.IsGuess(presented) ? await wrongKeys.Refuse(http, "platform", Callers.Unauthorized) : refused!);
        await (reply.Refusal is { } refusal ? reply with { NextActions = [Actions.AuthenticateAfter(refusal)] } : reply).Write(http, options.Policy.RateLimitPerMinute);
    };

    private async Task<Reply> Act<T>(HttpContext http, Operation<T> operation, Caller caller, string presented, Func<KeyCall, T, Task<Reply>> handler)
    {
        using var call = new KeyCall(http, caller, presented, await Received.Of(http, operation), time);
        return await call.Handle(operation, handler);
    }
}

/// <summary>A request of whoever may open sessions.</summary>
internal sealed class KeyCall(HttpContext http, Caller caller, string presented, Received received, TimeProvider time) : HttpCall(http, received, time)
{
    public Caller Caller { get; } = caller;

    /// <summary>The key itself.</summary>
    public string Presented { get; } = presented;

    public override string Id(string name) => throw new InvalidOperationException("No key's route names anything.");

    public CommandContext Context(TimeSpan kept) => ContextOf(Caller.Credential, kept);
}

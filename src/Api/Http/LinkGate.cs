using Agora.Grains.Clocks;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Http;

/// <summary>For people with a link and a browser: the link, which the path names, is the only credential, and the handler's to read. What mail programs append to its query is not looked at.</summary>
internal sealed class LinkGate(TenantTimes times)
{
    private const string FormType = "application/x-www-form-urlencoded";

    /// <summary>More than any form that a page of ours sends.</summary>
    private const int FormBytes = 64;

    public RequestDelegate Guard<T>(Operation<T> operation, Func<LinkCall, T, Task<Reply>> handler) => async http =>
    {
        var form = !operation.IsRead && Body.Is(http.Request, FormType) ? await Body.ReadAtMost(http, FormBytes) ?? [] : null;
        using var call = new LinkCall(http, form, form is null ? await Received.Of(http, operation, owner: null) : new(Body.None, null, new()), times.World);
        var request = operation.Read(call);
        call.Body.Finish();
        var reply = form is null && call.Findings.Refusal is { } refusal ? Reply.Refused(refusal) : await handler(call, request);
        await reply.Write(http);
    };
}

/// <param name="form">What a browser sent; null: anything else, or nothing.</param>
internal sealed class LinkCall(HttpContext http, byte[]? form, Received received, TimeProvider time) : HttpCall(http, received, time)
{
    public byte[]? Form { get; } = form;

    /// <summary>As it stands there: a link has a form of its own.</summary>
    public override string Id(string name) => PathValue(name);
}

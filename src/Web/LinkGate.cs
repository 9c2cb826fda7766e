using Agora.Application.Operations;
using Agora.Grains.Clocks;

namespace Agora.Web;

/// <summary>For people with a link and a browser: the link, which the path names, is the only credential, and the handler's to read. What mail programs append to its query is not looked at.</summary>
internal sealed class LinkGate(ApiOptions options, TenantTimes times)
{
    private const string FormType = "application/x-www-form-urlencoded";

    /// <summary>More than any form that a page of ours sends.</summary>
    private const int FormBytes = 64;

    public Func<Request, Task<Reply>> Guard<T>(Operation<T> operation, Func<LinkCall, T, Task<Reply>> handler) => async request =>
    {
        var form = operation.IsRead ? null : await request.Form(FormType, FormBytes);
        using var call = new LinkCall(request, form, form is null ? await Received.Of(request, operation, owner: null) : new(Body.None, null, new()), times.World, options);
        var asked = operation.Read(call);
        call.Body.Finish();
        return form is null && call.Findings.Refusal is { } refusal ? Reply.Refused(refusal) : await handler(call, asked);
    };
}

/// <param name="form">What a browser sent; null: anything else, or nothing.</param>
internal sealed class LinkCall(Request request, byte[]? form, Received received, TimeProvider time, ApiOptions options) : RequestCall(request, received, time, options)
{
    public byte[]? Form { get; } = form;

    /// <summary>As it stands there: a link has a form of its own.</summary>
    public override string Id(string name) => PathValue(name);
}

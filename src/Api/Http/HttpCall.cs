using Agora.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace Agora.Api.Http;

/// <summary>A call that came as an HTTP request. Handlers have its values; the request itself stays in here.</summary>
internal abstract class HttpCall(HttpContext http, Body body, string? key, Findings findings, TimeProvider time) : Call, IDisposable
{
    public override Findings Findings { get; } = findings;

    public override Fields Body { get; } = new(body.Root, "", findings);

    /// <summary>Made where it is read: parsing a query is not for routes that take none.</summary>
    public override QueryFields Query => field ??= new(http.Request.Query, Findings);

    /// <summary>Nobody waits for the answer any more.</summary>
    public CancellationToken Cancel => http.RequestAborted;

    public Preferences Prefers => Preferences.Of(http.Request);

    public bool WantsCsv => Csv.IsWanted(http.Request);

    /// <summary>The absolute address that was called.</summary>
    public string Address => UriHelper.BuildAbsolute(http.Request.Scheme, http.Request.Host, http.Request.PathBase, http.Request.Path);

    /// <summary>Of method, path and body as received.</summary>
    public string RequestHash => IdempotencyKeys.BodyHash(http.Request, body.Raw);

    public bool IsKeyed => key is not null;

    public StringValues Header(string name) => http.Request.Headers[name];

    /// <summary>Of a query beside the command.</summary>
    public CommandContext Fresh() => IdempotencyKeys.Context(null, "", "", default, time);

    public void Dispose() => body.Dispose();

    /// <summary>All that the operation declares, and nothing else.</summary>
    public T Read<T>(Operation<T> operation)
    {
        if (operation.IsQuestion)
        {
            Query.Finish();
        }

        var request = operation.Read(this);
        if (operation.IsRead)
        {
            Query.Finish();
        }
        else
        {
            Body.Finish();
        }

        return request;
    }

    protected string PathValue(string name) => (string?)http.GetRouteValue(name) ?? "";

    /// <param name="credential">Namespace of idempotency keys.</param>
    /// <param name="kept">How long the key is known.</param>
    protected CommandContext ContextOf(string credential, TimeSpan kept) => IdempotencyKeys.Context(key, credential, key is null ? "" : RequestHash, kept, time);
}

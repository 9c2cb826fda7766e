using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Agora.Api.Language;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace Agora.Api.Http;

/// <summary>A call that came as an HTTP request. Handlers have its values; the request itself stays in here.</summary>
internal abstract class HttpCall(HttpContext http, Received received, TimeProvider time) : Call, IDisposable
{
    public const string NoBody = "A PUT replaces all that is there, so it wants a body: send the whole as application/json, {} at least.";

    public override Findings Findings { get; } = received.Findings;

    public override Fields Body { get; } = new(received.Body.Root, "", received.Findings);

    /// <summary>Parsing a query is not for requests that bring none.</summary>
    public override QueryFields Query => field ??= new(http.Request.QueryString.HasValue ? http.Request.Query : QueryCollection.Empty, Findings);

    /// <summary>Nobody waits for the answer any more.</summary>
    public CancellationToken Cancel => http.RequestAborted;

    public Preferences Prefers => Preferences.Of(http.Request);

    /// <summary>How a list is wanted; null: in no form that there is.</summary>
    public ListForm? ListForm => ListForms.Of(http.Request);

    public bool WantsCsv => Csv.IsWanted(http.Request);

    /// <summary>It is read for a request that its session has counted.</summary>
    protected bool IsPart => PartOfRequest.Is(http);

    public bool WantsEvents => EventStream.IsWanted(http.Request);

    /// <summary>The absolute address that was called.</summary>
    public string Address => UriHelper.BuildAbsolute(http.Request.Scheme, http.Request.Host, http.Request.PathBase, http.Request.Path);

    /// <summary>The same without a path: where this server is reached.</summary>
    public string Origin => UriHelper.BuildAbsolute(http.Request.Scheme, http.Request.Host, http.Request.PathBase).TrimEnd('/');

    /// <summary>Whose connection it is; behind proxies that are trusted, whom they name.</summary>
    public string? Caller => http.Connection.RemoteIpAddress is { } address ? ClientAddress.Plain(address).ToString() : null;

    /// <summary>What time it is in the caller's tenant.</summary>
    public DateTimeOffset Now => time.GetUtcNow();

    public string RequestId => http.TraceIdentifier;

    /// <summary>Of method, path and body as received.</summary>
    public string RequestHash => received.Hash ?? IdempotencyKeys.BodyHash(http.Request, received.Body.Raw);

    /// <summary>What the caller expects of what is there; null: nothing.</summary>
    public Precondition? If { get; private set; }

    /// <summary>What is expected whatever the caller says.</summary>
    public Precondition? Expected { private get; set; }

    /// <summary>Why an operator calls, where no member says it; null: nothing is said.</summary>
    public string? Why { get; private set; }

    /// <summary>The body as it came; null: none.</summary>
    public JsonElement? Root => received.Body.Root;

    /// <summary>Where it is one of several that came in order, it sends in its turn.</summary>
    public Task<T> InTurn<T>(Func<Task<T>> send) => http.Features.Get<InOrder>() is { } turn ? turn.Send(send) : send();

    /// <summary>Of a WebSocket that is asked for (RFC 6455), the protocols one of which is wanted; null: none is.</summary>
    public IList<string>? SocketProtocols => http.WebSockets is { IsWebSocketRequest: true } sockets ? sockets.WebSocketRequestedProtocols : null;

    /// <summary>By a signature, of this request or of the one that opened its connection.</summary>
    public bool IsSigned => SignedRequests.IsMeant(http);

    protected Signer? Signer => http.Features.Get<Signer>();

    /// <summary>Something that ends with the request, when its reply is sent or its client is gone.</summary>
    public IDisposable? Begun(IDisposable? something)
    {
        if (something is not null)
        {
            http.Response.RegisterForDispose(something);
        }

        return something;
    }

    /// <summary>Takes one place until the reply is sent or the client has gone.</summary>
    /// <param name="code">The code of the refusal.</param>
    /// <returns>The refusal if there is no place; null if the request has its place.</returns>
    public Rejection? Take(FairPlaces places, PlaceOwner owner, string code) => Begun(places.Take(owner, 1, out var full)) is null ? Crowded.Refusal(code, full) : null;

    /// <summary>Takes a place for what the request asks for, which counts its body too from then on.</summary>
    /// <param name="more">Bytes in addition to those that were sent.</param>
    /// <returns>As of <see cref="CallPlaces.Begin"/>.</returns>
    public CallPlaces.Place? Take(CallPlaces places, PlaceOwner owner, long more = 0)
    {
        Http.Body.GiveBack(http);
        return places.Begin(owner, SentBytes + more);
    }

    /// <summary>Whether what was sent may be parsed: it counts among what is in memory for its caller.</summary>
    public bool HasRoomToParse => Http.Body.HasRoomToParse(http, received.Body.Raw.Span);

    /// <summary>Keeps the body's place until <paramref name="over"/> ends, for work that continues after the answer and holds the body.</summary>
    public void HoldUntil(Task over) => Http.Body.HoldUntil(http, over);

    /// <summary>A sentence of ours in the language that is wanted.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public string? Said(string? text) => text is null ? null : Words?.Of(text) ?? text;

    /// <summary>In which a reply speaks; null: English.</summary>
    public Words? Words => Languages.Of(http.Request);

    public bool IsKeyed => received.Key is not null;

    public string? Key => received.Key;

    public int SentBytes => received.Body.Raw.Length;

    /// <summary>The body as bytes.</summary>
    public ReadOnlyMemory<byte> Sent => received.Body.Raw;

    /// <summary>What stands in the path under this name, in whatever form.</summary>
    public string Named(string name) => PathValue(name);

    /// <summary>Of a parameter that is said once.</summary>
    public string? Asked(string name) => http.Request.Query[name] is [{ } value] ? value : null;

    /// <summary>Reads the query as if this parameter had this value. Call it before the query is read.</summary>
    public void SetParameter(string name, string value) => http.Request.Query = new QueryCollection(new Dictionary<string, StringValues>(http.Request.Query, StringComparer.OrdinalIgnoreCase) { [name] = value });

    /// <summary>All that a parameter is said to be.</summary>
    public StringValues Parameter(string name) => http.Request.Query[name];

    public StringValues Header(string name) => http.Request.Headers[name];

    /// <summary>Of a query beside the command.</summary>
    public CommandContext Fresh() => IdempotencyKeys.Fresh(time);

    public void Dispose() => received.Body.Dispose();

    /// <summary>All that the operation declares, and nothing else.</summary>
    public T Read<T>(Operation<T> operation)
    {
        if (operation.IsForeign) return operation.Read(this);

        if (operation.Audience.HasActions)
        {
            Query.OneOf(NextAction.Detailed, NextAction.Wish, NextAction.Values);
            Query.OneOf(NextAction.Form, NextAction.FormWish, NextAction.Forms);
        }

        if (!operation.IsRead)
        {
            Query.Finish(); // only a read has parameters of its own
        }

        if (operation.Audience.IsPublished && !Acceptable.Is(http.Request, operation))
        {
            Findings.Malform(Acceptable.Refusal(operation));
        }

        If = Preconditions.Read(http.Request, operation, Findings) is { } asked ? asked.And(Expected) : Expected;
        Why = Reasons.Read(http.Request, operation, Findings);
        if (operation.WantsBody && SentBytes == 0)
        {
            Findings.Violate("", "required", NoBody);
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

    public override string? EndpointRefusal(string endpoint) => Options.EndpointRefusal(endpoint);

    protected ApiOptions Options => http.RequestServices.GetRequiredService<ApiOptions>();

    protected string PathValue(string name) => (string?)http.GetRouteValue(name) ?? "";

    /// <param name="tenant">With <paramref name="credential"/> the namespace of idempotency keys.</param>
    /// <param name="credential">Who calls.</param>
    /// <param name="kept">How long the key is known.</param>
    protected CommandContext ContextOf(Tenant tenant, string credential, TimeSpan kept) => IdempotencyKeys.Context(tenant, received.Key, credential, received.Key is null ? "" : RequestHash, kept, time);
}

/// <summary>The order of refusals at the edge: what cannot be read, then wrong content, unless the handler comes first (<see cref="Operation{T}.SubjectFirst"/>).</summary>
internal static class Handling
{
    public static Task<Reply> Handle<TCall, T>(this TCall call, Operation<T> operation, Func<TCall, T, Task<Reply>> handler)
        where TCall : HttpCall
    {
        var request = call.Read(operation);
        var refusal = operation.SubjectFirst(request) ? call.Findings.Malformed : call.Findings.Refusal;
        return refusal is null ? handler(call, request) : Task.FromResult(Reply.Refused(refusal));
    }
}

/// <summary>Body and idempotency key of a request, as far as they could be read.</summary>
/// <param name="Hash">Of what makes it the same request; null: of all that was sent.</param>
internal readonly record struct Received(Body Body, string? Key, Findings Findings, string? Hash = null)
{
    /// <param name="owner">The owner of the places that the request takes; null if only the caller's address is known.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<Received> Of(HttpContext http, Operation operation, PlaceOwner? owner)
    {
        if (owner is { } known)
        {
            PlaceOwners.Set(http, known);
        }

        var findings = new Findings();
        var body = operation.IsRead ? Body.None : await Body.Read(http, operation, findings);
        return new(body, operation.TakesKey ? IdempotencyKeys.Read(http.Request, operation.RequiresKey, findings) : null, findings);
    }
}

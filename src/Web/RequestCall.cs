using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Agora.Application.Calls;
using Agora.Application.Language;
using Agora.Application.Operations;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Microsoft.Extensions.Primitives;

namespace Agora.Web;

/// <summary>A call that somebody makes. Handlers have its values; the request itself stays in here.</summary>
internal abstract class RequestCall(Request request, Received received, TimeProvider time, ApiOptions options) : Call, IDisposable
{
    public const string NoBody = "A PUT replaces all that is there, so it wants a body: send the whole as application/json, {} at least.";

    private IReadOnlyDictionary<string, StringValues>? _parameters;

    public override Findings Findings { get; } = received.Findings;

    public override Fields Body { get; } = new(received.Body.Root, "", received.Findings);

    public override QueryFields Query => field ??= new(Parameters, Findings);

    /// <summary>Nobody waits for the answer any more.</summary>
    public CancellationToken Cancel => request.Ended;

    public Preferences Prefers => Preferences.Of(request.Header("Prefer"));

    /// <summary>How a list is wanted; null: in no form that there is.</summary>
    public ListForm? ListForm => ListForms.Of(request.Header("Accept"));

    public bool WantsCsv => Csv.IsWanted(request.Header("Accept"));

    /// <summary>It is read for a request that its session has counted.</summary>
    protected bool IsPart => request.IsPart;

    public bool WantsEvents => EventStream.IsWanted(request.Header("Accept"));

    /// <summary>The absolute address that was called.</summary>
    public string Address => request.Address;

    /// <summary>The same without a path: where this server is reached.</summary>
    public string Origin => request.Origin;

    /// <summary>Whose connection it is; behind proxies that are trusted, whom they name.</summary>
    public string? CallerAddress => request.From is { } address ? ClientAddress.Plain(address).ToString() : null;

    /// <summary>What time it is in the caller's tenant.</summary>
    public DateTimeOffset Now => time.GetUtcNow();

    public string RequestId => request.Id;

    /// <summary>Of method, path and body as received.</summary>
    public string RequestHash => received.Hash ?? IdempotencyKeys.BodyHash(request, received.Body.Raw);

    /// <summary>What the caller expects of what is there; null: nothing.</summary>
    public Precondition? If { get; private set; }

    /// <summary>What is expected whatever the caller says.</summary>
    public Precondition? Expected { private get; set; }

    /// <summary>Why an operator calls, where no member says it; null: nothing is said.</summary>
    public string? Why { get; private set; }

    /// <summary>The body as it came; null: none.</summary>
    public JsonElement? Root => received.Body.Root;

    /// <inheritdoc cref="PeerCaller.Turn"/>
    protected InOrder? Turn => request.Turn;

    /// <summary>Of a WebSocket that is asked for (RFC 6455), the protocols one of which is wanted; null: none is.</summary>
    public IList<string>? SocketProtocols => request.SocketProtocols;

    /// <summary>By a signature, of this request or of the one that opened its connection.</summary>
    public bool IsSigned => SignedRequests.IsMeant(request);

    protected Signer? Signer => request.Signer;

    /// <summary>Something that ends with the request, when its reply is sent or its client is gone.</summary>
    public IDisposable? Begun(IDisposable? something)
    {
        if (something is not null)
        {
            request.EndWith(something);
        }

        return something;
    }

    /// <summary>Takes one place until the reply is sent or the client has gone.</summary>
    /// <param name="code">The code of the refusal.</param>
    /// <returns>The refusal if there is no place; null if the request has its place.</returns>
    public Rejection? Take(FairPlaces places, PlaceOwner owner, string code) => Begun(places.Take(owner, 1, out var full)) is null ? Crowded.Refusal(code, full) : null;

    /// <summary>Gives back the place of the body, because it is counted elsewhere from now on.</summary>
    protected void GiveBack() => request.GiveBack();

    /// <summary>Takes a place for what the request asks for, which counts its body too from then on.</summary>
    /// <param name="more">Bytes in addition to those that were sent.</param>
    /// <returns>As of <see cref="CallPlaces.Begin"/>.</returns>
    public CallPlaces.Place? Take(CallPlaces places, PlaceOwner owner, long more = 0)
    {
        request.GiveBack();
        return places.Begin(owner, SentBytes + more);
    }

    /// <summary>Whether what was sent may be parsed: it counts among what is in memory for its caller.</summary>
    public bool HasRoomToParse => request.HasRoomToParse(received.Body.Raw.Span);

    /// <summary>Keeps the body's place until <paramref name="over"/> ends, for work that continues after the answer and holds the body.</summary>
    public void HoldUntil(Task over) => request.HoldUntil(over);

    /// <summary>A sentence of ours in the language that is wanted.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public string? Said(string? text) => text is null ? null : Words?.Of(text) ?? text;

    /// <summary>In which a reply speaks; null: English.</summary>
    public Words? Words => request.Words;

    public bool IsKeyed => received.Key is not null;

    public string? Key => received.Key;

    public int SentBytes => received.Body.Raw.Length;

    /// <summary>The body as bytes.</summary>
    public ReadOnlyMemory<byte> Sent => received.Body.Raw;

    /// <summary>What stands in the path under this name, in whatever form.</summary>
    public string Named(string name) => PathValue(name);

    /// <summary>Of a parameter that is said once.</summary>
    public string? Asked(string name) => Parameters.TryGetValue(name, out var values) && values is [{ } value] ? value : null;

    /// <summary>Reads the query as if this parameter had this value. Call it before the query is read.</summary>
    public void SetParameter(string name, string value)
    {
        request.SetParameter(name, value);
        _parameters = null;
    }

    /// <summary>All that a parameter is said to be.</summary>
    public StringValues Parameter(string name) => Parameters.GetValueOrDefault(name);

    public StringValues Header(string name) => request.Header(name);

    /// <summary>Of a query beside the command.</summary>
    public CommandContext Fresh() => Commands.Fresh(time);

    public void Dispose() => received.Body.Dispose();

    /// <summary>All that the operation declares, and nothing else.</summary>
    public T Read<T>(Operation<T> operation)
    {
        if (operation.IsForeign) return operation.Read(this);

        if (operation.Audience.HasActions)
        {
            Query.OneOf(NextActionForm.Detailed, NextActionForm.Wish, NextActionForm.Values);
            Query.OneOf(NextActionForm.Form, NextActionForm.FormWish, NextActionForm.Forms);
        }

        if (!operation.IsRead)
        {
            Query.Finish(); // only a read has parameters of its own
        }

        if (operation.Audience.IsPublished && !Acceptable.Is(request.Header("Accept"), operation))
        {
            Findings.Malform(Acceptable.Refusal(operation));
        }

        If = Preconditions.Read(request, operation, Findings) is { } asked ? asked.And(Expected) : Expected;
        Why = Reasons.Read(request, operation, Findings);
        if (operation.WantsBody && SentBytes == 0)
        {
            Findings.Violate("", "required", NoBody);
        }

        var read = operation.Read(this);
        if (operation.IsRead)
        {
            Query.Finish();
        }
        else
        {
            Body.Finish();
        }

        return read;
    }

    public override string? EndpointRefusal(string endpoint) => options.EndpointRefusal(endpoint);

    protected ApiOptions Options => options;

    private IReadOnlyDictionary<string, StringValues> Parameters => _parameters ??= request.Query;

    protected string PathValue(string name) => request.PathValue(name);

    /// <param name="tenant">With <paramref name="credential"/> the namespace of idempotency keys.</param>
    /// <param name="credential">Who calls.</param>
    /// <param name="kept">How long the key is known.</param>
    protected CommandContext ContextOf(Tenant tenant, string credential, TimeSpan kept) => Commands.Keyed(tenant, received.Key, credential, received.Key is null ? "" : RequestHash, kept, time);
}

/// <summary>The order of refusals at the edge: what cannot be read, then wrong content, unless the handler comes first (<see cref="Operation{T}.SubjectFirst"/>).</summary>
internal static class Handling
{
    public static Task<Reply> Handle<TCall, T>(this TCall call, Operation<T> operation, Func<TCall, T, Task<Reply>> handler)
        where TCall : RequestCall
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
    public static async ValueTask<Received> Of(Request request, Operation operation, PlaceOwner? owner)
    {
        if (owner is { } known)
        {
            request.Owner = known;
        }

        var findings = new Findings();
        var body = operation.IsRead ? Body.None : await request.Read(operation, findings);
        return new(body, operation.TakesKey ? IdempotencyKeys.Read(request, operation.RequiresKey, findings) : null, findings);
    }
}

using Agora.Api.Http;
using Agora.Core.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Mcp;

/// <summary>A request for one of our own routes.</summary>
/// <param name="Credential">A token or a key; null: what signed the request that it is called for.</param>
/// <param name="Ids">What fills the placeholders of its path.</param>
/// <param name="Query">With its question mark; empty: none.</param>
/// <param name="Key">The Idempotency-Key; null: none.</param>
internal sealed record InnerRequest(Operation Operation, string? Credential, IReadOnlyList<(string Name, string Value)> Ids, string Query, ReadOnlyMemory<byte> Body, string? Key)
{
    /// <summary>How long the answer is waited for; null: as long as a route does by itself.</summary>
    public string? Prefer { get; init; }

    /// <summary>The operator who asks, where no credential says so; null: none does.</summary>
    public Actor? Actor { get; init; }

    /// <summary>Why an operator does it; null: nothing is said.</summary>
    public string? Reason { get; init; }

    /// <summary>It is read for a request that its session has counted already.</summary>
    public bool IsPart { get; init; }
}

/// <summary>
/// Calls an operation within this process, by the very route that HTTP has for it: authentication, audit, rate, refusals, idempotency, languages and next actions are
/// that route's, and are told nowhere else. Its request has the id, the language and the connection of the one that it is called for.
/// </summary>
internal sealed class InnerCalls(IServiceProvider services, EndpointDataSource routes)
{
    private readonly Lazy<Dictionary<string, Endpoint>> _endpoints = new(() => routes.Endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<Operation>() is not null)
        .ToDictionary(endpoint => endpoint.Metadata.GetMetadata<Operation>()!.Name, StringComparer.Ordinal));

    private readonly ErrorBoundary _route = ActivatorUtilities.CreateInstance<ErrorBoundary>(services, (RequestDelegate)(static http => http.GetEndpoint()!.RequestDelegate!(http)));

    public async Task<InnerReply> Send(HttpContext door, InnerRequest wanted, CancellationToken cancel)
    {
        var written = new InnerBody();
        var http = Context(door, wanted, written);
        await using var response = new InnerResponse();
        http.Features.Set<IHttpResponseFeature>(response);
        http.RequestAborted = cancel;
        await _route.InvokeAsync(http);
        cancel.ThrowIfCancellationRequested(); // nobody is there for what may not be whole
        return InnerReply.Of(http.Response, written.Written);
    }

    /// <summary>The same where the route's reply is that of the request it is called for, which may be longer than is held.</summary>
    public async Task Pass(HttpContext door, InnerRequest wanted, string accept)
    {
        var http = Context(door, wanted, new());
        http.Features.Set(door.Features.Get<IHttpResponseFeature>());
        http.Features.Set(door.Features.Get<IHttpResponseBodyFeature>());
        http.Features.Set(door.Features.Get<IHttpRequestLifetimeFeature>()); // a route that aborts its reply aborts the door's
        http.Request.Headers.Accept = accept;
        await _route.InvokeAsync(http);
    }

    /// <summary>As a route would refuse it.</summary>
    public async Task<InnerReply> Refused(HttpContext door, Rejection refusal)
    {
        var written = new InnerBody();
        var http = InnerContext.Of(Door.Of(door));
        http.Features.Set<IHttpResponseBodyFeature>(written);
        await Reply.Refused(refusal).Write(http);
        return InnerReply.Of(http.Response, written.Written);
    }

    /// <summary>What a route has begun for as long as its request lasts ends with it.</summary>
    private sealed class InnerResponse : HttpResponseFeature, IAsyncDisposable
    {
        private readonly Stack<(Func<object, Task> End, object State)> _begun = [];

        public override void OnCompleted(Func<object, Task> callback, object state) => _begun.Push((callback, state));

        public async ValueTask DisposeAsync()
        {
            while (_begun.TryPop(out var one)) await one.End(one.State);
        }
    }

    private DefaultHttpContext Context(HttpContext door, InnerRequest wanted, InnerBody written)
    {
        var http = InnerContext.Of(Door.Of(door), wanted.Operation, wanted.Credential is { } presented ? $"Bearer {presented}" : null, wanted.Ids, wanted.Body);
        http.Features.Set(wanted.Credential is null ? door.Features.Get<Signer>() : null);
        http.Features.Set(wanted.Actor);
        var headers = http.Request.Headers;
        http.Request.QueryString = new(wanted.Query);
        if (wanted.Key is not null)
        {
            headers[IdempotencyKeys.Header] = wanted.Key;
        }

        if (wanted.IsPart)
        {
            PartOfRequest.Set(http);
        }

        if (wanted.Prefer is not null)
        {
            headers["Prefer"] = wanted.Prefer;
        }

        if (wanted.Reason is not null)
        {
            headers[Reasons.Header] = wanted.Reason;
        }

        http.Features.Set<IHttpResponseBodyFeature>(written);
        http.SetEndpoint(_endpoints.Value[wanted.Operation.Name]);
        return http;
    }
}

using System.Net;

namespace Agora.Outbound;

/// <summary>
/// Calls whose answers are streams, behind the same guard as all others (<see cref="GuardedConnector"/>). Sent once each: no retry, for what is billed must not be asked for twice, and no breaker, for whoever calls has
/// several places to turn to. Thread-safe; one instance a process.
/// </summary>
public sealed class HttpStreams : IDisposable
{
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _http;

    /// <param name="allowed">Addresses let through besides public ones.</param>
    /// <param name="resolve">How names are looked up; DNS when null.</param>
    public HttpStreams(AllowList allowed, TimeProvider time, Resolve? resolve = null)
    {
        _time = time;
        var connector = new GuardedConnector(allowed, resolve ?? Dns.GetHostAddressesAsync, time);
        _http = new(new SocketsHttpHandler
        {
            ConnectCallback = connector.Connect,
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            MaxConnectionsPerServer = OutboundLimits.MaxStreamsPerServer,
            MaxResponseHeadersLength = OutboundLimits.MaxResponseHeaderKilobytes,
            MaxResponseDrainSize = 0,
            ResponseDrainTimeout = TimeSpan.Zero,
            ConnectTimeout = OutboundLimits.MaxDeadline,
            PooledConnectionLifetime = OutboundLimits.ConnectionLifetime,
            PooledConnectionIdleTimeout = OutboundLimits.ConnectionIdle,
        });
    }

    /// <summary>Everything that the other side can cause is a value.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled; whether the other side has the request is not known.</exception>
    public async Task<StreamedResult> Send(StreamedCall call, CancellationToken cancellation)
    {
        if (EndpointRules.Check(call.Endpoint) is not null) return new StreamedResult.Failed(OutboundFailure.Refused, IsSent: false);

        var body = call.Body is { } bytes ? new SentBody(bytes, "application/json") : null;
        using var clock = new CancellationTokenSource(call.HeadTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(clock.Token, cancellation);
        using var request = Request(call, body);
        HttpResponseMessage? response = null;
        try
        {
            response = await _http.SendAsync(request, either.Token);
            return new StreamedResult.Answered(new(response, await ContentCoding.Open(response.Content, either.Token)));
        }
        catch (Exception e) when (KindOf(e, cancellation) is { } kind)
        {
            response?.Dispose();
            return new StreamedResult.Failed(kind, IsSent: body is null ? kind is not (OutboundFailure.Refused or OutboundFailure.Tls) : body.Sent > 0);
        }
    }

    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage Request(StreamedCall call, SentBody? body)
    {
        var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, call.Endpoint)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = body,
        };
        ContentCoding.AskForNone(request);
        Add(request, "Accept", call.Accept);
        if (call.Traceparent is not null)
        {
            Add(request, "traceparent", call.Traceparent);
        }

        foreach (var header in call.Headers) Add(request, header.Name, header.Value);
        return request;
    }

    private static void Add(HttpRequestMessage request, string name, string value)
    {
        if (!request.Headers.TryAddWithoutValidation(name, value))
        {
            throw new ArgumentException($"{name} cannot be sent as a request header.", nameof(name));
        }
    }

    /// <summary>Null: it is the caller's own.</summary>
    private static OutboundFailure? KindOf(Exception failure, CancellationToken cancellation) => failure switch
    {
        OperationCanceledException => cancellation.IsCancellationRequested ? null : OutboundFailure.Timeout,
        HttpRequestException http => HttpAttempt.KindOf(http.HttpRequestError, http),
        HttpIOException http => HttpAttempt.KindOf(http.HttpRequestError, http),
        IOException => OutboundFailure.Connection,
        _ => null,
    };
}

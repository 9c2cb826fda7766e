using System.Buffers;
using System.Net;
using System.Security.Authentication;

namespace Agora.Outbound;

/// <summary>One request and its bounded answer. Nothing of the environment takes part: no proxy, cookies, credentials or baggage.</summary>
internal sealed class HttpAttempt(GuardedConnector connector, TimeProvider time, ICallSigner? signer, TakeConnection? connections) : IDisposable
{
    private const int MaxFirstBuffer = 16 * 1024;

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        ConnectCallback = connector.Connect,
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        MaxConnectionsPerServer = OutboundLimits.MaxConnectionsPerServer,
        MaxResponseHeadersLength = OutboundLimits.MaxResponseHeaderKilobytes,
        // An answer that was not read to its end is cut off with its connection, not drained for politeness.
        MaxResponseDrainSize = 0,
        ResponseDrainTimeout = TimeSpan.Zero,
        ConnectTimeout = OutboundLimits.MaxDeadline,
        PooledConnectionLifetime = OutboundLimits.ConnectionLifetime,
        PooledConnectionIdleTimeout = OutboundLimits.ConnectionIdle,
    });

    /// <summary>The result counts one attempt; the policy puts in the right number.</summary>
    public async Task<OutboundResult> Send(OutboundCall call, TimeSpan timeout, string? traceparent, CancellationToken cancellation)
    {
        using var body = call.Body is { } bytes ? new SentBody(bytes, call.BodyType) : null;
        var result = await Send(call, body, timeout, traceparent, cancellation);
        return result with { Sent = body?.Sent ?? (result is OutboundResult.Failed { Kind: OutboundFailure.Refused or OutboundFailure.Unsigned } ? 0 : 1) };
    }

    private async Task<OutboundResult> Send(OutboundCall call, SentBody? body, TimeSpan timeout, string? traceparent, CancellationToken cancellation)
    {
        using var clock = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(clock.Token, cancellation);
        try
        {
            using var connection = await Connection(call, either.Token, cancellation);
            using var request = Request(call, body, traceparent);
            if (call.IsSigned && signer is not null && !(call.Auth is { } auth && HeaderRules.IsOfSignature(auth.Name)))
            {
                if (await signer.Sign(request, call.Body, either.Token) is not { } signature) return Failed(OutboundFailure.Unsigned);
                foreach (var (name, value) in signature) Add(request, name, value);
            }

            using var response = await _http.SendAsync(request, either.Token);
            return call.OnceForBytes is { } bytes ? await ReadHead(response, bytes, either.Token) : await Read(response, call, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Failed(OutboundFailure.Timeout);
        }
        catch (NoRoomException)
        {
            return Failed(OutboundFailure.NoRoom);
        }
        catch (HttpRequestException failure)
        {
            return Failed(KindOf(failure.HttpRequestError, failure));
        }
        catch (HttpIOException failure)
        {
            return Failed(KindOf(failure.HttpRequestError, failure));
        }
        catch (ContentCodingException)
        {
            return Failed(OutboundFailure.Malformed);
        }
        catch (IOException)
        {
            return Failed(OutboundFailure.Connection);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <exception cref="NoRoomException">Those of other calls were not free in time.</exception>
    private async Task<IDisposable?> Connection(OutboundCall call, CancellationToken inTime, CancellationToken cancellation)
    {
        try
        {
            return connections is null ? null : await connections(call, inTime);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new NoRoomException();
        }
    }

    private static HttpRequestMessage Request(OutboundCall call, SentBody? body, string? traceparent)
    {
        var request = new HttpRequestMessage(call.TakesBack ? HttpMethod.Delete : body is null ? HttpMethod.Get : HttpMethod.Post, call.Endpoint)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = body,
        };
        ContentCoding.AskForNone(request);
        Add(request, "Accept", call.Accept);
        Add(request, "Idempotency-Key", call.IdempotencyKey);
        if (traceparent is not null)
            Add(request, "traceparent", traceparent);
        if (call.MaxCost is not null)
            Add(request, "Agora-Max-Cost-Cents", call.MaxCost);
        if (call.IsTry)
            Add(request, "Agora-Try", "true");
        if (call.Auth is not null)
            Add(request, call.Auth.Name, call.Auth.Value);
        foreach (var header in call.Headers)
            Add(request, header.Name, header.Value);
        return request;
    }

    // The values were checked by the call; a header that was silently left out would send a call without its key or secret.
    private static void Add(HttpRequestMessage request, string name, string value)
    {
        if (!request.Headers.TryAddWithoutValidation(name, value))
            throw new ArgumentException($"{name} cannot be sent as a request header.", nameof(name));
    }

    private static async Task<OutboundResult> Read(HttpResponseMessage response, OutboundCall call, CancellationToken cancellation)
    {
        var status = (int)response.StatusCode;
        if (status is >= 300 and < 400)
            return Failed(OutboundFailure.Redirect, status);
        if (!response.IsSuccessStatusCode && !(call.ReadsRefusals && status is >= 400 and < 500))
            return Failed(OutboundFailure.BadStatus, status);
        var said = response.Content.Headers.ContentLength;
        if (said > call.MaxResponseBytes)
            return Failed(OutboundFailure.TooLarge);

        var coded = await ContentCoding.Open(response.Content, cancellation);
        await using var stream = call.Room is { } room ? new RoomyStream(coded, cancel => room(call.MaxResponseBytes, cancel)) : coded;
        if (call.OnEvent is { } onEvent && response.Content.Headers.ContentType?.MediaType == EventStream.MediaType)
        {
            return await EventStream.Read(stream, onEvent, call.MaxResponseBytes, cancellation) is not var (found, isWhole) ? Failed(OutboundFailure.TooLarge)
                : isWhole ? Answered(response, call, found) : Failed(OutboundFailure.Connection);
        }

        // One byte more than was said, so that the end is seen without growing; what was said may be a lie, so it is given little.
        var body = new ArrayBufferWriter<byte>((int)Math.Min(said + 1 ?? MaxFirstBuffer, MaxFirstBuffer));
        while (await stream.ReadAsync(body.GetMemory(1), cancellation) is var read and > 0)
        {
            body.Advance(read);
            if (body.WrittenCount > call.MaxResponseBytes)
                return Failed(OutboundFailure.TooLarge);
        }
        return Answered(response, call, body.WrittenMemory);
    }

    private static OutboundResult.Succeeded Answered(HttpResponseMessage response, OutboundCall call, ReadOnlyMemory<byte> body) =>
        new((int)response.StatusCode, body, 1, HeaderOf(response, "Agora-Cost-Cents"))
        {
            ContentType = response.Content.Headers.ContentType?.ToString(),
            Header = call.WantedHeader is { } wanted ? HeaderOf(response, wanted) : null,
        };

    private static string? HeaderOf(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;

    // The status is the answer: what follows it late, without end, or not at all changes nothing.
    private async Task<OutboundResult> ReadHead(HttpResponseMessage response, int bytes, CancellationToken cancellation)
    {
        var (head, read) = (new byte[bytes], 0);
        using var patience = new CancellationTokenSource(OutboundLimits.MaxHeadWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            await using var stream = await ContentCoding.Open(response.Content, either.Token);
            while (read < bytes && await stream.ReadAsync(head.AsMemory(read), either.Token) is var more and > 0)
                read += more;
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
            // What came before is all there is of it.
        }

        return new OutboundResult.Answered((int)response.StatusCode, head.AsMemory(0, read));
    }

    internal static OutboundFailure KindOf(HttpRequestError error, Exception failure) => failure switch
    {
        { InnerException: AddressRefusedException } => OutboundFailure.Refused,
        { InnerException: AuthenticationException } => OutboundFailure.Tls,
        { InnerException: TimeoutException } => OutboundFailure.Timeout,
        _ => error switch
        {
            HttpRequestError.SecureConnectionError => OutboundFailure.Tls,
            HttpRequestError.ConfigurationLimitExceeded => OutboundFailure.TooLarge,
            HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError => OutboundFailure.Malformed,
            _ => OutboundFailure.Connection,
        },
    };

    private static OutboundResult.Failed Failed(OutboundFailure kind, int? status = null) => new(kind, status, 1);
}

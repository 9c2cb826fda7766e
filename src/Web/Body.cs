using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using Agora.Application.Calls;
using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Agora.Web;

/// <summary>
/// A request's body, read once. Bounded by <see cref="Limits.BodyBytes"/> whether or not the client announced its length:
/// a chunked body is cut off as soon as it is longer.
/// </summary>
internal sealed class Body(ReadOnlyMemory<byte> raw, JsonDocument? document) : IDisposable
{
    public static readonly Body None = new(default, null);

    public static readonly Rejection TooLong = new(Codes.PayloadTooLarge, string.Create(CultureInfo.InvariantCulture, $"A body has at most {Limits.BodyBytes} bytes."));

    public static readonly Rejection TooSlow = new(Codes.MalformedRequest, string.Create(CultureInfo.InvariantCulture, $"The body came too slowly. Send at least {Limits.LongBodyRate} bytes a second."));

    public static readonly Rejection NoPlace = Crowded.NoRoom("Too many long requests are being read here.");

    /// <summary>As received: what an idempotency key is bound to.</summary>
    public ReadOnlyMemory<byte> Raw { get; } = raw;

    /// <summary>Null when there was no body, or one that could not be read (see the findings). Gone when the request is answered.</summary>
    public JsonElement? Root => document?.RootElement;

    public void Dispose() => document?.Dispose();

    /// <summary>But for a PUT no body at all is as good as <c>{}</c>: what is required is then said to be missing, by name, and where nothing is, nothing has to be sent.</summary>
    public static async ValueTask<Body> Read(HttpContext http, Operation operation, Findings findings)
    {
        var request = http.Request;
        if (!IsSent(http)) return None;

        if (operation.TakesBytes ? IsCoded(request) : !IsOneOf(request, operation.MediaTypes))
        {
            findings.Malform(new Rejection(Codes.UnsupportedMediaType, operation.TakesBytes ? "Send the body without a content encoding." : $"Send the body as {string.Join(" or ", operation.MediaTypes)} in UTF-8, without a content encoding."));
            return None;
        }

        var (sent, refused) = await ReadOrRefuse(http, operation.MostBytes);
        if (sent is not { } bytes)
        {
            findings.Malform(refused!);
            return None;
        }

        return Parsed(bytes, operation, findings, http.Features.Get<HeldBody>());
    }

    /// <summary>A body that did not come with a request of its own.</summary>
    /// <param name="held">Its place. Null: it is short.</param>
    public static Body Of(ReadOnlyMemory<byte> bytes, Operation operation, Findings findings, HeldBody? held)
    {
        if (bytes.Length <= operation.MostBytes) return Parsed(bytes, operation, findings, held);

        findings.Malform(TooLongFor(operation.MostBytes));
        return None;
    }

    private static Body Parsed(ReadOnlyMemory<byte> bytes, Operation operation, Findings findings, HeldBody? held)
    {
        if (bytes.Length == 0) return None;
        if (operation.TakesBytes) return new(bytes, null);
        if (held?.HasRoomToParse(bytes.Span) ?? true) return new(bytes, StrictJson.Parse(bytes, findings));

        findings.Malform(NoPlace);
        return None;
    }

    /// <summary>A parsed document has some bytes for each of its values, so one of many short values is several times as long as its text.</summary>
    /// <returns>False: the body's place cannot grow by so much, and the request is to be refused (<see cref="NoPlace"/>).</returns>
    public static bool HasRoomToParse(HttpContext http, ReadOnlySpan<byte> json) => http.Features.Get<HeldBody>()?.HasRoomToParse(json) ?? true;

    /// <summary>Gives the body's place back: its bytes are counted elsewhere, or are no longer needed.</summary>
    public static void GiveBack(HttpContext http) => http.Features.Get<HeldBody>()?.Dispose();

    /// <summary>Keeps the body's place until <paramref name="over"/> ends, for work that continues after the answer and holds the body.</summary>
    public static void HoldUntil(HttpContext http, Task over) => http.Features.Get<HeldBody>()?.HoldUntil(over);

    /// <summary>There is one, or there may be: of no announced length.</summary>
    public static bool IsSent(HttpContext http) => http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? http.Request.ContentLength > 0;

    private static bool IsOneOf(HttpRequest request, IReadOnlyList<string> mediaTypes)
    {
        foreach (var mediaType in mediaTypes)
        {
            if (Is(request, mediaType)) return true;
        }

        return false;
    }

    /// <summary>Of this media type, in UTF-8, as it is: anything else about it would have to be understood before it could be read.</summary>
    public static bool Is(HttpRequest request, string mediaType) =>
        request.Headers.ContentType is [{ } value]
        && !IsCoded(request)
        && (value == mediaType || Is(value, mediaType));

    /// <summary>Whether the body has a content coding. If so, Accept-Encoding of the answer says that none is accepted (RFC 9110 section 15.5.16).</summary>
    private static bool IsCoded(HttpRequest request)
    {
        if (request.Headers.ContentEncoding.Count == 0 || request.Headers.ContentEncoding.All(static coding => "identity".Equals(coding, StringComparison.OrdinalIgnoreCase)))
        {
            return false;
        }

        request.HttpContext.Response.Headers.AcceptEncoding = "identity";
        return true;
    }

    private static bool Is(string value, string mediaType) =>
        MediaTypeHeaderValue.TryParse(value, out var type)
        && type.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase)
        && type.Parameters.All(p => p.Name.Equals("charset", StringComparison.OrdinalIgnoreCase) && HeaderUtilities.RemoveQuotes(p.Value).Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Reads the body, or refuses it. After a refusal for its length the web server reads the rest, up to <see cref="Limits.RefusedBodyBytes"/>, so that the client receives the refusal; otherwise the connection would end while it sends.
    /// <para>A body that is not short takes a place of its caller (<see cref="BodyPlaces"/>) until its request is answered, for the body and for what is parsed of it. A body that could keep its place for long must come at a minimum rate (<see cref="Limits.LongBodyRate"/>).</para>
    /// </summary>
    /// <returns>The bytes; or the refusal: longer than the bound, no place, or too slow.</returns>
    /// <exception cref="BadHttpRequestException">What was sent cannot be read: never our defect.</exception>
    public static async ValueTask<(ReadOnlyMemory<byte>? Bytes, Rejection? Refused)> ReadOrRefuse(HttpContext http, int most)
    {
        if (http.Features.Get<Kept>() is { } kept)
        {
            return kept.Refused is { } refused ? (null, refused) : kept.Bytes.Length > most ? (null, TooLongFor(most)) : (kept.Bytes, null);
        }

        Allow(http);
        var length = http.Request.ContentLength ?? most;
        if (length > most) return (null, TooLongFor(most));

        if (!BodyPlaces.AreWanted(length)) return OfLength(await ReadAtMost(http, most), most);

        var owner = RequestOwners.Of(http);
        if (http.RequestServices.GetRequiredService<BodyPlaces>().Begin(owner, length) is not { } place) return (null, NoPlace);

        var held = new HeldBody(place);
        http.Features.Set(held);
        http.Response.RegisterForDispose(held);
        using var pace = length > Limits.BodyBytes || !RequestOwners.IsKnown(owner) ? new Pace(http.RequestServices.GetRequiredService<TimeProvider>()) : null;
        try
        {
            var bytes = await ReadAtMost(http, most, pace);
            place.ShrinkTo(bytes?.Length ?? 0);
            return OfLength(bytes, most);
        }
        catch (OperationCanceledException)
        {
            return (null, TooSlow);
        }
    }

    /// <summary>A null array would convert to an empty memory.</summary>
    private static (ReadOnlyMemory<byte>? Bytes, Rejection? Refused) OfLength(byte[]? bytes, int most) => bytes is null ? (null, TooLongFor(most)) : (bytes, null);

    private static Rejection TooLongFor(int most) => most == Limits.BodyBytes ? TooLong : new(Codes.PayloadTooLarge, string.Create(CultureInfo.InvariantCulture, $"A body has at most {most} bytes."));

    private static void Allow(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = Limits.RefusedBodyBytes;
        }
    }

    /// <summary>The same, and whoever reads it next reads it too.</summary>
    public static async ValueTask<(ReadOnlyMemory<byte>? Bytes, Rejection? Refused)> Peek(HttpContext http, int most)
    {
        var read = await ReadOrRefuse(http, most);
        http.Features.Set(new Kept(read.Bytes ?? default, read.Refused));
        return read;
    }

    /// <inheritdoc cref="ReadAtMost(HttpContext, int, Pace?)"/>
    public static ValueTask<byte[]?> ReadAtMost(HttpContext http, int most) => ReadAtMost(http, most, pace: null);

    /// <param name="pace">Null if the web server's own minimum rate is enough.</param>
    /// <returns>Null when there is more than the bound.</returns>
    /// <exception cref="BadHttpRequestException">What was sent cannot be read: never our defect.</exception>
    /// <exception cref="OperationCanceledException">The body comes more slowly than the pace.</exception>
    private static async ValueTask<byte[]?> ReadAtMost(HttpContext http, int most, Pace? pace)
    {
        var reader = http.Request.BodyReader;
        for (var received = 0L; ;)
        {
            var read = await ReadOn(reader, pace?.Until(received) ?? CancellationToken.None);
            received = read.Buffer.Length;
            var isLong = read.Buffer.Length > most;
            if (read.IsCompleted || isLong)
            {
                var bytes = isLong ? null : read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return bytes;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>The server has a type of exception of its own for most of what it cannot read, but not for all: of a chunk's size that overflows it says IOException.</summary>
    private static async ValueTask<ReadResult> ReadOn(PipeReader reader, CancellationToken late)
    {
        try
        {
            return await reader.ReadAsync(late); // a connection that ends ends it; RequestAborted would first be made for it
        }
        catch (Exception e) when (e is not BadHttpRequestException && !late.IsCancellationRequested)
        {
            throw new BadHttpRequestException("The body could not be read.", StatusCodes.Status400BadRequest, e);
        }
    }

    private sealed record Kept(ReadOnlyMemory<byte> Bytes, Rejection? Refused = null);

    /// <summary>The average rate at which a body must come, after a grace period. Kestrel has such a rate for HTTP/1.1 only, since one HTTP/2 or HTTP/3 connection carries many bodies.</summary>
    private sealed class Pace(TimeProvider time) : IDisposable
    {
        private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

        private readonly CancellationTokenSource _late = new(Grace, time);
        private readonly long _started = time.GetTimestamp();

        /// <param name="received">Bytes that have come so far.</param>
        /// <returns>A token that is cancelled when more bytes should have come.</returns>
        public CancellationToken Until(long received)
        {
            var left = Grace + TimeSpan.FromSeconds((double)received / Limits.LongBodyRate) - time.GetElapsedTime(_started);
            _late.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            return _late.Token;
        }

        public void Dispose() => _late.Dispose();
    }
}

/// <summary>The place of one body. It is given back once: when the request is answered, when the work that it began is done, or when its bytes are counted elsewhere.</summary>
internal sealed class HeldBody(FairPlaces.Place place) : IDisposable
{
    private FairPlaces.Place? _place = place;

    /// <summary>A parsed document has some bytes for each of its values, so one of many short values is several times as long as its text.</summary>
    /// <returns>False: the place cannot grow by so much, and the request is to be refused (<see cref="Body.NoPlace"/>).</returns>
    public bool HasRoomToParse(ReadOnlySpan<byte> json) => _place is not { } held || held.Grow(StrictJson.ParsedBytes(json));

    public void HoldUntil(Task over)
    {
        if (Detach() is { } held)
        {
            _ = over.ContinueWith(static (_, place) => ((IDisposable)place!).Dispose(), held, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    public void Dispose() => Detach()?.Dispose();

    private IDisposable? Detach() => Interlocked.Exchange(ref _place, null);
}

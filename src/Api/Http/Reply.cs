using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Agora.Api.Metrics;
using Agora.Core.Kernel;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Http;

/// <summary>An answer on its way out: data or a refusal, what can be done next, and what the headers say.</summary>
internal sealed record Reply(int Status, object? Data, Rejection? Refusal)
{
    private const string Json = "application/json; charset=utf-8";

    /// <summary>A buffer that one large reply has made larger than this is not kept.</summary>
    private const int KeptBytes = 256 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    public IReadOnlyList<NextAction> NextActions { get; init; } = [];

    /// <summary>Places in <c>data</c> that hold strings of third parties: never instructions.</summary>
    public IReadOnlyList<string> UntrustedFields { get; init; } = [];

    /// <summary>Where the reply belongs to a session: for the headers about rate and budget.</summary>
    public Allowance? Allowance { get; init; }

    /// <summary>The stored outcome of an earlier request with this idempotency key.</summary>
    public bool Replayed { get; init; }

    /// <summary>About a payment by x402; null: no header, and no member, says anything of one.</summary>
    public PaymentHeader? Payment { get; init; }

    /// <summary>Besides those that every reply has.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    private string? Location { get; init; }

    private int? RetryAfterSeconds { get; init; }

    public static Reply Ok(object data) => new(StatusCodes.Status200OK, data, null);

    public static Reply Created(object data) => new(StatusCodes.Status201Created, data, null);

    /// <summary>Where to look for what comes of it, and after how many seconds.</summary>
    public static Reply Accepted(object data, string location, int retryAfterSeconds) =>
        new(StatusCodes.Status202Accepted, data, null) { Location = location, RetryAfterSeconds = retryAfterSeconds };

    /// <summary>Not the envelope, but what the caller asked for instead.</summary>
    public static Reply Text(string contentType, string text) => new(StatusCodes.Status200OK, new PlainText(contentType, text), null);

    public static Reply Refused(Rejection rejection) => new(Codes.StatusOf(rejection.Code), null, rejection);

    /// <param name="rateLimit">Requests a minute that a session may make; the session itself tells how many it has made.</param>
    public async Task Write(HttpContext http, int rateLimit = 0)
    {
        WriteHeaders(http.Response, rateLimit);
        WriteAccepted(http);
        if (Refusal is not null)
        {
            ApiMetrics.Refused(Refusal.Code);
        }

        if (Data is PlainText plain)
        {
            await http.Response.WriteAsync(plain.Text, http.RequestAborted);
            return;
        }

        var body = Serialize();
        http.Response.ContentLength = body.WrittenCount;
        http.Response.BodyWriter.Write(body.WrittenSpan);
        await http.Response.BodyWriter.FlushAsync(CancellationToken.None); // ends with the connection; RequestAborted would first be made for it
    }

    /// <summary>
    /// Into a buffer of this thread, before the first byte leaves: what fails here can still be answered as the defect that it is. The
    /// caller copies it before it gives the thread away.
    /// </summary>
    private ArrayBufferWriter<byte> Serialize()
    {
        var buffer = _buffer is { Capacity: <= KeptBytes } kept ? kept : _buffer = new(1024);
        buffer.ResetWrittenCount();
        var writer = _writer ??= new(buffer, ApiJson.WriterOptions);
        writer.Reset(buffer);
        writer.WriteStartObject();
        if (Refusal is null)
        {
            WriteSuccess(writer);
        }
        else
        {
            WriteError(writer, Refusal);
            Payment?.WriteVersion1(writer);
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer;
    }

    private void WriteSuccess(Utf8JsonWriter writer)
    {
        writer.WriteString("status", "success");
        writer.WritePropertyName("data");
        if (Data is IWrittenData written)
        {
            written.Write(writer);
        }
        else
        {
            JsonSerializer.Serialize(writer, Data, ApiJson.Options);
        }

        WriteNextActions(writer);
        WriteUntrusted(writer, "");
    }

    private void WriteError(Utf8JsonWriter writer, Rejection refusal)
    {
        writer.WriteString("status", "error");
        writer.WriteStartObject("error");
        writer.WriteString("code", refusal.Code);
        writer.WriteString("message", refusal.Message);
        WriteDetails(writer, refusal);
        writer.WriteBoolean("retry_allowed", Refusals.MayRetry(refusal));
        WriteNextActions(writer);
        writer.WriteEndObject();
        WriteUntrusted(writer, "error.");
    }

    /// <summary>Always a list for validation_failed; else the facts of the refusal as an object, or null.</summary>
    private static void WriteDetails(Utf8JsonWriter writer, Rejection refusal)
    {
        writer.WritePropertyName("details");
        if (refusal.Code == Codes.ValidationFailed)
        {
            JsonSerializer.Serialize(writer, refusal.Details ?? [], ApiJson.Options);
            return;
        }

        if (refusal.Facts is not { Count: > 0 } facts)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        foreach (var fact in facts)
        {
            writer.WritePropertyName(fact.Name);
            if (fact.Raw)
            {
                writer.WriteRawValue(fact.Value);
            }
            else
            {
                writer.WriteStringValue(fact.Value);
            }
        }

        writer.WriteEndObject();
    }

    private void WriteNextActions(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("next_actions");
        for (var i = 0; i < NextActions.Count; i++)
        {
            NextActions[i].Write(writer);
        }

        writer.WriteEndArray();
    }

    private void WriteUntrusted(Utf8JsonWriter writer, string actionsAt)
    {
        var inlinesSchema = NextActions.Any(static action => action.InlinesSchema);
        if (!inlinesSchema && UntrustedFields.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("untrusted_fields");
        for (var i = 0; i < UntrustedFields.Count; i++)
        {
            writer.WriteStringValue(UntrustedFields[i]);
        }

        if (inlinesSchema)
        {
            writer.WriteStringValue($"{actionsAt}next_actions[].body_schema");
        }

        writer.WriteEndArray();
    }

    private void WriteHeaders(HttpResponse response, int rateLimit)
    {
        response.StatusCode = Status;
        response.ContentType = Data is PlainText plain ? plain.ContentType : Json;
        if (Allowance is { } left)
        {
            response.Headers["RateLimit-Limit"] = Number(rateLimit);
            response.Headers["RateLimit-Remaining"] = Number(Math.Max(0, rateLimit - left.Rate.Used));
            response.Headers["RateLimit-Reset"] = Number(left.Rate.ResetSeconds);
            response.Headers["Agora-Budget-Remaining-Cents"] = Money.FormatCents(left.RemainingMicros);
        }

        if (Replayed)
        {
            response.Headers["Idempotent-Replayed"] = "true";
        }

        for (var i = 0; i < Headers.Count; i++)
        {
            response.Headers[Headers[i].Name] = Headers[i].Value;
        }

        Payment?.Write(response.Headers);
        if (Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        if ((Refusal?.RetryAfterSeconds ?? RetryAfterSeconds) is { } seconds)
        {
            response.Headers.RetryAfter = Number(seconds);
        }
    }

    // RFC 7240 section 3: what was preferred and done is said, so that a caller can tell it from a run that was slow.
    private void WriteAccepted(HttpContext http)
    {
        if (Location is null)
        {
            return;
        }

        http.Response.Headers.Location = Location;
        if (Preferences.Of(http.Request) is { RespondAsync: true } preferred)
        {
            http.Response.Headers["Preference-Applied"] = preferred.Applied;
        }
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private sealed record PlainText(string ContentType, string Text);
}

using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Agora.Api.Metrics;
using Agora.Core.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Agora.Api.Http;

/// <summary>Puts a reply on the wire: status, headers, and the envelope.</summary>
internal static class ReplyWriter
{
    private const string Json = "application/json; charset=utf-8";

    /// <summary>Where an envelope has what of a problem stands at its top.</summary>
    private const string ErrorPath = "error.";

    /// <summary>What a plain reply has at its top.</summary>
    private const string DataPath = "data.";

    /// <summary>A buffer that one large reply has made larger than this is not kept.</summary>
    private const int KeptBytes = 256 * 1024;

    private static readonly StringValues ByWhatIsAccepted = new($"{HeaderNames.Accept}, {HeaderNames.AcceptLanguage}");

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    /// <param name="rateLimit">Requests a minute that a session may make; the session itself tells how many it has made.</param>
    public static Task Write(this Reply reply, HttpContext http, int rateLimit = 0) => reply.Data is Upgraded upgraded ? Serve(upgraded, http) : WriteAnswer(reply, http, rateLimit);

    private static async Task Serve(Upgraded upgraded, HttpContext http)
    {
        using var socket = await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { SubProtocol = upgraded.Protocol });
        await upgraded.Serve(new ReceivedRequest(http), socket);
    }

    private static async Task WriteAnswer(Reply reply, HttpContext http, int rateLimit)
    {
        if (reply.Data is not StreamedText)
        {
            Body.GiveBack(http); // before the client hears of it, and asks for the next
        }

        var form = ReplyForm.Of(http, reply.Refusal is not null);
        WriteHeaders(reply, http.Response, rateLimit);
        if (reply.Data is not (PlainText or PlainBytes or StreamedText))
        {
            WriteLanguage(http.Response.Headers, form);
        }

        if (form.IsProblem)
        {
            http.Response.ContentType = Problem.ContentType;
        }

        WriteAccepted(reply, http);
        if (reply.Refusal is { } refused)
        {
            ApiMetrics.Refused(refused.Code);
        }

        if (HasNoBody(reply)) return;

        if (reply.Data is PlainText plain)
        {
            await WriteBounded(http, Encoding.UTF8.GetBytes(plain.Text), rateLimit);
            return;
        }

        if (reply.Data is StreamedText streamed)
        {
            await foreach (var part in HttpMethods.IsHead(http.Request.Method) ? AsyncEnumerable.Empty<string>() : streamed.Parts)
            {
                // A client that has not read the parts before is cut off, and resumes from its cursor.
                using var place = UnreadReplies.Begin(http, Encoding.UTF8.GetByteCount(part));
                if (place is null)
                {
                    http.Abort();
                    return;
                }

                await http.Response.WriteAsync(part, http.RequestAborted);
            }

            return;
        }

        if (reply.Data is PlainBytes sent)
        {
            await WriteBounded(http, sent.Bytes, rateLimit);
            return;
        }

        await WriteBounded(http, Serialize(reply, form).WrittenMemory, rateLimit);
    }

    /// <param name="body">Copied before the first await, so it may be a buffer of this thread.</param>
    /// <param name="rateLimit">As in <see cref="Write"/>.</param>
    private static async Task WriteBounded(HttpContext http, ReadOnlyMemory<byte> body, int rateLimit)
    {
        if (await UnreadReplies.Send(http, body)) return;

        http.Response.Clear();
        EdgeHeaders.Set(http);
        await Reply.Refused(UnreadReplies.TooMany).Write(http, rateLimit);
    }

    private static bool HasNoBody(Reply reply) => reply.Status is StatusCodes.Status304NotModified or StatusCodes.Status204NoContent;

    /// <summary>
    /// Into a buffer of this thread, before the first byte leaves: what fails here can still be answered as the defect that it is. The
    /// caller copies it before it gives the thread away.
    /// </summary>
    private static ArrayBufferWriter<byte> Serialize(Reply reply, ReplyForm form)
    {
        var buffer = _buffer is { Capacity: <= KeptBytes } kept ? kept : _buffer = new(1024);
        buffer.ResetWrittenCount();
        var writer = _writer ??= new(buffer, ApiJson.WriterOptions);
        writer.Reset(buffer);
        writer.WriteStartObject();
        if (reply.Refusal is { } refused)
        {
            var refusal = Findings.Pointed(refused, reply.UntrustedFields);
            if (form.IsPlain)
            {
                WritePlainError(reply, writer, refusal, form);
            }
            else if (form.IsProblem)
            {
                WriteProblem(reply, writer, refusal, form);
            }
            else
            {
                WriteError(reply, writer, refusal, form);
            }

            reply.Payment?.WriteVersion1(writer);
        }
        else if (form.IsPlain)
        {
            WritePlain(reply, writer, form);
        }
        else
        {
            WriteSuccess(reply, writer, form);
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer;
    }

    private static void WriteSuccess(Reply reply, Utf8JsonWriter writer, ReplyForm form)
    {
        writer.WriteString("status", "success");
        writer.WriteString(RequestIds.Member, form.RequestId);
        WriteData(writer, reply.Data);
        WriteNextActions(reply, writer, form);
        WriteUntrusted(reply, writer, "", form);
    }

    public static void WriteData(Utf8JsonWriter writer, object? data)
    {
        writer.WritePropertyName("data");
        WriteValue(writer, data);
    }

    /// <summary>The data of a reply as JSON, without the envelope.</summary>
    public static string DataText(object? data) => ApiJson.Text(writer => WriteValue(writer, data));

    /// <summary>The envelope as JSON, for pages of this process.</summary>
    public static JsonElement Envelope(Reply reply, ReplyForm form) => JsonElement.Parse(Serialize(reply, form).WrittenSpan);

    private static void WriteValue(Utf8JsonWriter writer, object? data)
    {
        if (data is IWrittenData written)
        {
            written.Write(writer);
        }
        else
        {
            JsonSerializer.Serialize(writer, data, ApiJson.Options);
        }
    }

    /// <summary>The members themselves, without an envelope.</summary>
    private static void WritePlain(Reply reply, Utf8JsonWriter writer, ReplyForm form)
    {
        foreach (var member in JsonSerializer.SerializeToElement(reply.Data, ApiJson.Options).EnumerateObject())
        {
            writer.WritePropertyName(member.Name);
            writer.WriteRawValue(member.Value.GetRawText(), skipInputValidation: true); // unchanged: an output can have half of a surrogate pair, which is not valid text
        }

        WriteUntrusted(reply, writer, "", form);
    }

    /// <summary>In words that a person is shown; whoever sent the request reads what is wrong with it in the details.</summary>
    private static void WritePlainError(Reply reply, Utf8JsonWriter writer, Rejection refusal, ReplyForm form)
    {
        writer.WriteStartObject("error");
        writer.WriteString("code", refusal.Code);
        writer.WriteString("message", form.Said(PlainWords.Of(refusal)));
        WriteDetails(writer, refusal.Code == Codes.ValidationFailed ? refusal : refusal with { Facts = [new("reason", refusal.Code is Codes.SessionExpired or Codes.SessionRevoked or Codes.TestReset ? form.Said(PlainWords.SignInAgain) : form.Said(refusal)), .. refusal.Facts ?? []] }, form);
        writer.WriteEndObject();
        WriteUntrusted(reply, writer, ErrorPath, form);
    }

    private static void WriteError(Reply reply, Utf8JsonWriter writer, Rejection refusal, ReplyForm form)
    {
        writer.WriteString("status", "error");
        writer.WriteString(RequestIds.Member, form.RequestId);
        writer.WriteStartObject("error");
        writer.WriteString("code", refusal.Code);
        writer.WriteString("message", form.Said(refusal));
        WriteRest(reply, writer, refusal, form);
        writer.WriteEndObject();
        WriteUntrusted(reply, writer, ErrorPath, form);
    }

    /// <summary>A refusal's members alone, where there is no envelope.</summary>
    public static void WriteRefusal(Utf8JsonWriter writer, Rejection refusal)
    {
        writer.WriteStartObject();
        writer.WriteString("code", refusal.Code);
        writer.WriteString("message", refusal.Message);
        WriteDetails(writer, refusal, default);
        writer.WriteBoolean("retry_allowed", Refusals.MayRetry(refusal));
        WriteRetry(writer, refusal);
        writer.WriteEndObject();
    }

    /// <summary>Of a refusal its details alone, as JSON.</summary>
    public static ReadOnlySpan<byte> DetailsOf(Rejection refusal)
    {
        var details = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(details, ApiJson.WriterOptions);
        writer.WriteStartObject();
        WriteDetails(writer, refusal, default);
        writer.WriteEndObject();
        writer.Flush();
        return details.WrittenSpan["{\"details\":".Length..^1];
    }

    private static void WriteProblem(Reply reply, Utf8JsonWriter writer, Rejection refusal, ReplyForm form)
    {
        Problem.Write(writer, reply.Status, refusal, form);
        WriteRest(reply, writer, refusal, form);
        WriteUntrusted(reply, writer, "", form);
    }

    /// <summary>What both forms of a refusal have.</summary>
    private static void WriteRest(Reply reply, Utf8JsonWriter writer, Rejection refusal, ReplyForm form)
    {
        WriteDetails(writer, refusal, form);
        writer.WriteBoolean("retry_allowed", Refusals.MayRetry(refusal));
        WriteRetry(writer, refusal);
        WriteNextActions(reply, writer, form);
    }

    private static void WriteRetry(Utf8JsonWriter writer, Rejection refusal)
    {
        writer.WriteString("retry", Refusals.RetryOf(refusal).Name());
        if (refusal.RetryAfterSeconds is { } seconds)
        {
            writer.WriteNumber("retry_after_seconds", seconds);
        }
        else
        {
            writer.WriteNull("retry_after_seconds");
        }
    }

    /// <summary>Always a list for validation_failed; else the facts of the refusal as an object, or null.</summary>
    public static void WriteDetails(Utf8JsonWriter writer, Rejection refusal, ReplyForm form)
    {
        writer.WritePropertyName("details");
        if (refusal.Code == Codes.ValidationFailed)
        {
            JsonSerializer.Serialize(writer, form.Said(refusal.Details ?? []), ApiJson.Options);
            return;
        }

        if (refusal.Facts is not { Count: > 0 } facts)
        {
            writer.WriteNullValue();
            return;
        }

        WriteFacts(writer, facts);
    }

    public static void WriteFacts(Utf8JsonWriter writer, IReadOnlyList<Fact> facts)
    {
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

    private static void WriteNextActions(Reply reply, Utf8JsonWriter writer, ReplyForm form)
    {
        writer.WriteStartArray("next_actions");
        for (var i = 0; i < reply.NextActions.Count; i++)
        {
            reply.NextActions[i].Write(writer, form);
        }

        writer.WriteEndArray();
    }

    private static void WriteUntrusted(Reply reply, Utf8JsonWriter writer, string actionsAt, ReplyForm form)
    {
        var inlinesSchema = form.IsDetailed && reply.NextActions.Any(static action => action.InlinesForeign);
        var echoes = reply.NextActions.Any(static action => action.EchoesCaller);
        if (!inlinesSchema && !echoes && reply.UntrustedFields.Count == 0) return;

        writer.WriteStartArray("untrusted_fields");
        for (var i = 0; i < reply.UntrustedFields.Count; i++)
        {
            var field = reply.UntrustedFields[i];
            writer.WriteStringValue(reply.Refusal is not null && actionsAt.Length == 0 ? field[ErrorPath.Length..] : reply.Refusal is null && form.IsPlain ? field[DataPath.Length..] : field);
        }

        if (echoes)
        {
            writer.WriteStringValue($"{actionsAt}next_actions[].body");
        }

        if (inlinesSchema)
        {
            writer.WriteStringValue($"{actionsAt}next_actions[].body_schema");
        }

        writer.WriteEndArray();
    }

    private static void WriteHeaders(Reply reply, HttpResponse response, int rateLimit)
    {
        response.StatusCode = reply.Status;
        response.ContentType = HasNoBody(reply) ? null
            : reply.Data switch { PlainText plain => plain.ContentType, PlainBytes bytes => bytes.ContentType, StreamedText streamed => streamed.ContentType, _ => Json };
        if (reply.Allowance is { } left)
        {
            response.Headers["RateLimit-Limit"] = Number(rateLimit);
            response.Headers["RateLimit-Remaining"] = Number(Math.Max(0, rateLimit - left.Rate.Used));
            response.Headers["RateLimit-Reset"] = Number(left.Rate.ResetSeconds);
            response.Headers["Agora-Budget-Remaining-Cents"] = Money.FormatCents(left.RemainingMicros);
            if (left.Warning is { } warning)
            {
                response.Headers["Agora-Budget-Warning"] = warning;
            }
        }

        if (reply.Replayed)
        {
            response.Headers["Idempotent-Replayed"] = "true";
        }

        for (var i = 0; i < reply.Headers.Count; i++)
        {
            response.Headers[reply.Headers[i].Name] = reply.Headers[i].Value;
        }

        if (reply.NextCursor is { } cursor)
        {
            response.Headers.Link = NextPage.Link(response.HttpContext.Request, cursor);
        }

        reply.Payment?.Write(response.Headers);
        if (reply.Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        if ((reply.Refusal?.RetryAfterSeconds ?? reply.RetryAfterSeconds) is { } seconds)
        {
            response.Headers.RetryAfter = Number(seconds);
        }
    }

    /// <summary>Of envelopes and problem details: which of them comes, and in which language, is asked for (RFC 9110 section 12.5.5).</summary>
    private static void WriteLanguage(IHeaderDictionary headers, ReplyForm form)
    {
        headers.Vary = ByWhatIsAccepted;
        if (form.Words is { } words)
        {
            headers.ContentLanguage = words.Language;
        }
    }

    // RFC 7240 section 3: what was preferred and done is said, so that a caller can tell it from a run that was slow.
    private static void WriteAccepted(Reply reply, HttpContext http)
    {
        if (reply.Location is null) return;

        http.Response.Headers.Location = reply.Location;
        if (Preferences.Of(http.Request.Headers["Prefer"]).Applied is { } applied)
        {
            http.Response.Headers["Preference-Applied"] = applied;
        }
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}

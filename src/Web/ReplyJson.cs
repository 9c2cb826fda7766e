using System.Buffers;
using System.Text.Json;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Kernel;

namespace Agora.Web;

/// <summary>A reply as JSON: the envelope, problem details (RFC 9457), or a plain object.</summary>
internal static class ReplyJson
{
    /// <summary>Where an envelope has what of a problem stands at its top.</summary>
    private const string ErrorPath = "error.";

    /// <summary>What a plain reply has at its top.</summary>
    private const string DataPath = "data.";

    /// <summary>A buffer that one large reply has made larger than this is not kept.</summary>
    private const int KeptBytes = 256 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    /// <summary>
    /// Into a buffer of this thread, before the first byte leaves: what fails here can still be answered as the defect that it is. The
    /// caller copies it before it gives the thread away.
    /// </summary>
    public static ArrayBufferWriter<byte> Serialize(Reply reply, ReplyForm form)
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
    public static JsonElement Json(Reply reply, ReplyForm form) => JsonElement.Parse(Serialize(reply, form).WrittenSpan);

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

    /// <summary>In words for a person. The details say what is wrong, for the program that sent the request.</summary>
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
        WriteRetryAfter(writer, refusal);
    }

    public static void WriteRetryAfter(Utf8JsonWriter writer, Rejection refusal)
    {
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
}

using System.Text.Json;
using Agora.Core.Kernel;
using Microsoft.AspNetCore.Http;

namespace Agora.A2a;

/// <summary>
/// Why a request of the protocol is refused, as its bindings say it: a code of JSON-RPC (section 9.5 of the specification), or a status of HTTP with a google.rpc.Status (section 11.6). What the protocol has no
/// error for is told by our own code, as the reason in our own domain.
/// </summary>
/// <param name="Status">Of HTTP; JSON-RPC has it only where it is about the request as such (<see cref="IsOfHttp"/>).</param>
/// <param name="Rpc">The name of google.rpc.Code.</param>
internal sealed record Fault(int Code, int Status, string Rpc, string Reason, string Message, string Domain = Fault.Protocol)
{
    public const string Protocol = "a2a-protocol.org";
    public const string Ours = "agora";

    private const int OtherCode = -32000;
    private const string Invalid = "INVALID_PARAMS";
    private const string Argument = "INVALID_ARGUMENT";
    private const string Precondition = "FAILED_PRECONDITION";

    public static readonly Fault NoTask = new(-32001, StatusCodes.Status404NotFound, "NOT_FOUND", "TASK_NOT_FOUND", "There is no such task, or it is not yours.");
    public static readonly Fault NotCancelable = new(-32002, StatusCodes.Status400BadRequest, Precondition, "TASK_NOT_CANCELABLE", "The task is over: it cannot be canceled.");
    public static readonly Fault NoPush = new(-32003, StatusCodes.Status400BadRequest, Precondition, "PUSH_NOTIFICATION_NOT_SUPPORTED", "Nothing is pushed for a task: subscribe to it.");
    public static readonly Fault TaskIsOver = new(-32004, StatusCodes.Status400BadRequest, Precondition, "UNSUPPORTED_OPERATION", "The task is over: nothing more is said in it, and nothing is told of it.");
    public static readonly Fault WrongVersion = new(-32009, StatusCodes.Status400BadRequest, Precondition, "VERSION_NOT_SUPPORTED", "Version 1.0 is spoken here: say so in the header A2A-Version.");
    public static readonly Fault NoRequest = new(-32600, StatusCodes.Status400BadRequest, Argument, "INVALID_REQUEST", "The body is not one request of JSON-RPC 2.0 with an id.");
    public static readonly Fault NoMethod = new(-32601, StatusCodes.Status404NotFound, "UNIMPLEMENTED", "METHOD_NOT_FOUND", "There is no such method.");
    public static readonly Fault TooLong = Of(new(Codes.PayloadTooLarge, "The task is too long to be told as a whole: read the conversation that it is."));

    public IReadOnlyList<Detail> Violations { get; private init; } = [];

    public long? RetryAfterSeconds { get; private init; }

    /// <summary>Named values of the refusal.</summary>
    public IReadOnlyList<Fact> Facts { get; private init; } = [];

    /// <summary>A client of JSON-RPC looks at the status too: for a credential, or to wait.</summary>
    public bool IsOfHttp => Domain == Ours;

    public static Fault Wrong(string field, string message) => Wrong([new(field, "", message)]);

    public static Fault Of(Rejection refused) => refused.Code switch
    {
        Codes.MalformedRequest => new(-32700, StatusCodes.Status400BadRequest, Argument, "PARSE_ERROR", refused.Message),
        Codes.ValidationFailed => Wrong(refused.Details ?? []),
        Codes.ConversationClosed => TaskIsOver,
        _ => new(OtherCode, Codes.StatusOf(refused.Code), RpcOf(Codes.StatusOf(refused.Code)), refused.Code.ToUpperInvariant(), refused.Message, Ours) { RetryAfterSeconds = refused.RetryAfterSeconds, Facts = refused.Facts ?? [] },
    };

    /// <summary>The members of an error, as an error of JSON-RPC.</summary>
    public void WriteRpc(Utf8JsonWriter writer, string message)
    {
        writer.WriteStartObject();
        writer.WriteNumber("code", Code);
        writer.WriteString("message", message);
        writer.WriteStartArray("data");
        WriteDetails(writer);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>The same as a google.rpc.Status.</summary>
    public void WriteStatus(Utf8JsonWriter writer, string message)
    {
        writer.WriteStartObject();
        writer.WriteNumber("code", Status);
        writer.WriteString("status", Rpc);
        writer.WriteString("message", message);
        writer.WriteStartArray("details");
        WriteDetails(writer);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static Fault Wrong(IReadOnlyList<Detail> violations) =>
        new(-32602, StatusCodes.Status400BadRequest, Argument, Invalid, "The parameters are not valid; fieldViolations lists what is wrong.") { Violations = violations };

    private static string RpcOf(int status) => status switch
    {
        400 or 406 or 413 or 415 => Argument,
        401 => "UNAUTHENTICATED",
        402 or 403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        405 => "UNIMPLEMENTED",
        409 => "ABORTED",
        412 => Precondition,
        429 => "RESOURCE_EXHAUSTED",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        _ => "INTERNAL",
    };

    private void WriteDetails(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("@type", "type.googleapis.com/google.rpc.ErrorInfo");
        writer.WriteString("reason", Reason);
        writer.WriteString("domain", Domain);
        if (Facts.Count > 0)
        {
            writer.WriteStartObject("metadata");
            foreach (var fact in Facts) writer.WriteString(fact.Name, fact.Value);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        if (Violations.Count > 0)
        {
            writer.WriteStartObject();
            writer.WriteString("@type", "type.googleapis.com/google.rpc.BadRequest");
            writer.WriteStartArray("fieldViolations");
            foreach (var violation in Violations)
            {
                writer.WriteStartObject();
                writer.WriteString("field", violation.Path.TrimStart('/').Replace('/', '.'));
                writer.WriteString("description", violation.Message);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        if (RetryAfterSeconds is { } seconds)
        {
            writer.WriteStartObject();
            writer.WriteString("@type", "type.googleapis.com/google.rpc.RetryInfo");
            writer.WriteString("retryDelay", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{seconds}s"));
            writer.WriteEndObject();
        }
    }
}

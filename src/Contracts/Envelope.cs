using Agora.Core.Kernel;

namespace Agora.Contracts;

/// <summary>
/// What crosses between grains: one command there, one answer back. The body is an immutable object of the target's own
/// command union, or of the answer's types; in one process it is passed by reference, and only a border (Orleans'
/// serializer, the adversary) encodes it, with the codec of the stream's kind.
/// </summary>
/// <param name="CommandId">Makes a repeat of this command harmless. An answer carries the id of its command.</param>
/// <param name="Trace">W3C traceparent of the request that caused this, or null.</param>
/// <param name="Body">The command; on the way back an <see cref="Answer"/> or an <see cref="OperatingFailure"/>.</param>
/// <param name="Key">The client's idempotency key, when the request carried one.</param>
/// <param name="Actor">The operator behind an operator's command, kept with what it decided; null for agents, whose session says who they are.</param>
/// <param name="Act">What that operator asked for; kept too.</param>
/// <param name="IsStep">Follows from something already accepted: admitted under overload too.</param>
public sealed record Envelope(Guid CommandId, string? Trace, object Body, CommandKey? Key = null, bool IsStep = false, string? Actor = null, Act? Act = null)
{
    /// <summary>
    /// Of a message that came from another process: the token of the process that sent it (<see cref="CallerSigner"/>), "" where it had none. Null: it was sent in
    /// this very process. Only the border writes it.
    /// </summary>
    public string? Caller { get; init; }

    public Envelope Answered(object body) => new(CommandId, Trace, body);
}

/// <summary>A client's idempotency key, as the edge saw it.</summary>
/// <param name="Credential">Who the key belongs to: the session, the agent's key, or the operator's key.</param>
/// <param name="BodyHash">SHA-256, lower-case hex, of method, route and body: another body under the same key is a conflict.</param>
/// <param name="KeptSeconds">How long after its use the key is remembered.</param>
/// <param name="RequestId">One a request: a message that was duplicated on its way is not a second request.</param>
public sealed record CommandKey(string Credential, string Key, string BodyHash, long KeptSeconds, Guid RequestId);

/// <summary>Asks what became of the command of this id and key, and decides nothing: its stored outcome, or <see cref="Nothing"/> where there is none.</summary>
public sealed record OutcomeAsked
{
    public static readonly OutcomeAsked Value = new();
}

/// <summary>
/// Not a refusal: the command was not decided, or it is not known whether it was. Retryable with the same command id.
/// </summary>
public sealed record OperatingFailure(FailureKind Kind, int RetryAfterSeconds = 1);

public enum FailureKind
{
    /// <summary>The activation lost its place in the stream; a fresh one will answer.</summary>
    Conflict = 1,

    /// <summary>The store cannot be written.</summary>
    Unavailable = 2,

    /// <summary>Too much is waiting: only new commands are refused.</summary>
    Overloaded = 3,

    /// <summary>No answer in time; it may have been decided.</summary>
    Timeout = 4,

    /// <summary>A programmer's error ended the activation; nothing was written.</summary>
    Defect = 5,
}

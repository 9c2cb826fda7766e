namespace Agora.Outbound;

/// <summary>Waits until there is room in memory for an answer.</summary>
/// <param name="bytes">The most that the answer can have.</param>
/// <exception cref="OperationCanceledException">There was none in time.</exception>
public delegate Task TakeRoom(int bytes, CancellationToken cancel);

/// <summary>
/// One call to a service. A class, not a record: a record would print the secret and the body wherever it is logged.
/// </summary>
public sealed class OutboundCall
{
    /// <summary>Whose circuit breaker this call goes through.</summary>
    public required string ServiceId { get; init; }

    /// <summary>For whom the call is made: of one user's failures, and of one agent's, only some count for the breaker, and connections are shared by tenant and user. Null: all failures count.</summary>
    public OutboundCaller? Caller { get; init; }

    public required Uri Endpoint { get; init; }

    /// <summary>JSON, UTF-8, unless <see cref="BodyType"/> says otherwise, that is posted as it is; the caller has validated it. Null: a GET, or a DELETE.</summary>
    public required ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>The media type of the body.</summary>
    public string BodyType { get; init; } = "application/json";

    /// <summary>What was posted under this key is not wanted any more: a DELETE, without a body.</summary>
    public bool TakesBack { get; init; }

    /// <summary>From then on no further attempt begins; the one under way goes on to its end.</summary>
    public CancellationToken Unwanted { get; init; }

    /// <summary>
    /// A 4xx is an answer whose body is read, with the same bounds, where the protocol says its refusals so. Otherwise it is a failure, of
    /// which nothing but its status is passed on.
    /// </summary>
    public bool ReadsRefusals { get; init; }

    /// <summary>
    /// Each attempt is signed, where the process has something to sign with, so that a service can tell who calls. Not where <see cref="Auth"/> has the name of a
    /// signature's field itself.
    /// </summary>
    public bool IsSigned { get; init; }

    /// <summary>1–255 visible ASCII characters, the same for every attempt: this is what makes repeating safe.</summary>
    public required string IdempotencyKey { get; init; }

    public AuthHeader? Auth { get; init; }

    /// <summary>Sent besides. No record, as <see cref="AuthHeader"/>.</summary>
    public IReadOnlyList<AuthHeader> Headers { get; init; } = [];

    /// <summary>One attempt, past the breaker: whoever calls has a policy of its own. Whatever status comes is an answer, of which so many first bytes are read and the rest is cut off; null: as usual.</summary>
    public int? OnceForBytes { get; init; }

    /// <summary>What may be answered: JSON unless it is said otherwise.</summary>
    public string Accept { get; init; } = "application/json";

    /// <summary>How often it is sent at most: 1 where the other side may do twice what it is sent twice.</summary>
    public int MaxAttempts { get; init; } = OutboundLimits.MaxAttempts;

    /// <summary>Bytes of the answer, whatever it is; at most <see cref="OutboundLimits.MaxEventBytes"/>.</summary>
    public int MaxResponseBytes { get; init; } = OutboundLimits.MaxResponseBytes;

    /// <summary>Awaited once per attempt, within its time, before more than <see cref="OutboundLimits.SmallResponseBytes"/> of the answer are read. Null if the caller does not count the answer's bytes.</summary>
    public TakeRoom? Room { get; init; }

    /// <summary>
    /// Of an answer that is a stream of events (text/event-stream): each event's data, as it comes. True: that was the one that was waited for, and it is the body; the rest is cut off. Null: a stream is
    /// an answer like any other.
    /// </summary>
    public Func<ReadOnlyMemory<byte>, bool>? OnEvent { get; init; }

    /// <summary>One attempt, past the breaker: it waits for what may never come, and says nothing of how the other side is.</summary>
    public bool Listens { get; init; }

    /// <summary>A header of the answer that is wanted; null: none is.</summary>
    public string? WantedHeader { get; init; }

    /// <summary>The most that the call may cost, in cents, as text: sent as Agora-Max-Cost-Cents. Null: the price is fixed.</summary>
    public string? MaxCost { get; init; }

    /// <summary>It is no run, and nobody pays for it: sent as Agora-Try.</summary>
    public bool IsTry { get; init; }

    /// <summary>W3C trace context, version 00 (https://www.w3.org/TR/trace-context/), or null.</summary>
    public string? Traceparent { get; init; }

    /// <summary>For one attempt: connect, request and whole response. At most <see cref="OutboundLimits.MaxDeadline"/>.</summary>
    public TimeSpan AttemptTimeout { get; init; } = OutboundLimits.MaxDeadline;

    /// <summary>For all attempts and the pauses between them. At most <see cref="OutboundLimits.MaxDeadline"/>.</summary>
    public TimeSpan Deadline { get; init; } = OutboundLimits.MaxDeadline;

    internal void ThrowIfMalformed()
    {
        ArgumentException.ThrowIfNullOrEmpty(ServiceId);
        if (IdempotencyKey.Length is 0 or > OutboundLimits.MaxIdempotencyKeyCharacters || !HeaderRules.IsVisibleAscii(IdempotencyKey))
            throw new ArgumentException("An idempotency key is 1 to 255 visible ASCII characters.", nameof(IdempotencyKey));
        if (Auth is not null && HeaderRules.CheckSent(Auth.Name, Auth.Value) is { } problem)
            throw new ArgumentException(problem, nameof(Auth));
        if (Headers.Select(header => HeaderRules.CheckSent(header.Name, header.Value, mayBeEmpty: true)).FirstOrDefault(wrong => wrong is not null) is { } unsendable)
            throw new ArgumentException(unsendable, nameof(Headers));
        if (Traceparent is not null && !HeaderRules.IsVisibleAscii(Traceparent))
            throw new ArgumentException("A traceparent is visible ASCII.", nameof(Traceparent));
        if (MaxCost is not null && !HeaderRules.IsVisibleAscii(MaxCost))
            throw new ArgumentException("A cost is visible ASCII.", nameof(MaxCost));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxResponseBytes, OutboundLimits.MaxEventBytes);
        ThrowIfOutside(AttemptTimeout, nameof(AttemptTimeout));
        ThrowIfOutside(Deadline, nameof(Deadline));
    }

    private static void ThrowIfOutside(TimeSpan value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, OutboundLimits.MaxDeadline, name);
    }
}

/// <summary>The header by which a service knows us. No record, so that the secret is not printed by accident.</summary>
public sealed class AuthHeader(string name, string value)
{
    public string Name { get; } = name;

    public string Value { get; } = value;
}

/// <param name="AgentId">Who proved with a key to be this agent: names that callers give each other would make one caller many.</param>
/// <param name="Tenant">Empty if the ids contain it, or if the server calls for itself.</param>
public sealed record OutboundCaller(string UserId, string AgentId, string Tenant = "");

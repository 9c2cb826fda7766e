namespace Agora.Outbound;

/// <summary>
/// How a call ended. A failure holds its kind and at most a status code: what the other side wrote in an error is never
/// passed on, as it may hold its secrets, or text meant to steer an agent.
/// </summary>
public abstract record OutboundResult
{
    private OutboundResult(int attempts) => (Attempts, Sent) = (attempts, attempts);

    /// <summary>How often the call was sent or tried to be sent; 0 when it was refused or the breaker was open at once.</summary>
    public int Attempts { get; init; }

    /// <summary>
    /// How many of these attempts may have reached the other side: those that had a connection and began to write to it. Only 0 says that
    /// nothing left; whatever else an attempt ended in, the other side may have acted.
    /// </summary>
    public int Sent { get; init; }

    /// <summary>Any 2xx, or a 4xx of a call that reads refusals. The body is bytes as they came, at most 1 MiB, not yet known to be JSON.</summary>
    /// <param name="Cost">The header Agora-Cost-Cents as it came, or null; given twice, both values.</param>
    public sealed record Succeeded(int Status, ReadOnlyMemory<byte> Body, int Attempts, string? Cost = null) : OutboundResult(Attempts)
    {
        /// <summary>Content-Type as it came, or null.</summary>
        public string? ContentType { get; init; }

        /// <summary>Which of several did it; null: there was one to call.</summary>
        public string? By { get; init; }

        /// <summary>The header that was wanted, as it came; null: it has none.</summary>
        public string? Header { get; init; }
    }

    /// <summary>Any status, of a call that is made once.</summary>
    /// <param name="Head">The first bytes of the body, as many as were asked for or came in time.</param>
    public sealed record Answered(int Status, ReadOnlyMemory<byte> Head) : OutboundResult(1);

    /// <param name="Kind">Why; decides whether the caller answers 502, 503 or 504.</param>
    /// <param name="Status">The last status received, for <see cref="OutboundFailure.BadStatus"/> and <see cref="OutboundFailure.Redirect"/>.</param>
    /// <param name="Attempts">As in the base.</param>
    public sealed record Failed(OutboundFailure Kind, int? Status, int Attempts) : OutboundResult(Attempts)
    {
        /// <summary>The other side's own words about its failure, for the caller: untrusted text, bounded by its reader. Null if nothing is passed on.</summary>
        public string? Words { get; init; }
    }
}

/// <summary>The kinds of failure. Names appear in metrics: they are not renamed.</summary>
public enum OutboundFailure
{
    /// <summary>The guard lets no call through to this endpoint or to any address it resolves to.</summary>
    Refused = 1,

    /// <summary>No connection, or it broke off before the response was complete.</summary>
    Connection = 2,

    /// <summary>The certificate or the handshake is not acceptable.</summary>
    Tls = 3,

    /// <summary>The attempt's or the call's time is over.</summary>
    Timeout = 4,

    /// <summary>Neither 2xx nor 3xx.</summary>
    BadStatus = 5,

    /// <summary>A 3xx. It is never followed: its target was not checked by whoever registered the endpoint.</summary>
    Redirect = 6,

    /// <summary>Body or headers over their bounds.</summary>
    TooLarge = 7,

    /// <summary>Not HTTP, or not well-formed.</summary>
    Malformed = 8,

    /// <summary>Not tried: too many of this service's latest attempts failed.</summary>
    BreakerOpen = 9,

    /// <summary>Not tried: it was to be signed, and there is no key just now.</summary>
    Unsigned = 10,

    /// <summary>This process had no connection free for the call in time, so nothing was sent; or no room in memory for the answer that came. It says nothing about the other side.</summary>
    NoRoom = 11,
}

using Agora.Core.Kernel;

namespace Agora.Core.Services;

/// <summary>
/// One run's call to its service, all attempts together bounded by <see cref="Limits.RunDeadline"/>. The service's endpoint,
/// credential and output schema are looked up where the call is made: a secret never travels through a decision.
/// </summary>
/// <param name="UserId">For whom: what fails for one user only is no proof against a service.</param>
/// <param name="AgentId">Who opened the root of the session's tree with a key, whatever a delegated session calls itself: what fails for one agent only is no proof either.</param>
/// <param name="HeldMicros">Of a metered service: the most that the run may cost, which is held. Null: its price is fixed.</param>
public sealed record ServiceCall(string ServiceId, string UserId, string AgentId, ReadOnlyMemory<byte> Body, Guid RunId, TimeSpan Deadline, long? HeldMicros = null) : OutsideCall
{
    /// <summary>Agents that the session may talk to, as its scopes say; whoever offers a skill is asked only where it is one of them.</summary>
    public IReadOnlyList<string> Peers { get; init; } = [];

    /// <summary>Agents on whose behalf it is run, from the root of the session's tree to the one whose run it is: none of them is asked for it.</summary>
    public IReadOnlyList<string> Path { get; init; } = [];

    /// <summary>The output of an equal run will do; null: it is called.</summary>
    public CacheWish? Cache { get; init; }

    /// <summary>The session whose run it is.</summary>
    public string SessionId { get; init; } = "";

    /// <summary>It is no run: nobody pays, the service is told so, and nothing of it counts for or against the service.</summary>
    public bool IsTry { get; init; }

    /// <summary>Its run is voided before this: a later outcome is nobody's.</summary>
    public static readonly OutsideKind Outside = new("service", Limits.RunVoidedAfter);

    public override OutsideKind Kind => Outside;
}

/// <summary>Closed: what came of a service's call.</summary>
public abstract record ServiceOutcome : StepOutcome
{
    private ServiceOutcome()
    {
    }

    /// <summary>Of a try: how long the service took, with all attempts and the pauses between them.</summary>
    public int TookMs { get; init; }

    /// <summary>The service gave its output.</summary>
    /// <param name="CostMicros">Of a metered service: what the run cost, at most what was held.</param>
    /// <param name="ServedBy">The agent that was chosen and did it; null: the service is one itself.</param>
    public sealed record Output(ReadOnlyMemory<byte> Body, int Attempts, long? CostMicros = null, string? ServedBy = null) : ServiceOutcome
    {
        /// <summary>Another run's output is the answer, and nobody was called; null: the service was.</summary>
        public CacheHit? Cached { get; init; }

        /// <summary>Of the definition by which the service was called; null: whoever called it does not say.</summary>
        public DateTimeOffset? DefinedAt { get; init; }
    }

    /// <summary>The service failed; <paramref name="Code"/> and <paramref name="Reason"/> are ours, never the service's words.</summary>
    public sealed record CallFailed(string Code, string Reason, int Attempts) : ServiceOutcome
    {
        /// <summary>The upstream tool's own words about the failure: untrusted text. Null if there are none, or if it is any other service: their error texts are not passed on.</summary>
        public string? Said { get; init; }

        /// <summary>The service's status says that the request is at fault: it would refuse the same input again.</summary>
        public bool IsOfInput { get; init; }
    }

    /// <summary>Nothing was sent to the service: where it is could not be learned in time, which says nothing of it.</summary>
    public sealed record NotCalled : ServiceOutcome;
}

using System.Text.Json.Serialization;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Services;
using Agora.X402;

namespace Agora.Core.Runs;

public sealed record Budget(long LimitMicros, long SpentMicros, long ReservedMicros, long RemainingMicros);

/// <summary>Requests of the current minute; the limit is the asking process's own setting.</summary>
public sealed record RateStanding(int Used, int ResetSeconds);

public enum RunState
{
    Pending = 1,
    AwaitingApproval = 2,
    Succeeded = 3,
    Failed = 4,

    /// <summary>In replies only: what is stored is a failure with the code <see cref="Codes.RunCancelled"/>.</summary>
    Cancelled = 5,
}

/// <param name="NotApproved">Its user was asked, and denied it or did not answer in time.</param>
public sealed record RunSummary(
    Guid RunId,
    string ServiceId,
    RunState State,
    long AmountMicros,
    string? CampaignId,
    string? FailureCode,
    DateTimeOffset RequestedAt,
    [property: JsonPropertyName("settled_at")] DateTimeOffset? ConcludedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool NotApproved = false);

/// <summary>Who paid, and why. <paramref name="Source"/>: sponsor, wallet, x402, free. <paramref name="Status"/>: posted, voided.</summary>
/// <param name="RelatedParty">Sponsor and provider have the same owner.</param>
/// <param name="FeeMicros">Of the amount, what the platform keeps.</param>
/// <param name="Nodes">Every limit that bound it, and every sum that a limit to come will bind, from the leaf up, parted by spaces: <c>session/{id}</c>, <c>user/{id}/{account}</c>; null: this session's only.</param>
/// <param name="SchemaHash">Of a sponsor's: SHA-256 of its task's schema, base64url.</param>
/// <param name="Settlement">Of a payment by x402: what moved.</param>
public sealed record Payment(
    Guid PaymentId,
    long AmountMicros,
    string Payer,
    string Source,
    string Status,
    string PayerKind,
    string PayerId,
    string Why,
    bool RelatedParty,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long FeeMicros = 0,
    string? Nodes = null,
    string? SchemaHash = null,
    PaymentSettlement? Settlement = null);

/// <summary>What whoever took a run back is answered, also when it asks again.</summary>
/// <param name="Budget">After it.</param>
public sealed record CancelledRun(Guid RunId, string ServiceId, Budget Budget);

/// <param name="Rate">As it was when the run was decided; null when the outcome comes from the journal, which knows nothing of rates.</param>
/// <param name="AboveMicros">The least that was left above this session when the run was reserved; null: no limit there, or not known.</param>
/// <param name="Near">Caps of which 80 % were spent or held when the run was, with it; null: none was, or it is not known.</param>
/// <param name="ApprovalUntil">Of a run that waits for approval: how long.</param>
/// <param name="ServedBy">The agent that was chosen for the service's skill; null: none was.</param>
/// <param name="Caller">Who may call the model now, of all who sent this command; null: nobody may, or there is none.</param>
/// <param name="For">The user and agent of a model's run that may be called now; null for any other run.</param>
/// <param name="Cached">Another run's output is the answer, and nobody was called; null: its service was.</param>
public sealed record RunView(
    Guid RunId,
    string ServiceId,
    RunState State,
    Personal? Output,
    Payment? Payment,
    Budget Budget,
    Rejection? Failure,
    RateStanding? Rate = null,
    long? AboveMicros = null,
    DateTimeOffset? ApprovalUntil = null,
    IReadOnlyList<NearLimit>? Near = null,
    string? ServedBy = null,
    Guid? Caller = null,
    CacheHit? Cached = null,
    RunParty? For = null);

/// <summary>The user and the agent of a run. A provider's circuit breaker tells their failures apart from those of others.</summary>
/// <param name="AgentId">The agent that proved its identity with a key. A name that a caller gives another would make one caller count as many.</param>
public sealed record RunParty(string UserId, string AgentId);

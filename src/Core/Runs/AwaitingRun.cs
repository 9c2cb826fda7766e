using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.X402;

namespace Agora.Core.Runs;

/// <summary>How a run stands that its user's grant lets begin only with the user's approval.</summary>
public enum ApprovalState
{
    Pending = 1,
    Approved = 2,
    Denied = 3,
    Expired = 4,

    /// <summary>Its session was ended, here or above, while it waited; or the run was cancelled.</summary>
    Ended = 5,
}

public static class ApprovalStates
{
    /// <summary>As tables and replies have it.</summary>
    public static string Name(this ApprovalState state) => state switch
    {
        ApprovalState.Pending => "pending",
        ApprovalState.Approved => "approved",
        ApprovalState.Denied => "denied",
        ApprovalState.Expired => "expired",
        ApprovalState.Ended => "ended",
        _ => throw new System.Diagnostics.UnreachableException(state.ToString()),
    };
}

/// <summary>The answer to whoever decides.</summary>
public sealed record ApprovalGiven(Guid RunId, ApprovalState Approval);

/// <summary>What the user is asked: the most that the run may cost, and until when it waits.</summary>
/// <param name="BeyondBudget">Its session's budget has no room for it, and is raised by what is missing if the user says yes.</param>
public sealed record WaitingFacts(
    long MaxMicros, DateTimeOffset RequestedAt, DateTimeOffset ExpiresAt, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool BeyondBudget = false);

/// <summary>A run that waits for its user's approval: all that is needed to begin it anew, as it was asked for. It holds nothing.</summary>
/// <param name="Paid">The payment by x402 that it brought, which nothing holds meanwhile: it must still be valid when the run is approved.</param>
/// <param name="Category">Of the service, for the scopes may have been narrowed by then; null: it is older than that is kept, or no service is run.</param>
/// <param name="Model">Whoever asked would have called it: approved, it is asked for anew, and this ends.</param>
/// <param name="Candidates">As the user's stream was asked, with <paramref name="Named"/>.</param>
public sealed record AwaitingRun(
    Guid RunId,
    string ServiceId,
    string Provider,
    string? Owner,
    WaitingFacts Waiting,
    AuditLine Line,
    IReadOnlyList<Candidate> Candidates,
    bool Named,
    bool Metered,
    bool OwnFund,
    int FeeBasisPoints,
    string? Memo = null,
    PresentedPayment? Paid = null,
    string? Category = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Asked = false,
    ModelCall? Model = null)
{
    public bool IsTransfer => Memo is not null;

    /// <summary>Sealed wherever it is kept; null after the user's personal data were erased.</summary>
    [JsonIgnore]
    public Personal? Input { get; init; }
}

/// <param name="Waited">What became of the approval of those that wait no more.</param>
public sealed record Approvals(ImmutableSortedDictionary<Guid, AwaitingRun> Awaiting, ImmutableSortedDictionary<Guid, ApprovalState> Waited)
{
    public static readonly Approvals None = new(ImmutableSortedDictionary<Guid, AwaitingRun>.Empty, ImmutableSortedDictionary<Guid, ApprovalState>.Empty);

    public Approvals With(AwaitingRun run) => this with { Awaiting = Awaiting.Add(run.RunId, run) };

    public Approvals Ended(Guid runId, ApprovalState approval) => new(Awaiting.Remove(runId), Waited.Add(runId, approval));
}

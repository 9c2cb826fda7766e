using Agora.Core.Kernel;

namespace Agora.Replay;

/// <summary>A run that happened, or was tried, and would have been refused.</summary>
/// <param name="ServiceId">Empty: a transfer of the agent's own.</param>
/// <param name="AmountMicros">What it cost if it succeeded; else what was to be held for it.</param>
/// <param name="Outcome">What really became of it.</param>
public sealed record RefusedRun(
    Guid RunId,
    string SessionId,
    string UserId,
    string AgentId,
    string ServiceId,
    DateTimeOffset RequestedAt,
    long AmountMicros,
    RecordedOutcome Outcome,
    Refuser By,
    Rejection Reason)
{
    /// <summary>What would not have been spent.</summary>
    public long PaidMicros => Outcome == RecordedOutcome.Succeeded ? AmountMicros : 0;
}

/// <param name="Kind">A limit by the name that its refusal has (daily_cap, monthly_cap, grant_total, session), or scope, sponsors, user.</param>
/// <param name="Id">Of the user, the grant's agent, or the session.</param>
public sealed record Refuser(string Kind, string Id)
{
    private const string Grant = "grant_total";
    private const string Session = "session";

    internal static Refuser OfUser(Rejection reason, string userId, string agentId) => reason.Code switch
    {
        Codes.BudgetExceeded => LimitOf(reason) is var limit && limit == Grant ? new(limit, agentId) : new(limit, userId),
        Codes.PaymentRequired => new("sponsors", userId),
        _ => new("user", userId),
    };

    internal static Refuser OfSession(Rejection reason, string sessionId) => new(reason.Code == Codes.ScopeViolation ? "scope" : Session, sessionId);

    private static string LimitOf(Rejection reason) => reason.FactOf("limit")!;
}

public enum RecordedOutcome
{
    /// <summary>Not decided as far as was read.</summary>
    Pending,
    Succeeded,
    Failed,
    Refused,
}

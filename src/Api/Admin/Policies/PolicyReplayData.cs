using Agora.Application.Values;
using Agora.Replay;

namespace Agora.Api.Admin.Policies;

/// <param name="RefusedAmountCents">Of the runs that really were paid.</param>
/// <param name="NotKnown">Runs of earlier releases, whose category was not recorded: narrower scopes may have refused them.</param>
/// <param name="Truncated">The answer is not whole: it ends before next_user_id, or users were left out.</param>
/// <param name="LeftOutUserIds">Their history is longer than one replay reads of a user.</param>
internal sealed record PolicyReplayData(
    DateTimeOffset From,
    DateTimeOffset To,
    ExaminedData Examined,
    IReadOnlyList<RefusedRunData> Refused,
    int RefusedCount,
    Cents RefusedAmountCents,
    int NotKnown,
    bool Truncated,
    string? NextUserId,
    IReadOnlyList<string> LeftOutUserIds,
    int Offset,
    int Limit)
{
    public static PolicyReplayData Of(ReplayRequest request, ReplayReport report) => new(
        request.From,
        request.To,
        new(report.Users, report.Sessions, report.Runs),
        [.. report.Refused.Select(RefusedRunData.Of)],
        report.RefusedCount,
        new(report.PaidMicros),
        report.NotKnown,
        report.NextUserId is not null || report.LeftOut.Count > 0,
        report.NextUserId,
        report.LeftOut,
        request.Offset,
        request.Limit);
}

/// <param name="Runs">Those that were decided anew.</param>
internal sealed record ExaminedData(int Users, int Sessions, int Runs);

/// <param name="ServiceId">Null: the agent paid another wallet.</param>
internal sealed record RefusedRunData(
    string RunId,
    string SessionId,
    string UserId,
    string AgentId,
    string? ServiceId,
    DateTimeOffset RequestedAt,
    Cents AmountCents,
    string Outcome,
    RefusedByData RefusedBy,
    string Code,
    string Message)
{
    public static RefusedRunData Of(RefusedRun run) => new(
        run.RunId.ToString("D"),
        run.SessionId,
        run.UserId,
        run.AgentId,
        run.ServiceId.Length == 0 ? null : run.ServiceId,
        run.RequestedAt,
        new(run.AmountMicros),
        run.Outcome switch
        {
            RecordedOutcome.Pending => "pending",
            RecordedOutcome.Succeeded => "succeeded",
            RecordedOutcome.Failed => "failed",
            RecordedOutcome.Refused => "refused",
            _ => throw new System.Diagnostics.UnreachableException(),
        },
        new(run.By.Kind, run.By.Id),
        run.Reason.Code,
        run.Reason.Message);
}

internal sealed record RefusedByData(string Kind, string Id);

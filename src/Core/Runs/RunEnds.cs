using Agora.Core.Kernel;

namespace Agora.Core.Runs;

/// <summary>The events by which a run is over.</summary>
public static class RunEnds
{
    public static bool IsEndOf(this RunEvent end, Guid runId) => end switch
    {
        RunEvent.Concluded e => e.RunId == runId,
        RunEvent.Refused e => e.RunId == runId,
        RunEvent.WaitEnded e => e.RunId == runId,
        _ => false,
    };

    /// <summary>What is said of a run that has come to nothing, now and whenever it is asked for again; null: it is not the end of such a run.</summary>
    public static Rejection? Refusal(this RunEvent end) => end switch
    {
        RunEvent.Concluded { Posted: false } e => RunRejection.RunFailed(e.RunId, e.FailureCode!, e.FailureMessage!, e.Output, e.IsOfInput),
        RunEvent.Refused { WasApproved: false } e => Of(e.RunId, e.Reason),
        RunEvent.Refused e => Waited(e.RunId, e.Reason),
        RunEvent.WaitEnded e => Waited(e.RunId, e.Outcome),
        _ => null,
    };

    private static Rejection Of(Guid runId, Rejection reason) => reason.With("run_id", runId.ToString("D"));

    // It was begun, and waited for approval: that it came to nothing is its outcome, and stands under its key.
    private static Rejection Waited(Guid runId, Rejection reason) => Of(runId, reason with { RetryWith = RetryWith.NewKey });
}

using Agora.Application.Calls;
using Agora.Application.Reading;
using Agora.Core.Kernel;
using Agora.Core.Runs;

namespace Agora.Application.Runs;

/// <summary>A run as its caller is shown it.</summary>
internal abstract record RunTaken(Guid RunId)
{
    /// <summary>It was sent to its session, which has it, and nothing else is known yet.</summary>
    public sealed record Begun(Guid RunId, string ServiceId, Budget Budget) : RunTaken(RunId);

    /// <summary>As its session knows it.</summary>
    public sealed record Known(RunView Run) : RunTaken(Run.RunId)
    {
        public bool IsUnderWay => Run.State is RunState.Pending or RunState.AwaitingApproval;
    }

    /// <summary>It is over, and its row and the journal have it.</summary>
    public sealed record Over(Guid RunId, RecordedRun Run, Budget Budget) : RunTaken(RunId)
    {
        public NamedRow Row => RecordedRuns.RowOf(Run);

        /// <summary>As of <see cref="RunStates"/>.</summary>
        public string State => Row.Text("state");
    }
}

/// <summary>What a request to run a service came to.</summary>
/// <param name="Payment">What there is to say of a payment by x402. Null if the request has nothing to do with one.</param>
internal sealed record RunStarted(Result<RunTaken> Result, PaymentSaid? Payment = null);

/// <summary>A run in a list.</summary>
internal sealed record RunLine(Guid RunId, string ServiceId, string State, long AmountMicros, string? CampaignId, string? FailureCode, DateTimeOffset RequestedAt, DateTimeOffset? SettledAt)
{
    public static RunLine Of(RunSummary run) => new(
        run.RunId, run.ServiceId, RunStates.Name(run.FailureCode == Codes.RunCancelled ? RunState.Cancelled : run.State), run.AmountMicros, run.CampaignId, run.FailureCode, run.RequestedAt, run.ConcludedAt);

    public static RunLine Of(NamedRow row) => new(
        Guid.Parse(row.Text("run_id")),
        row.Text("service_id"),
        row.Text("state"),
        row.Number("amount_micros"),
        row.OptionalText("campaign_id"),
        row.OptionalText("failure_code"),
        row.Time("requested_at"),
        row.OptionalTime("settled_at"));
}

/// <summary>A page of a session's runs, newest first.</summary>
/// <param name="Total">Null if too many match to be counted.</param>
internal sealed record RunPage(IReadOnlyList<RunLine> Runs, Total Total);

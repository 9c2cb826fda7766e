
namespace Agora.Core.Runs;

/// <summary>How runs that have no outcome yet are shown.</summary>
internal static class RunViews
{
    /// <summary>Null: the run is neither under way nor does it wait.</summary>
    public static RunView? Of(Leaf leaf, Guid runId, DateTimeOffset now) =>
        leaf.Pending.TryGetValue(runId, out var run) ? new(run.RunId, run.ServiceId, RunState.Pending, null, null, leaf.BudgetView, null, leaf.RateAt(now), run.AboveMicros)
        : leaf.Awaiting.TryGetValue(runId, out var awaiting) ? Of(leaf, awaiting, now)
        : null;

    public static RunView Of(Leaf leaf, AwaitingRun run, DateTimeOffset now) => new(
        run.RunId, run.ServiceId, RunState.AwaitingApproval, null, null, leaf.BudgetView, null, leaf.RateAt(now), ApprovalUntil: run.Waiting.ExpiresAt);

    public static RunView Cancelled(Leaf leaf, Guid runId, string serviceId, Budget budget, DateTimeOffset now) =>
        Of(new(runId, serviceId, budget)) with { Rate = leaf.RateAt(now) };

    public static RunView Of(CancelledRun run) => new(run.RunId, run.ServiceId, RunState.Cancelled, null, null, run.Budget, RunRejection.Cancelled);

    /// <summary>Newest first, those that wait after those under way. A transfer is shown only to whoever asks for it.</summary>
    public static List<RunSummary> Open(Leaf leaf) =>
        [.. leaf.Pending.Values.Where(r => !r.IsTransfer).Reverse().Select(Summary), .. leaf.Awaiting.Values.Where(r => !r.IsTransfer).Reverse().Select(Summary)];

    /// <summary>That run, a transfer too; none: it is neither under way nor does it wait.</summary>
    public static IReadOnlyList<RunSummary> Open(Leaf leaf, Guid runId) =>
        leaf.Pending.TryGetValue(runId, out var run) ? [Summary(run)]
        : leaf.Awaiting.TryGetValue(runId, out var awaiting) ? [Summary(awaiting)]
        : [];

    private static RunSummary Summary(PendingRun run) => new(run.RunId, run.ServiceId, RunState.Pending, run.PriceMicros, null, null, run.RequestedAt, null);

    private static RunSummary Summary(AwaitingRun run) => new(run.RunId, run.ServiceId, RunState.AwaitingApproval, run.Waiting.MaxMicros, null, null, run.Waiting.RequestedAt, null);
}

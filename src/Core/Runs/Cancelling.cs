using Agora.Core.Kernel;
using Agora.Core.Services;
using RunDecision = Agora.Core.Kernel.Decision<Agora.Core.Runs.Leaf, Agora.Core.Runs.LeafEvent>;

namespace Agora.Core.Runs;

/// <summary>
/// A run is taken back while this stream still decides it: under way, or waiting for approval. It fails as any other does, so every hold is voided and
/// nothing is spent. One whose payment is being settled is its payer's wallet's to decide, and is not cancelled. Nor is one for which an agent is asked: its reply is read where it is said, so the
/// conversation decides it, by the reply or the deadline.
/// <para>Its service is told, once and for a short time. Whether it heard decides nothing: an output that comes later is nobody's.</para>
/// </summary>
internal static class Cancelling
{
    /// <summary>Of a run that is under way or waits; null: this leaf has no such run.</summary>
    public static Rejection? Refusal(Leaf leaf, Guid runId) =>
        !leaf.Pending.TryGetValue(runId, out var run) ? null
        : run.Settling is not null ? RunRejection.Decided(runId, RunRejection.Settling)
        : run.Calling is not null ? RunRejection.IsCalled(runId)
        : run.Asked ? RunRejection.IsAsked(runId) : null;

    public static bool IsOpen(Leaf leaf, Guid runId) => leaf.Pending.ContainsKey(runId) || leaf.Awaiting.ContainsKey(runId);

    public static RunDecision Cancel(Leaf leaf, RunCommand.Cancel c, Context context)
    {
        Invariant.Check(Refusal(leaf, c.RunId) is null, "only_what_is_its_own_is_cancelled");
        return leaf.Pending.TryGetValue(c.RunId, out var run) ? Cancel(leaf, run, c, context) : Approving.Cancel(leaf, leaf.Awaiting[c.RunId], c, context.Now);
    }

    private static RunDecision Cancel(Leaf leaf, PendingRun run, RunCommand.Cancel c, Context context)
    {
        var concluded = Concluding.Failed(leaf, run, Codes.RunCancelled, RunRejection.Cancelled.Message, 0) with { By = c.By, Reason = c.Reason };
        var view = RunViews.Cancelled(leaf, run.RunId, run.ServiceId, concluded.BudgetAfter, context.Now);
        var decision = Concluding.Conclude(RunDecision.Accept(view, concluded), leaf, run, concluded, context);
        return run.IsTransfer ? decision : decision.Then(Tell(run));
    }

    // It may not have been called yet: it need not know the key.
    private static Step Tell(PendingRun run) => new(Phase.AfterCommit, new StepTarget.Outside(new ServiceCancel(run.ServiceId, run.RunId)), static _ => null);
}

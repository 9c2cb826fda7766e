using Agora.Core.Kernel;
using Agora.Core.Services;
using RunDecision = Agora.Core.Kernel.Decision<Agora.Core.Runs.Leaf, Agora.Core.Runs.LeafEvent>;

namespace Agora.Core.Runs;

/// <summary>All hold the price: the service is called. A transfer is concluded, for it has none.</summary>
internal static class Serving
{
    // The answer must be here before the run is voided. Many sponsors that were asked in vain may have left no time for a call.
    public static RunDecision Call(Leaf leaf, PendingRun run, Personal input, Context context)
    {
        if (run.IsTransfer) return Concluding.Conclude(leaf, run, Concluding.Paid(leaf, run, run.PriceMicros, null, 0, context), context);

        if (run.Model is not null) return Calling.Begin(leaf, run, context);

        var left = run.VoidAfter - context.Now - TimeSpan.FromSeconds(1);
        if (left <= TimeSpan.Zero) return Concluding.Refuse(leaf, run, RunRejection.Unreachable, context);

        return RunDecision.NoChange.Then(new Step(
            Phase.AfterCommit,
            new StepTarget.Outside(new ServiceCall(run.ServiceId, leaf.UserId!, leaf.Grantee, input.Utf8, run.RunId, left < Limits.RunDeadline ? left : Limits.RunDeadline, run.Metered ? run.PriceMicros : null)
            {
                Peers = leaf.Scopes.Peers ?? [],
                Path = [.. leaf.Path.Select(node => node.AgentId), leaf.AgentId!],
                Cache = run.IsX402 ? null : run.Cache,
                SessionId = leaf.SessionId,
            }),
            outcome => new RunCommand.ServiceAnswered(run.RunId, outcome, run.SchemaHash),
            run.RunId));
    }

    public static RunDecision Answered(Leaf leaf, RunCommand.ServiceAnswered c, Context context)
    {
        if (!leaf.Pending.TryGetValue(c.RunId, out var run))
        {
            return RunDecision.NoChange; // a late answer of a run that was voided
        }

        return c.Outcome switch
        {
            ServiceOutcome.Output output when run.IsX402 => Settling.Begin(leaf, run, output),
            ServiceOutcome.Output output => Paid(leaf, run with { SchemaHash = c.SchemaHash }, output, context),
            ServiceOutcome.CallFailed failed => Concluding.Conclude(leaf, run, Concluding.Failed(leaf, run, failed.Code, failed.Reason, failed.Attempts, failed.Said) with { IsOfInput = failed.IsOfInput }, context).Then(Caching.Nothing(leaf, run)),
            ServiceOutcome.NotCalled => Concluding.Refuse(leaf, run, RunRejection.ServiceOutOfReach, context).Then(Caching.Nothing(leaf, run)),
            _ => Concluding.Conclude(leaf, run, Concluding.Failed(leaf, run, Codes.UpstreamFailed, "The service gave no outcome.", 0), context).Then(Caching.Nothing(leaf, run)),
        };
    }

    private static RunDecision Paid(Leaf leaf, PendingRun run, ServiceOutcome.Output output, Context context)
    {
        var (amount, body) = (Math.Min(output.CostMicros ?? run.PriceMicros, run.PriceMicros), new Personal(output.Body));
        var paid = Concluding.Paid(leaf, run, amount, body, output.Attempts, context, output.ServedBy) with { Cached = output.Cached };
        return Concluding.Conclude(leaf, run, paid, context).Then(Caching.Output(leaf, run, output, amount));
    }
}

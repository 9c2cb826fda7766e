using Agora.Core.Kernel;
using RunDecision = Agora.Core.Kernel.Decision<Agora.Core.Runs.Leaf, Agora.Core.Runs.LeafEvent>;

namespace Agora.Core.Runs;

/// <summary>
/// A model is called by whoever asked for the run, for what it writes goes to its client as it comes; here is decided what that costs.
/// <list type="bullet">
/// <item>Before <see cref="RunEvent.CallBegun"/> is durable nothing was sent: such a run is voided as any other is.</item>
/// <item>From then on, whoever asked says how it ended: nothing was sent, this was spent, or nobody knows. What nobody knows is posted as it was held, and marked as an estimate.</item>
/// <item>It says every few seconds that it is still there. Who has said nothing for <see cref="Limits.ModelLostAfter"/> is gone, or who takes longer than <see cref="Limits.ModelCallAtMost"/>: its run ends as one of which nobody knows.</item>
/// </list>
/// So a provider's bill is never more than what was posted, unless it counts more than was bounded: that is told.
/// </summary>
internal static class Calling
{
    public static RunDecision Begin(Leaf leaf, PendingRun run, Context context)
    {
        if (context.Now >= run.VoidAfter) return Concluding.Refuse(leaf, run, RunRejection.Unreachable, context);

        var heard = run with { HeardAt = context.Now };
        var begun = new RunEvent.CallBegun(run.RunId, run.UserNodes, run.Campaign is null ? null : run.WhyNamed, run.SchemaHash);
        var view = new RunView(run.RunId, run.ServiceId, RunState.Pending, null, null, leaf.BudgetView, null, leaf.RateAt(context.Now), run.AboveMicros, Near: Concluding.NearLimits(leaf, run), Caller: run.Model!.Caller, For: new(leaf.UserId!, leaf.Grantee));
        return RunDecision.Did(begun).WithSoft(leaf.With(heard)).Answering(run.RunId, Answer.Of(view));
    }

    /// <summary>Also before it has begun, where whoever asked will not make it.</summary>
    public static RunDecision End(Leaf leaf, RunCommand.EndCall c, Context context)
    {
        if (!leaf.Pending.TryGetValue(c.RunId, out var run) || run.Model?.Caller != c.Caller) return RunDecision.Reject(RunRejection.NoCall);
        if (run.Calling is null && c.End.Standing != CallStanding.Unsent) return RunDecision.Reject(RunRejection.NoCall);

        var concluded = Ended(leaf, run, c.End, context);
        var outcome = Concluding.Outcome(concluded, leaf.RateAt(context.Now), run.AboveMicros + (run.PriceMicros - concluded.AmountMicros));
        return Concluding.Conclude(outcome.Reply is { } view ? RunDecision.Accept(view, concluded) : RunDecision.Reject(outcome.Rejection!, concluded), leaf, run, concluded, context);
    }

    public static RunDecision GoOn(Leaf leaf, RunCommand.CallsGoOn c, Context context)
    {
        var known = c.RunIds.Where(id => leaf.Pending.GetValueOrDefault(id)?.Calling is not null).ToList();
        var heard = known.Aggregate(leaf, (state, id) => state.With(state.Pending[id] with { HeardAt = context.Now }));
        return RunDecision.Query(new CallsKnown(known)).WithSoft(heard);
    }

    /// <summary>A restart has heard of nobody: whoever calls has as long to be heard as it has from one word to the next.</summary>
    public static RunDecision Sought(Leaf leaf, Guid runId, Context context)
    {
        if (!leaf.Pending.TryGetValue(runId, out var run) || run.Calling is not { } calling) return RunDecision.NoChange;
        if (context.Now < calling.At + Limits.ModelCallAtMost)
        {
            if (run.HeardAt is not { } heard) return RunDecision.NoChange.WithSoft(leaf.With(run with { HeardAt = context.Now }));
            if (context.Now < heard + Limits.ModelLostAfter) return RunDecision.NoChange;
        }

        return Concluding.Conclude(leaf, run, Ended(leaf, run, ModelCallEnd.Lost, context), context);
    }

    public static Step Seek(PendingRun run) => new(Phase.AfterCommit, new StepTarget.Self(), _ => new RunCommand.CallSought(run.RunId));

    private static RunEvent.Concluded Ended(Leaf leaf, PendingRun run, ModelCallEnd end, Context context)
    {
        var (spent, known) = end.Standing switch
        {
            CallStanding.Unsent => (0L, true),
            CallStanding.Known => (Math.Min(end.CostMicros, run.PriceMicros), true),
            _ => (run.PriceMicros, false),
        };
        var called = new CalledModel(
            run.Model!.Prices, run.PriceMicros, end.Usage, end.ProviderId, end.Tier, !known, Math.Max(0, end.CostMicros - run.PriceMicros), end.FirstMs, end.TookMs, end.FailureCode, run.Model.Route, end.CachedFrom);
        var asked = run.Calling is { } calling ? run with { UserNodes = calling.UserNodes, SchemaHash = calling.SchemaHash } : run;
        return (end.Standing == CallStanding.Unsent
            ? Concluding.Failed(leaf, asked, end.FailureCode ?? Codes.Unavailable, end.FailureMessage ?? "The model was not called.", 0)
            : Concluding.Paid(leaf, asked, spent, null, 1, context)) with { Model = called };
    }
}

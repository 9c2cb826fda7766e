using Agora.Core.Kernel;
using Agora.Core.Nodes;
using RunDecision = Agora.Core.Kernel.Decision<Agora.Core.Runs.Leaf, Agora.Core.Runs.LeafEvent>;

namespace Agora.Core.Runs;

/// <summary>A run of a delegated session is held on every budget from the leaf to the root: those above are asked all at once, beside the leaf's own append.</summary>
internal static class AskingAbove
{
    public static IEnumerable<Step> Ask(Leaf leaf, RunEvent.Requested run, Personal input, DateTimeOffset now, bool approved) => leaf.Path.Select((node, place) =>
    {
        var branch = place + 1 < leaf.Path.Length ? leaf.Path[place + 1].SessionId : leaf.SessionId;
        var hold = RunHolds.Above(now, run.RunId, run.HoldsAbove, approved, place);
        return NodeSteps.Ask(
            Phase.AtOnce,
            RunHolds.Session(leaf, node.SessionId),
            new(hold, leaf.Stream, run.RunId, run.PriceMicros, new ReserveTerms.OfSession(branch, run.Model?.Tokens)),
            Limits.ReserveDeadline,
            run.RunId,
            outcome => new RunCommand.AncestorAnswered(run.RunId, hold, place, outcome, input));
    });

    public static RunDecision Answered(Leaf leaf, RunCommand.AncestorAnswered c, Context context)
    {
        if (!leaf.Pending.TryGetValue(c.RunId, out var run) || RunHolds.Above(run, c.Place) != c.HoldId) return RunDecision.NoChange;
        if (c.Outcome is not StepOutcome.Answered { Answer: var answer }) return Concluding.Refuse(leaf, run, RunRejection.Unreachable, context);
        if (answer.Reply is not SessionReserved reserved) return Concluding.Refuse(leaf, run, answer.Rejection!, context);

        run = run with { Agreed = run.Agreed | (1 << c.Place), AboveMicros = PendingRun.Least(run.AboveMicros, reserved.RemainingMicros), Near = reserved.Near is { } near ? [.. run.Near ?? [], near] : run.Near };
        leaf = leaf.With(run);
        var decision = run.Stage is RunStage.Held ? Ready(leaf, run, c.Input, context) : RunDecision.NoChange;
        return decision.Soft is null ? decision.WithSoft(leaf) : decision;
    }

    /// <summary>User and fund hold the price; the service is called when every session above does too.</summary>
    public static RunDecision Ready(Leaf leaf, PendingRun run, Personal input, Context context) => run.Agreed == leaf.AllAgreed
        ? Serving.Call(leaf, run, input, context)
        : RunDecision.NoChange.WithSoft(leaf.With(run.Stage is RunStage.Held ? run : run with { Stage = new RunStage.Held(run.Stage) }));
}

using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Users;
using Agora.X402;
using RunDecision = Agora.Core.Kernel.Decision<Agora.Core.Runs.Leaf, Agora.Core.Runs.LeafEvent>;

namespace Agora.Core.Runs;

/// <summary>The user's limits hold the price, and the user's stream names the campaign in turn; again, when that one has refused.</summary>
internal static class AskingUser
{
    public static Step Ask(Leaf leaf, RunEvent.Requested run, IReadOnlyList<Candidate> candidates, bool named, string? category, Personal input, bool approved, PresentedPayment? paid)
    {
        string[]? above = leaf.Path.IsEmpty ? null : [.. leaf.Path.Select(node => node.AgentId)];
        var terms = new ReserveTerms.OfUser(leaf.AgentId!, candidates, named, above, run.OwnFund, approved, run.ServiceId.Length == 0 ? null : run.ServiceId, category, Unfunded: run.Model is { Charges: false });
        return NodeSteps.Ask(
            Phase.AtOnce,
            RunHolds.User(leaf),
            new(run.UserHold, leaf.Stream, run.RunId, run.PriceMicros, terms),
            Limits.ReserveDeadline,
            run.RunId,
            outcome => new RunCommand.UserAnswered(run.RunId, run.UserHold, outcome, input, terms, paid));
    }

    /// <summary>A fund's refusal keeps the limits' holds and moves on to the next candidate.</summary>
    public static Step AskNext(Leaf leaf, PendingRun run, Rejection refused, Personal input) => new(
        Phase.AfterCommit,
        new StepTarget.Entity(RunHolds.User(leaf), new UserCommand.NextFund(run.UserHold, run.Campaign!.CampaignId, refused.Code, run.OwnFund, refused.FactOf("limit")), Limits.ReserveDeadline),
        outcome => new RunCommand.UserAnswered(run.RunId, run.UserHold, outcome, input),
        run.RunId);

    public static RunDecision Answered(Leaf leaf, RunCommand.UserAnswered c, Context context)
    {
        if (!leaf.Pending.TryGetValue(c.RunId, out var run) || run.UserHold != c.HoldId)
        {
            return RunDecision.NoChange; // voided meanwhile: the user's hold follows that
        }

        return c.Outcome switch
        {
            StepOutcome.Answered { Answer.Reply: UserReserved reserved } => Reserved(leaf, run, reserved, c.Input, context),
            StepOutcome.Answered { Answer.Reply: ApprovalNeeded } when run.Model is not null => Concluding.Refuse(leaf, run, RunRejection.ModelNeedsApproval(leaf.Grantee, run.PriceMicros), context),
            StepOutcome.Answered { Answer.Reply: ApprovalNeeded } => Approving.Await(leaf, run, c.Asked!, c.Input, c.Paid, context),
            StepOutcome.Answered { Answer.Rejection: var refused } => Concluding.Refuse(leaf, run, refused!, context),
            _ => Concluding.Refuse(leaf, run, RunRejection.Unreachable, context),
        };
    }

    private static RunDecision Reserved(Leaf leaf, PendingRun run, UserReserved reserved, Personal input, Context context)
    {
        var limited = reserved.RemainingMicros is not null;
        if (limited && !leaf.Capped)
        {
            leaf = leaf with { Capped = true };
        }

        var joins = reserved.Campaign?.CampaignId == run.Campaign?.CampaignId && run.FundHold is not null;
        run = run with
        {
            Stage = joins && run.Stage is RunStage.Asking asking ? asking with { Named = reserved } : run.Stage,
            UserNodes = reserved.Nodes ?? run.UserNodes,
            Near = reserved.Near is { } near ? [.. run.Near ?? [], .. near] : run.Near,
            AboveMicros = PendingRun.Least(run.AboveMicros, reserved.RemainingMicros),
        };
        var decision = run.PriceMicros == 0 || run.IsUnfunded ? AskingAbove.Ready(leaf, run, input, context)
            : joins ? AskingFund.Joined(leaf, run, input, context)
            : reserved.Campaign is { } named ? AskingFund.AskCampaign(leaf, run, named, reserved, input, context)
            : AskingFund.AskWallet(leaf, run, reserved.Why, input, context);
        return decision.Soft is null ? decision.WithSoft(leaf.With(run)) : decision; // also what no limit binds is counted, and the payment names who counts it
    }
}

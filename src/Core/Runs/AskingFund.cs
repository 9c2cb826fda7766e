using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.X402;
using RunDecision = Agora.Core.Kernel.Decision<Agora.Core.Runs.Leaf, Agora.Core.Runs.LeafEvent>;

namespace Agora.Core.Runs;

/// <summary>
/// The fund that pays holds the price. The one that most likely pays is guessed and asked at the same time as the user; the guess counts only once the user's stream
/// has named that very fund. One that was guessed wrong is told to void, by a follower of its own, and the named one is asked.
/// </summary>
internal static class AskingFund
{
    /// <summary>Whoever paid last for this service, else the first in order. Null where a fund would need what only the user's answer has.</summary>
    public static Candidate? Guess(Leaf leaf, RunCommand.RunService c, long held)
    {
        if (held == 0 || c.Candidates.Count == 0) return null;

        var guess = c.Candidates[0];
        if (LastPayer(leaf, c.Service!.ServiceId) is { } payer)
        {
            guess = c.Candidates.FirstOrDefault(f => f.CampaignId == payer) ?? guess;
        }

        return guess.NeedsAttributes ? null : guess;
    }

    public static Step AskGuess(Leaf leaf, RunEvent.Requested run, Personal input, PresentedPayment? paid)
    {
        var hold = run.FundHold!.Value;
        ReserveTerms terms = run.Guess is null
            ? new ReserveTerms.OfWallet(run.Provider, run.FeeBasisPoints, run.Memo, paid)
            : new ReserveTerms.OfCampaign(run.ServiceId, run.Provider, Attributes: null, run.FeeBasisPoints, run.Owner);
        return NodeSteps.Ask(
            Phase.AtOnce,
            run.Guess is { } guess ? RunHolds.Campaign(leaf, guess.CampaignId) : RunHolds.Wallet(leaf, run.Wallet!),
            new(hold, leaf.Stream, run.RunId, run.PriceMicros, terms),
            paid is null ? Limits.ReserveDeadline : Limits.PresentDeadline,
            run.RunId,
            outcome => new RunCommand.FundAnswered(run.RunId, hold, outcome, input));
    }

    public static RunDecision AskCampaign(Leaf leaf, PendingRun run, Candidate campaign, UserReserved reserved, Personal input, Context context)
    {
        var leaves = Leaves(run);
        var chosen = new RunEvent.FundChosen(run.RunId, context.NewId(1), campaign, reserved.Why, leaves);
        var terms = new ReserveTerms.OfCampaign(run.ServiceId, run.Provider, reserved.Attributes, run.FeeBasisPoints, run.Owner);
        return AskChosen(leaf, run, chosen, RunHolds.Campaign(leaf, campaign.CampaignId), terms, chosen.FundHold, leaves, input);
    }

    public static RunDecision AskWallet(Leaf leaf, PendingRun run, string why, Personal input, Context context)
    {
        Invariant.Check(run.OwnFund, "a_fund_is_named");
        var leaves = Leaves(run);
        var chosen = new RunEvent.WalletChosen(run.RunId, context.NewId(1), leaf.OwnWallet, $"{why} The agent's wallet pays.", leaves);
        var terms = new ReserveTerms.OfWallet(run.Provider, run.FeeBasisPoints);
        return AskChosen(leaf, run, chosen, RunHolds.Wallet(leaf, chosen.Wallet), terms, chosen.FundHold, leaves, input);
    }

    public static RunDecision Answered(Leaf leaf, RunCommand.FundAnswered c, Context context)
    {
        if (!leaf.Pending.TryGetValue(c.RunId, out var run) || run.FundHold != c.HoldId) return RunDecision.NoChange;

        return run.Stage is RunStage.Asking asking
            ? Joined(leaf, run with { Stage = asking with { Guessed = c.Outcome } }, c.Input, context)
            : Said(leaf, run, c.Outcome, c.Input, context);
    }

    /// <summary>The user's answer and the guessed fund's come in any order; the first is kept until the other is here.</summary>
    public static RunDecision Joined(Leaf leaf, PendingRun run, Personal input, Context context)
    {
        var heard = leaf.With(run);
        if (run.Stage is not RunStage.Asking { Named: { } named, Guessed: { } outcome }) return RunDecision.NoChange.WithSoft(heard);

        // Asked without attributes, by a definition that is older than the campaign's own: it is asked again with them.
        if (outcome is StepOutcome.Answered { Answer.Rejection.Code: Codes.NotEligible } && named.Attributes is not null)
        {
            return AskCampaign(heard, run, run.Campaign!, named, input, context);
        }

        var decision = Said(heard, run, outcome, input, context);
        return decision.Soft is null ? decision.WithSoft(heard) : decision;
    }

    private static RunDecision Said(Leaf leaf, PendingRun run, StepOutcome outcome, Personal input, Context context) => outcome switch
    {
        StepOutcome.Answered { Answer.Reply: FundReserved reserved } => AskingAbove.Ready(leaf, run with { SchemaHash = reserved.SchemaHash }, input, context),
        StepOutcome.Answered { Answer.Rejection: { } tooLittle } when run.Wallet is not null => Concluding.Refuse(leaf, run, tooLittle, context),
        StepOutcome.Answered { Answer.Rejection: { } refused } => RunDecision.NoChange.Then(AskingUser.AskNext(leaf, run, refused, input)),
        _ => Concluding.Refuse(leaf, run, RunRejection.Unreachable, context),
    };

    private static RunDecision AskChosen(Leaf leaf, PendingRun run, RunEvent chosen, StreamId fund, ReserveTerms terms, Guid hold, bool leaves, Personal input) =>
        RunDecision.Did(chosen).Ride(Riding.UntilAlarm)
            .Then(NodeSteps.Ask(
                Phase.AfterCommit, fund, new(hold, leaf.Stream, run.RunId, run.PriceMicros, terms), Limits.ReserveDeadline, run.RunId, outcome => new RunCommand.FundAnswered(run.RunId, hold, outcome, input)))
            .Then(leaves ? Telling.Tell(RunHolds.LeftBy(leaf, run)) : []);

    // A fund that was named before has refused, or it would not be left; a guessed one may hold, or hold yet.
    private static bool Leaves(PendingRun run) => run.Stage is RunStage.Asking { MayHold: true };

    private static string? LastPayer(Leaf leaf, string serviceId)
    {
        foreach (var run in leaf.Recent)
        {
            if (run.CampaignId is not null && run.ServiceId == serviceId) return run.CampaignId;
        }

        return null;
    }
}

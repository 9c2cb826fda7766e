using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Core.Wallets;
using RunDecision = Agora.Core.Kernel.Decision<Agora.Core.Runs.Leaf, Agora.Core.Runs.LeafEvent>;

namespace Agora.Core.Runs;

/// <summary>
/// The end of a run that is paid by x402. Its service has worked and its output is durable here, before its payer's wallet is told to have
/// the money moved; then the run is neither voided nor abandoned: the wallet is asked, again with each alarm, until it says how that ended.
/// Only a settled payment delivers the output.
/// </summary>
internal static class Settling
{
    public static RunDecision Begin(Leaf leaf, PendingRun run, ServiceOutcome.Output output)
    {
        if (run.Settling is not null)
        {
            return RunDecision.NoChange; // a late answer besides the first
        }

        var begun = new RunEvent.SettlementBegun(run.RunId, output.CostMicros ?? run.PriceMicros, output.Attempts, run.UserNodes, output.ServedBy) { Output = new(output.Body) };
        return RunDecision.Did(begun).Then(Ask(leaf, run));
    }

    public static Step Ask(Leaf leaf, PendingRun run) => new(
        Phase.AfterCommit,
        new StepTarget.Entity(RunHolds.Wallet(leaf, run.Wallet!), new WalletCommand.Settle(run.FundHold!.Value)),
        outcome => outcome is StepOutcome.Answered { Answer.Reply: PaymentEnd end } ? new RunCommand.PaymentEnded(run.RunId, end) : null,
        run.RunId);

    public static RunDecision Ended(Leaf leaf, RunCommand.PaymentEnded c, Context context)
    {
        if (!leaf.Pending.TryGetValue(c.RunId, out var run)) return RunDecision.NoChange;

        Invariant.Check(run.Settling is not null, "settlement_was_begun");
        var settling = run.Settling;
        return Concluding.Conclude(
            leaf,
            run,
            c.End.Standing switch
            {
                IncomingStanding.Settled => Delivered(leaf, run, settling, c.End, context),
                IncomingStanding.Refused => Concluding.Failed(
                    leaf, run, Codes.PaymentRequired, $"The payment was refused when it was to be settled ({c.End.Reason}); nothing was paid, and nothing is delivered.", settling.Attempts),
                _ => Concluding.Failed(leaf, run, Codes.UpstreamTimeout, "Whether the payment was settled could not be learned; nothing is delivered, and an operator can look.", settling.Attempts),
            },
            context);
    }

    private static RunEvent.Concluded Delivered(Leaf leaf, PendingRun run, RunStage.Settling settling, PaymentEnd end, Context context)
    {
        var paid = Concluding.Paid(leaf, run with { UserNodes = settling.UserNodes }, settling.AmountMicros, settling.Output, settling.Attempts, context, settling.ServedBy);
        return paid with { Payment = paid.Payment! with { Settlement = end.Settlement } };
    }
}

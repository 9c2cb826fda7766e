using Agora.Core.Services;
using Agora.Core.Kernel;
using Agora.Core.Wallets;
using SessionDecision = Agora.Core.Kernel.Decision<Agora.Core.Sessions.SessionState, Agora.Core.Sessions.SessionEvent>;

namespace Agora.Core.Sessions;

/// <summary>
/// The end of a run that is paid by x402. Its service has worked and its output is durable here, before its payer's wallet is told to have
/// the money moved; then the run is neither voided nor abandoned: the wallet is asked, again with each alarm, until it says how that ended.
/// Only a settled payment delivers the output.
/// </summary>
public sealed partial class SessionDecider
{
    private static SessionDecision BeginSettlement(SessionState state, PendingRun run, ServiceOutcome.Output output)
    {
        if (run.Settling is not null)
        {
            return Done; // a late answer besides the first
        }

        var begun = new SessionEvent.SettlementBegun(run.RunId, output.CostMicros ?? run.PriceMicros, output.Attempts, run.UserNodes) { Output = new(output.Body) };
        return SessionDecision.Did(begun).Then(TellToSettle(state, run));
    }

    private static Step TellToSettle(SessionState state, PendingRun run) => new(
        Phase.AfterCommit,
        new StepTarget.Entity(new(state.Tenant, Kinds.Wallet, run.Wallet!), new WalletCommand.Settle(run.FundHold!.Value)),
        outcome => outcome is StepOutcome.Answered { Answer.Reply: PaymentEnd end } ? new SessionCommand.PaymentEnded(run.RunId, end) : null,
        run.RunId);

    private static SessionDecision PaymentEnded(SessionState state, SessionCommand.PaymentEnded c, Context context)
    {
        if (!state.Pending.TryGetValue(c.RunId, out var run))
        {
            return Done;
        }

        Invariant.Check(run.Settling is not null, "settlement_was_begun");
        var settling = run.Settling;
        return Conclude(
            state,
            run,
            c.End.Standing switch
            {
                IncomingStanding.Settled => Delivered(state, run, settling, c.End, context),
                IncomingStanding.Refused => Failed(state, run, Codes.PaymentRequired, $"The payment was refused when it was to be settled ({c.End.Reason}); nothing was paid, and nothing is delivered.", settling.Attempts),
                _ => Failed(state, run, Codes.UpstreamTimeout, "Whether the payment was settled could not be learned; nothing is delivered, and an operator can look.", settling.Attempts),
            },
            context);
    }

    private static SessionEvent.RunConcluded Delivered(SessionState state, PendingRun run, RunStage.Settling settling, PaymentEnd end, Context context)
    {
        var paid = Paid(state, run with { UserNodes = settling.UserNodes }, settling.AmountMicros, settling.Output, settling.Attempts, context);
        return paid with { Payment = paid.Payment! with { Settlement = end.Settlement } };
    }
}

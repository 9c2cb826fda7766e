using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Users;
using Agora.X402;
using SessionDecision = Agora.Core.Kernel.Decision<Agora.Core.Sessions.SessionState, Agora.Core.Sessions.SessionEvent>;

namespace Agora.Core.Sessions;

/// <summary>
/// Who holds a run's price besides this session: its user's limits, and the fund that the user's stream names. The fund that most
/// likely pays is guessed and asked at the same time as the user; the guess counts only once the user has named that very fund.
/// One that was guessed wrong is told to void, by a follower of its own, and the named one is asked. Nothing is called before
/// both have said yes, and every session above.
/// </summary>
public sealed partial class SessionDecider
{
    private const string X402Presented = "The request brought a payment by x402.";
    private const string WalletAsked = "The request asked for the agent's wallet, or no sponsor covers the service.";

    /// <summary>Whoever paid last for this service, else the first in order. Null where a fund would need what only the user's answer has.</summary>
    private static Candidate? Guess(SessionState state, SessionCommand.RunService c, ServiceTerms service, long held)
    {
        if (held == 0 || c.Candidates.Count == 0)
        {
            return null;
        }

        var guess = c.Candidates[0];
        if (LastPayer(state, service.ServiceId) is { } payer)
        {
            guess = c.Candidates.FirstOrDefault(f => f.CampaignId == payer) ?? guess;
        }

        return guess.NeedsAttributes ? null : guess;
    }

    private static string? LastPayer(SessionState state, string serviceId)
    {
        foreach (var run in state.Recent)
        {
            if (run.CampaignId is not null && run.ServiceId == serviceId)
            {
                return run.CampaignId;
            }
        }

        return null;
    }

    private static Step AskUser(SessionState state, SessionEvent.RunRequested run, IReadOnlyList<Candidate> candidates, bool named, Personal input, bool approved, PresentedPayment? paid)
    {
        var terms = new ReserveTerms.OfUser(state.AgentId!, candidates, named, AgentsAbove(state), run.OwnFund, approved);
        return NodeSteps.Ask(
            Phase.AtOnce,
            UserOf(state),
            new(run.UserHold, state.Stream, run.RunId, run.PriceMicros, terms),
            Limits.ReserveDeadline,
            run.RunId,
            outcome => new SessionCommand.UserAnswered(run.RunId, run.UserHold, outcome, input, terms, paid));
    }

    private static Step AskGuess(SessionState state, SessionEvent.RunRequested run, Personal input, PresentedPayment? paid)
    {
        var hold = run.FundHold!.Value;
        ReserveTerms terms = run.Guess is null
            ? new ReserveTerms.OfWallet(run.Provider, run.FeeBasisPoints, run.Memo, paid)
            : new ReserveTerms.OfCampaign(run.ServiceId, run.Provider, Attributes: null, run.FeeBasisPoints, run.Owner);
        return NodeSteps.Ask(
            Phase.AtOnce,
            run.Guess is { } guess ? CampaignStream(state, guess.CampaignId) : WalletStream(state, run.Wallet!),
            new(hold, state.Stream, run.RunId, run.PriceMicros, terms),
            paid is null ? Limits.ReserveDeadline : Limits.PresentDeadline,
            run.RunId,
            outcome => new SessionCommand.FundAnswered(run.RunId, hold, outcome, input));
    }

    private static SessionDecision UserAnswered(SessionState state, SessionCommand.UserAnswered c, Context context)
    {
        if (!state.Pending.TryGetValue(c.RunId, out var run) || run.UserHold != c.HoldId)
        {
            return Done; // voided meanwhile: the user's hold follows that
        }

        if (c.Outcome is not StepOutcome.Answered { Answer: var answer })
        {
            return RefuseRun(state, run, SessionRejection.Unreachable);
        }

        if (answer.Reply is ApprovalNeeded)
        {
            return AwaitApproval(state, run, c.Asked!, c.Input, c.Paid, context);
        }

        if (answer.Reply is not UserReserved reserved)
        {
            return RefuseRun(state, run, answer.Rejection!);
        }

        var limited = reserved.RemainingMicros is not null;
        if (limited && !state.Capped)
        {
            state = state with { Capped = true };
        }

        var joins = reserved.Campaign?.CampaignId == run.Campaign?.CampaignId && run.FundHold is not null;
        run = run with
        {
            Stage = joins && run.Stage is RunStage.Asking asking ? asking with { Named = reserved } : run.Stage,
            UserNodes = reserved.Nodes ?? run.UserNodes,
            AboveMicros = PendingRun.Least(run.AboveMicros, reserved.RemainingMicros),
        };
        var decision = run.PriceMicros == 0 ? Ready(state, run, c.Input, context)
            : joins ? Joined(state, run, c.Input, context)
            : reserved.Campaign is { } named ? AskFund(state, run, named, reserved, c.Input, context)
            : AskWallet(state, run, reserved.Why, c.Input, context);
        return limited && decision.Soft is null ? decision.WithSoft(Heard(state, run)) : decision;
    }

    private static SessionDecision FundAnswered(SessionState state, SessionCommand.FundAnswered c, Context context)
    {
        if (!state.Pending.TryGetValue(c.RunId, out var run) || run.FundHold != c.HoldId)
        {
            return Done;
        }

        return run.Stage is RunStage.Asking asking
            ? Joined(state, run with { Stage = asking with { Guessed = c.Outcome } }, c.Input, context)
            : FundSaid(state, run, c.Outcome, c.Input, context);
    }

    // The user's answer and the guessed fund's come in any order; the first is kept until the other is here.
    private static SessionDecision Joined(SessionState state, PendingRun run, Personal input, Context context)
    {
        var heard = Heard(state, run);
        if (run.Stage is not RunStage.Asking { Named: { } named, Guessed: { } outcome })
        {
            return Done.WithSoft(heard);
        }

        // Asked without attributes, by a definition that is older than the campaign's own: it is asked again with them.
        if (outcome is StepOutcome.Answered { Answer.Rejection.Code: Codes.NotEligible } && named.Attributes is not null)
        {
            return AskFund(heard, run, run.Campaign!, named, input, context);
        }

        var decision = FundSaid(heard, run, outcome, input, context);
        return decision.Soft is null ? decision.WithSoft(heard) : decision;
    }

    private static SessionState Heard(SessionState state, PendingRun run) => state with { Pending = state.Pending.SetItem(run.RunId, run) };

    private static SessionDecision FundSaid(SessionState state, PendingRun run, StepOutcome outcome, Personal input, Context context) => outcome switch
    {
        StepOutcome.Answered { Answer.Reply: FundReserved reserved } => Ready(state, run with { SchemaHash = reserved.SchemaHash }, input, context),
        StepOutcome.Answered { Answer.Rejection: { } tooLittle } when run.Wallet is not null => RefuseRun(state, run, tooLittle),
        StepOutcome.Answered { Answer.Rejection: { } refused } => Done.Then(AskNext(state, run, refused, input)),
        _ => RefuseRun(state, run, SessionRejection.Unreachable),
    };

    private static SessionDecision AskFund(SessionState state, PendingRun run, Candidate campaign, UserReserved reserved, Personal input, Context context)
    {
        var leaves = Leaves(run);
        var chosen = new SessionEvent.FundChosen(run.RunId, context.NewId(1), campaign, reserved.Why, leaves);
        var terms = new ReserveTerms.OfCampaign(run.ServiceId, run.Provider, reserved.Attributes, run.FeeBasisPoints, run.Owner);
        return Ask(state, run, chosen, CampaignStream(state, campaign.CampaignId), terms, chosen.FundHold, leaves, input);
    }

    private static SessionDecision AskWallet(SessionState state, PendingRun run, string why, Personal input, Context context)
    {
        Invariant.Check(run.OwnFund, "a_fund_is_named");
        var leaves = Leaves(run);
        var chosen = new SessionEvent.WalletChosen(run.RunId, context.NewId(1), state.OwnWallet, $"{why} The agent's wallet pays.", leaves);
        var terms = new ReserveTerms.OfWallet(run.Provider, run.FeeBasisPoints);
        return Ask(state, run, chosen, WalletStream(state, chosen.Wallet), terms, chosen.FundHold, leaves, input);
    }

    private static SessionDecision Ask(SessionState state, PendingRun run, SessionEvent chosen, StreamId fund, ReserveTerms terms, Guid hold, bool leaves, Personal input) =>
        SessionDecision.Did(chosen).Ride(Riding.UntilAlarm)
            .Then(NodeSteps.Ask(
                Phase.AfterCommit, fund, new(hold, state.Stream, run.RunId, run.PriceMicros, terms), Limits.ReserveDeadline, run.RunId, outcome => new SessionCommand.FundAnswered(run.RunId, hold, outcome, input)))
            .Then(leaves ? Tell(state.LeftBy(run)) : []);

    // A fund that was named before has refused, or it would not be left; a guessed one may hold, or hold yet.
    private static bool Leaves(PendingRun run) => run.Stage is RunStage.Asking { MayHold: true };

    private static StreamId CampaignStream(SessionState state, string campaignId) => new(state.Tenant, Kinds.Campaign, campaignId);

    private static StreamId WalletStream(SessionState state, string wallet) => new(state.Tenant, Kinds.Wallet, wallet);

    // A fund's refusal keeps the limits' holds and moves on to the next candidate.
    private static Step AskNext(SessionState state, PendingRun run, Rejection refused, Personal input) => new(
        Phase.AfterCommit,
        new StepTarget.Entity(UserOf(state), new UserCommand.NextFund(run.UserHold, run.Campaign!.CampaignId, refused.Code, run.OwnFund), Limits.ReserveDeadline),
        outcome => new SessionCommand.UserAnswered(run.RunId, run.UserHold, outcome, input),
        run.RunId);
}

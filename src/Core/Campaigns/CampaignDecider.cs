using System.Diagnostics;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Wallets;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Campaigns.CampaignState, Agora.Core.Campaigns.CampaignEvent>;
using Fund = Agora.Core.Funds.FundDecider<Agora.Core.Campaigns.CampaignState, Agora.Core.Campaigns.CampaignEvent>;

namespace Agora.Core.Campaigns;

/// <summary>
/// A campaign pays for runs out of its escrow, and rewards for tasks (CampaignDecider.Rewards.cs).
/// <para>Rules. Definitions are absolute: the same one again changes nothing. A Reserve is decided once per hold id, and only
/// while the id is young; then the first guard that fails refuses. A hold is ended by its session alone: when it is overdue the
/// campaign asks there, and frees nothing by itself. A close ends new holds; those that are open finish; what it leaves is owed to the
/// sponsor's wallet in the same event. Ends of holds and what is owed: <see cref="FundDecider{TState, TEvent}"/>.</para>
/// </summary>
public sealed partial class CampaignDecider
{
    private CampaignDecider()
    {
    }

    public static Decided Decide(CampaignState state, CampaignCommand command, Context context) => command switch
    {
        CampaignCommand.PutCampaign c => PutCampaign(state, c, context),
        CampaignCommand.Fund c => AddMoney(state, c, context),
        CampaignCommand.Close => Close(state, context),
        CampaignCommand.Get => Get(state),
        CampaignCommand.Reserve c => Reserve(state, c, context),
        CampaignCommand.Post c => Fund.Post(state, c.HoldId, c.AmountMicros, context),
        CampaignCommand.Void c => Fund.Void(state, c.HoldId, context),
        CampaignCommand.HoldInquired c => c.Posted ? Fund.Post(state, c.HoldId, c.AmountMicros, context) : Fund.Void(state, c.HoldId, context),
        CampaignCommand.Credit c => Credit(state, c, context),
        CampaignCommand.ForgetSource c => Fund.Forget(state, c.Source, c.Number, c.ArrivedAt, context),
        CampaignCommand.TransferLate c => Fund.TransferLate(state, c.Wallet, c.Number, context),
        CampaignCommand.PayeeReleased c => Fund.PayeeReleased(state, c.Wallet, c.Number, context),
        CampaignCommand.CountCompletion c => CountCompletion(state, c, context),
        CampaignCommand.VoidCompletion c => VoidCompletion(state, c, context),
        CampaignCommand.TransferArrived c => Fund.TransferArrived(state, c.Wallet, c.Number, context),
        CampaignCommand.ClaimReward c => ClaimReward(state, c, context),
        CampaignCommand.ConfirmCompletion c => Confirm(state, c.CompletionId, context),
        CampaignCommand.ReturnReward c => Return(state, c.CompletionId, context),
        CampaignCommand.DisputeReward c => Dispute(state, c, context),
        CampaignCommand.EndDispute c => EndDispute(state, c, context),
        CampaignCommand.RewardInquired c => TakeStanding(state, c, context),
        CampaignCommand.Tick => Ring(state, context),
        _ => throw new UnreachableException(),
    };

    private static Decided PutCampaign(CampaignState state, CampaignCommand.PutCampaign c, Context context)
    {
        if (state.Closed) return Decided.Reject(CampaignRejection.Changed());
        if (CampaignTerms.OutOfRange(c.Definition) is { } path) return Decided.Reject(CampaignRejection.LimitOutOfRange(path));
        if (state.Definition is { } known && CampaignTerms.Same(known, c.Definition)) return Decided.Accept(state.View(known));

        var view = state.Put(c.Definition, context.Now).View(c.Definition);
        return Decided.Accept(view, new CampaignEvent.DefinitionPut(view));
    }

    private static Decided AddMoney(CampaignState state, CampaignCommand.Fund c, Context context)
    {
        if (state.Definition is not { } definition) return Decided.Reject(CampaignRejection.NotFound());
        if (state.Closed) return Decided.Reject(CampaignRejection.Changed());
        if (c.AmountMicros < 1 || c.AmountMicros > Limits.MaxMicros - state.FundedMicros) return Decided.Reject(CampaignRejection.AmountOutOfRange());

        var view = state.Fund(c.AmountMicros, context.Now).View(definition);
        return Decided.Accept(view, new CampaignEvent.Funded(c.AmountMicros, view));
    }

    private static Decided Close(CampaignState state, Context context)
    {
        if (state.Definition is not { } definition) return Decided.Reject(CampaignRejection.NotFound());
        if (state.Closed) return Decided.Accept(state.View(definition));

        var view = state.Close(context.Now).View(definition);
        return Fund.Sending(state, context, view, new CampaignEvent.Closed(view), state.SponsorWallet);
    }

    private static Decided Get(CampaignState state) =>
        state.Definition is { } definition ? Decided.Query(state.View(definition)) : Decided.Reject(CampaignRejection.NotFound());

    private static Decided Reserve(CampaignState state, CampaignCommand.Reserve c, Context context)
    {
        Invariant.Check(c.FeeBasisPoints is >= 0 and <= Fee.MaxBasisPoints, "fee_within_price");
        var standing = state.Holds.Find(c.HoldId, context.Now);
        var day = CampaignState.DayOf(context.Now);
        if (standing is HoldStanding.Held) return Decided.Accept(new FundReserved(c.HoldId, state.SchemaHash));
        if (FundRejection.Undecidable(standing) is { } tooLate) return Decided.Reject(tooLate);
        if (!CampaignTerms.IsOpen(state, context.Now)) return Decided.Reject(CampaignRejection.NotOpen());
        if (CampaignTerms.Covering(state, c.ServiceId) is not { } covered) return Decided.Reject(CampaignRejection.NotCovered());
        if (state.Definition is { AllowRelated: false, Owner: { } owner } && owner == c.ServiceOwner) return Decided.Reject(CampaignRejection.RelatedService());
        if (!CampaignTerms.Admits(state, c.Attributes)) return Decided.Reject(CampaignRejection.NotEligible());
        if (c.AmountMicros > covered.MaxPriceMicros) return Decided.Reject(CampaignRejection.PriceAboveMaximum());
        if (!state.Day(day).CanReserve(c.AmountMicros)) return Decided.Reject(CampaignRejection.DailyCapReached());
        if (!state.Escrow.CanReserve(c.AmountMicros)) return Decided.Reject(CampaignRejection.EscrowShort());

        return Decided.Accept(
            new FundReserved(c.HoldId, state.SchemaHash),
            new CampaignEvent.HoldReserved(c.HoldId, c.Owner, c.RunId, c.ServiceId, c.AmountMicros, c.Provider, day, c.FeeBasisPoints));
    }

    // It refuses no credit for good: who sends has already parted with the money.
    private static Decided Credit(CampaignState state, CampaignCommand.Credit c, Context context)
    {
        Invariant.Check(c.AmountMicros > 0, "credit_positive");
        var reply = new Credited(c.Source, c.Number);
        return state.Sources.Find(c.Source, c.Number, c.SentAt, context.Now) switch
        {
            CreditStanding.Taken => Decided.Accept(reply),
            CreditStanding.Late => Decided.Reject(FundRejection.CreditLate).FixingTime(),
            _ => Fund.Sending(state, context, reply, new CampaignEvent.Credited(c.Source, c.Number, c.AmountMicros), state.ReturnsTo).Ride(Riding.Awaited),
        };
    }

    // A count older than its outcome is remembered is refused, also when it had been counted: then max_completions is
    // reached one early, never one late.
    private static Decided CountCompletion(CampaignState state, CampaignCommand.CountCompletion c, Context context)
    {
        var standing = state.Counted.Find(c.CompletionId, context.Now);
        if (state.Rewards.Open.TryGetValue(c.CompletionId, out var held)) return Decided.Accept(new CompletionCounted(c.CompletionId, held.AmountMicros, held.PayoutDelaySeconds));
        if (standing is HoldStanding.Posted) return Decided.Accept(new CompletionCounted(c.CompletionId, WhyNot: WhyNot(state, c)));
        if (FundRejection.Undecidable(standing) is { } tooLate) return Decided.Reject(tooLate).FixingTime();
        if (!CampaignTerms.IsOpen(state, context.Now)) return Decided.Reject(CampaignRejection.TaskNotOpen());
        var claim = Claim(state, c);
        if (claim is null && IsFull(state)) return Decided.Reject(CampaignRejection.EnoughCompletions());

        var (reward, whyNot, refused) = Rewarding(state, c);
        if (refused is not null) return Decided.Reject(refused);

        return Decided.Accept(
            new CompletionCounted(c.CompletionId, reward?.AmountMicros ?? 0, reward?.PayoutDelaySeconds ?? 0, whyNot),
            new CampaignEvent.CompletionCounted(c.CompletionId, reward, claim?.Id, whyNot));
    }

    private static Decided VoidCompletion(CampaignState state, CampaignCommand.VoidCompletion c, Context context)
    {
        var standing = state.Counted.Find(c.CompletionId, context.Now);
        var reply = new CompletionUncounted(c.CompletionId);
        if (state.Rewards.Open.TryGetValue(c.CompletionId, out var reward))
        {
            Invariant.Check(reward.Stage is RewardStage.Claimed or RewardStage.Counted, "confirmed_is_never_voided");
            var counted = reward.Stage is RewardStage.Counted;
            return GivingBack(state, context, reply, new CampaignEvent.CompletionUncounted(c.CompletionId, counted, counted ? state.View(reward, RewardStates.Void) : null));
        }

        return standing is HoldStanding.Voided or HoldStanding.Forgotten
            ? Decided.Accept(reply).FixingTime()
            : Decided.Accept(reply, new CampaignEvent.CompletionUncounted(c.CompletionId, Counted: standing is HoldStanding.Posted));
    }

    public static IEnumerable<Step> Unfinished(CampaignState state, DateTimeOffset now) => Fund.Unfinished(state);

    /// <summary>Whatever is owed is under way, so what has not arrived is what is unfinished.</summary>
    public static bool IsUnfinished(CampaignState state) => state.OwedMicros != state.ArrivedMicros;

    public static DateTimeOffset? Due(CampaignState state)
    {
        var due = Fund.Due(state);
        return state.Rewards.NextAlarm is { } ring && !(due < ring) ? ring : due;
    }

    public static Settlement? Recall(CampaignEvent @event, Guid commandId) => @event switch
    {
        CampaignEvent.DefinitionPut e => new(commandId, Answer.Of(e.View)),
        CampaignEvent.Funded e => new(commandId, Answer.Of(e.View)),
        CampaignEvent.Closed e => new(commandId, Answer.Of(e.View)),
        CampaignEvent.CompletionCounted e => new(commandId, Answer.Of(new CompletionCounted(e.CompletionId, e.Reward?.AmountMicros ?? 0, e.Reward?.PayoutDelaySeconds ?? 0, e.WhyNot))),
        CampaignEvent.CompletionUncounted e => new(commandId, Answer.Of(new CompletionUncounted(e.CompletionId))),
        CampaignEvent.HoldReserved or CampaignEvent.HoldPosted or CampaignEvent.HoldVoided => null, // known by the hold's id: a hot campaign remembers nothing twice
        CampaignEvent.Credited => null, // known by its number
        CampaignEvent.RewardDisputed e => new(commandId, Answer.Of(e.View)),
        CampaignEvent.RewardReleased e => new(commandId, Answer.Of(e.View)),
        CampaignEvent.RewardReturned { View.Reason: not null } e => new(commandId, Answer.Of(e.View)),
        CampaignEvent.RewardReturned e => new(commandId, Answer.Of(new RewardFollowed(e.View.CompletionId))),
        CampaignEvent.RewardClaimed e => new(commandId, Answer.Of(new RewardClaimed(e.ClaimId, e.Reward.AmountMicros))),
        CampaignEvent.RewardScheduled e => new(commandId, Answer.Of(new RewardFollowed(e.CompletionId))),
        CampaignEvent.TransferSent or CampaignEvent.TransferArrived or CampaignEvent.RewardPaid => null,
        _ => throw new UnreachableException(),
    };
}

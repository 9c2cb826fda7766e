using System.Diagnostics;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Campaigns.CampaignState, Agora.Core.Campaigns.CampaignEvent>;
using Fund = Agora.Core.Funds.FundDecider<Agora.Core.Campaigns.CampaignDecider, Agora.Core.Campaigns.CampaignState, Agora.Core.Campaigns.CampaignEvent>;

namespace Agora.Core.Campaigns;

/// <summary>
/// A campaign pays for runs out of its escrow, and rewards for tasks (CampaignDecider.Rewards.cs).
/// <para>Rules. Definitions are absolute: the same one again changes nothing. What is held, by the campaign's own conditions, is in
/// CampaignDecider.Holds.cs. A close ends new holds; those that are open finish; what it leaves is owed to the
/// sponsor's wallet in the same event. Holds and what is owed: <see cref="FundDecider{TFund, TState, TEvent}"/>.</para>
/// </summary>
public sealed partial class CampaignDecider : IFund<CampaignState, CampaignEvent>
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
        CampaignCommand.Node c => Fund.Decide(state, c.Asked, context),
        CampaignCommand.Learned c => Fund.Learn(state, c.Outcome, context),
        CampaignCommand.CountCompletion c => CountCompletion(state, c, context),
        CampaignCommand.VoidCompletion c => VoidCompletion(state, c, context),
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
        if (state.Closed) return Decided.Reject(CampaignRejection.Changed);
        if (c.Replacing?.If?.Refusal(state.Definition is { } there ? state.View(there).Etag : null) is { } failed) return Decided.Reject(failed);
        if (CampaignTerms.OutOfRange(c.Definition) is { } path) return Decided.Reject(CampaignRejection.LimitOutOfRange(path));
        if (state.Definition is { } known && CampaignTerms.Same(known, c.Definition)) return Decided.Accept(state.View(known));

        var view = state.Put(c.Definition, context.Now).View(c.Definition) with { Dropped = c.Replacing?.Dropped(state.Definition?.Given(), c.Definition.Given()) };
        return Decided.Accept(view, new CampaignEvent.DefinitionPut(view));
    }

    private static Decided AddMoney(CampaignState state, CampaignCommand.Fund c, Context context)
    {
        if (state.Definition is not { } definition) return Decided.Reject(CampaignRejection.NotFound);
        if (state.Closed) return Decided.Reject(CampaignRejection.Changed);
        if (c.AmountMicros < 1 || c.AmountMicros > Limits.MaxMicros - state.FundedMicros) return Decided.Reject(CampaignRejection.AmountOutOfRange);

        var view = state.Fund(c.AmountMicros, context.Now).View(definition);
        return Decided.Accept(view, new CampaignEvent.Funded(c.AmountMicros, view));
    }

    private static Decided Close(CampaignState state, Context context)
    {
        if (state.Definition is not { } definition) return Decided.Reject(CampaignRejection.NotFound);
        if (state.Closed) return Decided.Accept(state.View(definition));

        var view = state.Close(context.Now).View(definition);
        return Fund.Sending(state, context, view, new CampaignEvent.Closed(view), state.SponsorWallet);
    }

    private static Decided Get(CampaignState state) =>
        state.Definition is { } definition ? Decided.Query(state.View(definition)) : Decided.Reject(CampaignRejection.NotFound);

    // A count older than its outcome is remembered is refused, also when it had been counted: then max_completions is
    // reached one early, never one late.
    private static Decided CountCompletion(CampaignState state, CampaignCommand.CountCompletion c, Context context)
    {
        var standing = state.Counted.Find(c.CompletionId, context.Now);
        if (state.Rewards.Open.TryGetValue(c.CompletionId, out var held))
        {
            return Decided.Accept(new CompletionCounted(c.CompletionId, held.AmountMicros, held.PayoutDelaySeconds));
        }

        if (standing is HoldStanding.Posted) return Decided.Accept(new CompletionCounted(c.CompletionId, WhyNot: WhyNot(state, c)));
        if (FundRejection.Undecidable(standing) is { } tooLate) return Decided.Reject(tooLate).FixingTime();
        if (!CampaignTerms.IsOpen(state, context.Now)) return Decided.Reject(CampaignRejection.TaskNotOpen);
        var claim = Claim(state, c);
        if (claim is null && IsFull(state)) return Decided.Reject(CampaignRejection.EnoughCompletions);

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
            return Fund.Leaving(state, context, reply, new CampaignEvent.CompletionUncounted(c.CompletionId, counted, counted ? state.View(reward, RewardStates.Void) : null));
        }

        return standing is HoldStanding.Voided or HoldStanding.Forgotten
            ? Decided.Accept(reply).FixingTime()
            : Decided.Accept(reply, new CampaignEvent.CompletionUncounted(c.CompletionId, Counted: standing is HoldStanding.Posted));
    }

    public static IEnumerable<Step> Unfinished(CampaignState state, DateTimeOffset now) => Fund.Unfinished(state);

    public static bool IsUnfinished(CampaignState state) => state.Dues.AreUnderWay;

    public static DateTimeOffset? Due(CampaignState state)
    {
        var due = Fund.Due(state);
        return state.Rewards.NextAlarm is { } ring && !(due < ring) ? ring : due;
    }

    public static LateAnswer? Recall(CampaignEvent @event, Guid commandId) => @event switch
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

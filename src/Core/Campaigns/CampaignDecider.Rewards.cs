using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Campaigns.CampaignState, Agora.Core.Campaigns.CampaignEvent>;
using Fund = Agora.Core.Funds.FundDecider<Agora.Core.Campaigns.CampaignDecider, Agora.Core.Campaigns.CampaignState, Agora.Core.Campaigns.CampaignEvent>;

namespace Agora.Core.Campaigns;

/// <summary>
/// What a completed task earns.
/// <para>Rules. A reward is held when its task is claimed, or with the count of its completion. It is earned once the user's stream has said
/// that the completion is for good, and paid when the campaign's payout delay is over: that event takes it out of the escrow, owes it to the
/// agent's wallet and forgets it, so it is paid once. A claim, or a completion that nothing was heard of, is asked about at the user's stream;
/// only its word lets a hold go. Amount and delay are those at the time of the hold. While it is not paid, a withdrawn consent returns it to
/// the escrow, and operators may freeze, release or return it.</para>
/// <para>Broken invariant: <c>confirmed_is_never_voided</c> (a user's stream that contradicts itself).</para>
/// </summary>
public sealed partial class CampaignDecider
{
    private const string SameOwner = "The agent and the sponsor have the same owner, so the completion earns nothing.";

    private static Decided ClaimReward(CampaignState state, CampaignCommand.ClaimReward c, Context context)
    {
        if (state.Rewards.Open.TryGetValue(c.ClaimId, out var held)) return Decided.Accept(Claimed(held));
        if (FundRejection.Undecidable(state.Counted.Find(c.ClaimId, context.Now)) is { } tooLate) return Decided.Reject(tooLate).FixingTime();
        if (!CampaignTerms.IsOpen(state, context.Now)) return Decided.Reject(CampaignRejection.TaskNotOpen);
        if (state.Definition is not { RewardMicros: > 0 } terms) return Decided.Reject(CampaignRejection.NoReward);
        if (Unasked(terms, c.AgentOwner)) return Decided.Reject(CampaignRejection.OwnerNotKnown);
        if (IsRelated(terms, c.AgentOwner)) return Decided.Reject(CampaignRejection.RelatedAgent);
        if (IsFull(state)) return Decided.Reject(CampaignRejection.EnoughCompletions);
        if (!state.Escrow.CanReserve(terms.RewardMicros)) return Decided.Reject(CampaignRejection.RewardsExhausted);

        var claimed = new CampaignEvent.RewardClaimed(c.ClaimId, new(c.Owner, c.AgentId, terms.RewardMicros, terms.PayoutDelaySeconds));
        return Decided.Accept(new RewardClaimed(c.ClaimId, terms.RewardMicros), claimed);
    }

    /// <summary>What a completion by this agent is given, and why it is given nothing; refused where something is due and nothing left.</summary>
    private static (RewardHeld? Held, string? WhyNot, Rejection? Refused) Rewarding(CampaignState state, CampaignCommand.CountCompletion c)
    {
        if (state.Definition is not { } terms || c is not { Owner: { } owner, AgentId: { } agent }) return default;

        // A claim's amount and delay are those of its time.
        var claimed = Claim(state, c);
        var reward = claimed is null ? new RewardHeld(owner, agent, terms.RewardMicros, terms.PayoutDelaySeconds) : new(owner, agent, claimed.AmountMicros, claimed.PayoutDelaySeconds);
        if (reward.AmountMicros == 0) return default;
        if (Unasked(terms, c.AgentOwner)) return (null, null, CampaignRejection.OwnerNotKnown);
        if (IsRelated(terms, c.AgentOwner)) return (null, SameOwner, null);
        return claimed is null && !state.Escrow.CanReserve(reward.AmountMicros) ? (null, null, CampaignRejection.RewardsExhausted) : (reward, null, null);
    }

    private static string? WhyNot(CampaignState state, CampaignCommand.CountCompletion c) =>
        state.Definition is { RewardMicros: > 0 } terms && IsRelated(terms, c.AgentOwner) ? SameOwner : null;

    private static Reward? Claim(CampaignState state, CampaignCommand.CountCompletion c) =>
        c.ClaimId is { } id && state.Rewards.Open.GetValueOrDefault(id) is { Stage: RewardStage.Claimed } claim ? claim : null;

    // From the user's stream: the completion is durable there.
    private static Decided Confirm(CampaignState state, Guid completionId, Context context)
    {
        var reply = new RewardFollowed(completionId);
        if (state.Rewards.Open.GetValueOrDefault(completionId) is not { Stage: RewardStage.Counted } reward) return Decided.Accept(reply);

        var scheduled = new CampaignEvent.RewardScheduled(completionId, context.Now.AddSeconds(reward.PayoutDelaySeconds));
        return reward.PayoutDelaySeconds > 0 ? Decided.Accept(reply, scheduled) : Pay(state, context, reply, completionId, scheduled);
    }

    /// <summary>From the user's stream: a consent was withdrawn. What was paid before stays paid.</summary>
    private static Decided Return(CampaignState state, Guid completionId, Context context)
    {
        var reply = new RewardFollowed(completionId);
        return state.Rewards.Open.TryGetValue(completionId, out var reward)
            ? Fund.Leaving(state, context, reply, new CampaignEvent.RewardReturned(state.View(reward with { Reason = null }, RewardStates.Returned)))
            : Decided.Accept(reply);
    }

    private static Decided Dispute(CampaignState state, CampaignCommand.DisputeReward c, Context context) => state.Rewards.Open.GetValueOrDefault(c.CompletionId) switch
    {
        { Stage: RewardStage.Disputed } before => Decided.Accept(state.View(before, RewardStates.Disputed)),
        { Stage: RewardStage.Due } due when context.Now < due.At => Decided.Accept(
            state.View(due with { Reason = c.Reason }, RewardStates.Disputed), new CampaignEvent.RewardDisputed(state.View(due with { Reason = c.Reason }, RewardStates.Disputed))),
        { Stage: RewardStage.Counted } => Decided.Reject(CampaignRejection.RewardUndecided),
        { Stage: RewardStage.Due } => Decided.Reject(CampaignRejection.DisputeTooLate),
        _ => Decided.Reject(c.Recorded is null ? CampaignRejection.NoSuchReward : CampaignRejection.DisputeTooLate),
    };

    /// <summary>An operator ends a dispute: the agent is paid at once, or the escrow has it again.</summary>
    private static Decided EndDispute(CampaignState state, CampaignCommand.EndDispute c, Context context)
    {
        var ends = c.Pays ? RewardStates.Paid : RewardStates.Returned;
        if (state.Rewards.Open.TryGetValue(c.CompletionId, out var reward) && reward.Stage is not RewardStage.Claimed)
        {
            if (c.Pays && reward is { Stage: RewardStage.Due, Reason: not null }) return Decided.Accept(state.View(reward, ends));
            if (reward.Stage is not RewardStage.Disputed) return Decided.Reject(CampaignRejection.NotDisputed);

            var view = state.View(reward with { At = context.Now, Reason = c.Reason }, ends);
            return c.Pays
                ? Pay(state, context, view, c.CompletionId, new CampaignEvent.RewardReleased(view))
                : Fund.Leaving(state, context, view, new CampaignEvent.RewardReturned(view));
        }

        return c.Recorded is null ? Decided.Reject(CampaignRejection.NoSuchReward)
            : c.Recorded.State == ends && c.Recorded.Reason is not null ? Decided.Accept(c.Recorded)
            : Decided.Reject(CampaignRejection.NotDisputed);
    }

    private static Decided TakeStanding(CampaignState state, CampaignCommand.RewardInquired c, Context context) => c.Standing switch
    {
        RewardStanding.Final => Confirm(state, c.Id, context),
        RewardStanding.Withdrawn => Return(state, c.Id, context),
        RewardStanding.Void => VoidCompletion(state, new(c.Id), context),
        _ => Decided.NoChange,
    };

    /// <summary>Whatever its time has come for: what is due is paid, and of the rest the user's stream is asked. Who cannot be paid, or does not answer, keeps nobody else waiting.</summary>
    private static Decided Ring(CampaignState state, Context context)
    {
        var (after, events, steps) = (state, new List<CampaignEvent>(), new List<Step>());
        var (paid, asked) = (0, 0);
        foreach (var reward in state.Rewards.Ringing(context.Now))
        {
            if (reward.Stage is not RewardStage.Due)
            {
                if (asked++ < Limits.RewardsAtOnce)
                {
                    steps.Add(Ask(state, reward));
                }
            }
            else if (!IsCrowded(after, reward))
            {
                if (paid++ == Limits.RewardsAtOnce) break;

                var payment = Pay(after, context, Nothing.Value, reward.Id);
                after = payment.Events.Aggregate(after, (s, e) => s.Evolve(e, context.Now));
                events.AddRange(payment.Events);
                steps.AddRange(payment.Steps);
            }
        }

        var decided = Decided.Accept(Nothing.Value, [.. events]).Then([.. steps, .. Fund.Ring(state, context.Now)]);
        return paid > Limits.RewardsAtOnce ? decided.Then(new Step(Phase.AfterCommit, new StepTarget.Self(), _ => new CampaignCommand.Tick())) : decided;
    }

    /// <summary>A wallet that too much waits for is paid by a later alarm, so that its statement shows each reward.</summary>
    private static Decided Pay(CampaignState state, Context context, object reply, Guid completionId, params ReadOnlySpan<CampaignEvent> first)
    {
        foreach (var happened in first)
        {
            state = state.Evolve(happened, context.Now);
        }

        var reward = state.Rewards.Open[completionId];
        return IsCrowded(state, reward)
            ? Decided.Accept(reply, first)
            : Fund.Sending(state, context, reply, new CampaignEvent.RewardPaid(state.View(reward with { At = context.Now }, RewardStates.Paid)), WalletIds.Agent(reward.AgentId)).AlsoFirst(first);
    }

    private static bool IsCrowded(CampaignState state, Reward reward) => state.Dues.To(WalletIds.Agent(reward.AgentId)).IsCrowded;

    private static Step Ask(CampaignState state, Reward reward) => new(
        Phase.AfterCommit,
        new StepTarget.Entity(StreamId.Parse(reward.Owner), new NodeCommand.InquireReward(state.Stream.Id, reward.Id)),
        outcome => outcome is StepOutcome.Answered { Answer.Reply: RewardStood { Standing: not RewardStanding.Open } stood }
            ? new CampaignCommand.RewardInquired(reward.Id, stood.Standing)
            : null);

    private static RewardClaimed Claimed(Reward claim) => new(claim.Id, claim.AmountMicros);

    private static bool IsFull(CampaignState state) => state.Completions + state.Rewards.Claims >= state.Definition?.MaxCompletions;

    /// <summary>The caller knew an older definition, in which it did not matter who owns the agent.</summary>
    private static bool Unasked(CampaignDefinition terms, string? agentOwner) => terms.Owner is not null && agentOwner is null;

    private static bool IsRelated(CampaignDefinition terms, string? agentOwner) => terms.Owner is not null && terms.Owner == agentOwner;
}

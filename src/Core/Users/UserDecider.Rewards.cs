using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Users.UserState, Agora.Core.Users.UserEvent>;
using Node = Agora.Core.Nodes.NodeDecider<Agora.Core.Users.UserDecider, Agora.Core.Users.UserState, Agora.Core.Users.UserEvent>;

namespace Agora.Core.Users;

/// <summary>
/// Claims of rewards, and what campaigns hear of completions that earned one.
/// <para>Rules. A task's reward is claimed once at a time for this user, whichever agent does it; whoever then completes the task uses the
/// claim and earns. A claim is over by this stream's time, unless a completion is using it; the campaign that holds the money is told, and
/// tells nobody else. Once a completion is durable here its campaign hears so, and pays; once a consent of it is withdrawn, that.</para>
/// </summary>
public sealed partial class UserDecider
{
    private static Decided ClaimReward(UserState state, UserCommand.ClaimReward c, Context context)
    {
        var before = state.RewardClaims.GetValueOrDefault(c.CampaignId);
        if (before?.RequestId == c.RequestId)
        {
            return before.AmountMicros is not null ? Decided.Accept(Claimed(before))
                : before.CommandId == context.CommandId ? Decided.Later()
                : Decided.Reject(UserRejection.ClaimUndecided);
        }

        if (TooLate(state, c.ClaimId, context.Now) is { } late) return Decided.Reject(late).FixingTime();
        if (!state.Exists) return Decided.Reject(UserRejection.NotFound);

        var live = before is not null && (before.ExpiresAt > context.Now || state.IsInUse(before)) ? UserRejection.AlreadyClaimed(before) : null;
        if (Refusal(state, c.SessionId, c.AgentId, c.CampaignId, c.Targeting, live, context) is { } refused)
        {
            return InScope(state, c.AgentId, refused);
        }

        if (before is null && state.RewardClaims.Count >= Limits.LiveClaims) return InScope(state, c.AgentId, UserRejection.TooManyClaims);

        var asked = new UserEvent.RewardAsked(context.CommandId, c.ClaimId, c.RequestId, c.CampaignId, c.AgentId, c.AgentOwner, context.Now + Limits.ClaimTime);
        var claim = new RewardClaim(context.CommandId, c.ClaimId, c.RequestId, c.CampaignId, c.AgentId, c.AgentOwner, asked.ExpiresAt);
        var decided = Decided.Later(asked).Then(HoldStep(state, claim));
        return before is null ? decided : decided.AlsoFirst(new UserEvent.ClaimEnded(c.CampaignId, before.ClaimId)).Then(UncountStep(state, before.ClaimId, c.CampaignId));
    }

    private static Decided ClaimAnswered(UserState state, UserCommand.ClaimAnswered c)
    {
        if (state.RewardClaims.GetValueOrDefault(c.CampaignId) is not { AmountMicros: null } claim || claim.ClaimId != c.ClaimId)
        {
            return Decided.NoChange;
        }

        if (c.Answer.Reply is not Campaigns.RewardClaimed held)
        {
            return Decided.Did(new UserEvent.ClaimRefused(claim.CommandId, c.CampaignId, c.ClaimId, c.Answer.Rejection!)).Answering(claim.CommandId, c.Answer);
        }

        var claimed = Claimed(claim with { AmountMicros = held.RewardMicros });
        return Decided.Did(new UserEvent.RewardClaimed(claim.CommandId, claimed)).Answering(claim.CommandId, Answer.Of(claimed));
    }

    private static Decided InquireReward(UserState state, NodeCommand.InquireReward c, Context context)
    {
        if (state.Completions.GetValueOrDefault(c.CampaignId) is { } done && done.CompletionId == c.Id)
        {
            return Decided.Accept(new RewardStood(c.Id, done.Consented ? RewardStanding.Final : RewardStanding.Withdrawn));
        }

        if (state.Claims.ContainsKey(c.Id)) return Decided.Accept(new RewardStood(c.Id, RewardStanding.Open));
        if (state.RewardClaims.GetValueOrDefault(c.CampaignId) is { } claim && claim.ClaimId == c.Id)
        {
            // Over by this stream's time: the alarm that says so, and tells the campaign, is on its way.
            return Decided.Accept(new RewardStood(c.Id, RewardStanding.Open));
        }

        return Decided.Accept(new RewardStood(c.Id, RewardStanding.Void), new UserEvent.RewardDisowned(c.CampaignId, c.Id));
    }

    private static Decided RewardTold(UserState state, UserCommand.RewardTold c) => state.Untold.GetValueOrDefault(c.CompletionId)?.Withdrawn == c.Withdrawn
        ? Decided.Did(new UserEvent.RewardTold(c.CompletionId, c.Withdrawn)).Ride(Riding.UntilAlarm)
        : Decided.NoChange;

    /// <summary>Claims that are over end, and owners of overdue holds are asked.</summary>
    private static Decided Ring(UserState state, Context context)
    {
        var decided = Decided.Did();
        foreach (var claim in state.RewardClaims.Values.Where(c => c.ExpiresAt <= context.Now && !state.IsInUse(c)))
        {
            decided = EndingClaim(decided, state, claim.CampaignId, claim.ClaimId);
            if (claim.AmountMicros is null)
            {
                decided = decided.Answering(claim.CommandId, Answer.No(UserRejection.ClaimIsOver));
            }
        }

        return (decided.Events.IsEmpty ? Decided.NoChange : decided).Then([.. Node.Inquiries(state, context.Now)]);
    }

    private static Decided EndingClaim(Decided decided, UserState state, string campaignId, Guid claimId) =>
        decided.AlsoFirst(new UserEvent.ClaimEnded(campaignId, claimId)).Then(UncountStep(state, claimId, campaignId));

    /// <summary>The claim that a completion now uses; null: it claims by itself.</summary>
    private static RewardClaim? LiveClaim(UserState state, string campaignId, DateTimeOffset now) =>
        state.RewardClaims.GetValueOrDefault(campaignId) is { AmountMicros: not null } claim && claim.ExpiresAt > now ? claim : null;

    private static EarnedReward? Earned(CompletionCounted? counted) =>
        counted is { RewardMicros: > 0 } or { WhyNot: not null } ? new(counted.RewardMicros, counted.PayoutDelaySeconds, counted.WhyNot) : null;

    private static bool IsClaiming(UserState state)
    {
        foreach (var (_, claim) in state.RewardClaims)
        {
            if (claim.AmountMicros is null) return true;
        }

        return false;
    }

    /// <summary>Rewards that cannot be claimed now, since they are.</summary>
    private static List<string>? Claimed(UserState state, DateTimeOffset now) => state.RewardClaims.Count == 0 ? null
        : [.. state.RewardClaims.Values.Where(claim => claim.ExpiresAt > now || state.IsInUse(claim)).Select(claim => claim.CampaignId)];

    private static TaskClaim Claimed(RewardClaim claim) => new(claim.ClaimId, claim.CampaignId, claim.AmountMicros ?? 0, claim.ExpiresAt);

    private static Step HoldStep(UserState state, RewardClaim claim) => new(
        Phase.AfterCommit,
        new StepTarget.Entity(
            CampaignStream(state, claim.CampaignId), new CampaignCommand.ClaimReward(claim.ClaimId, state.Stream.ToString(), claim.AgentId, claim.AgentOwner)),
        outcome => outcome is StepOutcome.Answered { Answer: var answer } ? new UserCommand.ClaimAnswered(claim.CampaignId, claim.ClaimId, answer) : null);

    private static Step TellStep(UserState state, Guid completionId, RewardNews news) => new(
        Phase.AfterCommit,
        new StepTarget.Entity(
            CampaignStream(state, news.CampaignId), news.Withdrawn ? new CampaignCommand.ReturnReward(completionId) : new CampaignCommand.ConfirmCompletion(completionId)),
        outcome => outcome is StepOutcome.Answered { Answer.Reply: RewardFollowed } ? new UserCommand.RewardTold(completionId, news.Withdrawn) : null);
}

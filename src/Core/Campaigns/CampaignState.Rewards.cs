using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Campaigns;

public sealed partial record CampaignState
{
    public RewardBook Rewards { get; init; } = RewardBook.Empty;

    /// <param name="state">One of <see cref="RewardStates"/>: what it is, or is about to be.</param>
    public RewardView View(Reward reward, string state) => new(
        reward.Id,
        Stream.Id,
        StreamId.Parse(reward.Owner).Id,
        reward.AgentId,
        reward.AmountMicros,
        state,
        reward.Stage is RewardStage.Claimed or RewardStage.Counted ? null : reward.At,
        reward.Reason);

    private CampaignState Claim(CampaignEvent.RewardClaimed e, DateTimeOffset at) => (this with { Escrow = Escrow.Reserve(e.Reward.AmountMicros) })
        .With(Held(e.ClaimId, RewardStage.Claimed, e.Reward, at + Limits.ClaimTime + Limits.InquiryAfter));

    /// <summary>A claim's hold becomes the completion's, or is let go where the completion earns nothing. The claim's id is as good as voided: nothing is held under it again.</summary>
    private CampaignState HoldReward(CampaignEvent.CompletionCounted e, DateTimeOffset at)
    {
        var free = e.ClaimId is { } claim ? (this with { Counted = Counted.Decide(claim, posted: false, at) }).LetGo(claim) : this;
        return e.Reward is { } reward
            ? (free with { Escrow = free.Escrow.Reserve(reward.AmountMicros) }).With(Held(e.CompletionId, RewardStage.Counted, reward, at + Limits.InquiryAfter))
            : free;
    }

    private static Reward Held(Guid id, RewardStage stage, RewardHeld held, DateTimeOffset at) =>
        new(id, stage, held.Owner, held.AgentId, held.AmountMicros, held.PayoutDelaySeconds, at);

    private CampaignState With(Reward reward) => this with { Rewards = Rewards.With(reward) };

    private CampaignState PayReward(Reward reward)
    {
        var wallet = WalletIds.Agent(reward.AgentId);
        return this with
        {
            Escrow = Escrow.Post(reward.AmountMicros, reward.AmountMicros),
            Dues = Dues.Owe(wallet, new TransferItem(reward.Id, reward.AmountMicros, $"reward of campaign {Stream.Id}", IsReward: true)),
            Rewards = Rewards.Paid(reward.Id),
        };
    }

    /// <summary>Whatever is held under this id is the escrow's again, or the sponsor's once the campaign is closed.</summary>
    private CampaignState LetGo(Guid id) => Rewards.Open.TryGetValue(id, out var reward)
        ? (this with { Escrow = Escrow.Void(reward.AmountMicros), Rewards = Rewards.Without(id) }).ReturnLeft()
        : this;
}

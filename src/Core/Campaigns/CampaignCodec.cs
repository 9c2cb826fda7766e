using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Campaigns;

/// <summary>Stored names, for ever. Own commands have none, so that nobody outside can forge a step's outcome.</summary>
public static class CampaignCodec
{
    public static readonly UnionCodec<CampaignEvent> Events = new UnionCodec<CampaignEvent>()
        .Case<CampaignEvent.DefinitionPut>("campaign.definition_put")
        .Case<CampaignEvent.Funded>("campaign.funded")
        .Case<CampaignEvent.Closed>("campaign.closed")
        .Case<CampaignEvent.HoldReserved>("campaign.hold_reserved", hot: CampaignJson.Default.HoldReserved)
        .Case<CampaignEvent.HoldPosted>("campaign.hold_posted", hot: CampaignJson.Default.HoldPosted)
        .Case<CampaignEvent.HoldVoided>("campaign.hold_voided")
        .Case<CampaignEvent.Credited>("campaign.credited")
        .Case<CampaignEvent.CompletionCounted>("campaign.completion_counted")
        .Case<CampaignEvent.CompletionUncounted>("campaign.completion_uncounted")
        .Case<CampaignEvent.TransferSent>("campaign.transfer_sent")
        .Case<CampaignEvent.TransferArrived>("campaign.transfer_arrived")
        .Case<CampaignEvent.RewardClaimed>("campaign.reward_claimed")
        .Case<CampaignEvent.RewardScheduled>("campaign.reward_scheduled")
        .Case<CampaignEvent.RewardPaid>("campaign.reward_paid")
        .Case<CampaignEvent.RewardDisputed>("campaign.reward_disputed")
        .Case<CampaignEvent.RewardReleased>("campaign.reward_released")
        .Case<CampaignEvent.RewardReturned>("campaign.reward_returned");

    public static readonly UnionCodec<CampaignCommand> Commands = new UnionCodec<CampaignCommand>()
        .Case<CampaignCommand.PutCampaign>("campaign.put")
        .Demanding<CampaignCommand.PutCampaign>("campaign.put", 2, static c => c.Replacing?.If is not null)
        .Case<CampaignCommand.Fund>("campaign.fund")
        .Case<CampaignCommand.Close>("campaign.close")
        .Case<CampaignCommand.Get>("campaign.get")
        .Carrying<CampaignCommand.Node, NodeCommand>(NodeCodec.OfCampaign, static c => c.Asked, static asked => new(asked))
        .Case<CampaignCommand.CountCompletion>("campaign.count_completion")
        .Case<CampaignCommand.VoidCompletion>("campaign.void_completion")
        .Case<CampaignCommand.ClaimReward>("campaign.claim_reward")
        .Case<CampaignCommand.ConfirmCompletion>("campaign.confirm_completion")
        .Case<CampaignCommand.ReturnReward>("campaign.return_reward")
        .Case<CampaignCommand.DisputeReward>("campaign.dispute_reward")
        .Case<CampaignCommand.EndDispute>("campaign.end_dispute")
        .Case<CampaignCommand.Tick>("campaign.tick");

    /// <summary>Outcomes of holds and completions stay out: a snapshot is used only when replay reaches back over all of them.</summary>
    public static byte[] Save(CampaignState state) => JsonSerializer.SerializeToUtf8Bytes(
        new SavedCampaign(
            state.Stream.ToString(),
            state.Definition,
            state.Closed,
            state.UpdatedAt,
            state.Escrow,
            state.FundedMicros,
            state.Dues.OwedMicros,
            state.Dues.SentMicros,
            state.Dues.ArrivedMicros,
            [.. state.Holds.Open.Values.Select(h => new SavedHold(h, h.Payee!))],
            [.. state.Days.Select(d => new SavedDay(d.Key, d.Value))],
            [.. state.Dues.Payables.All.Select(p => SavedPayable.Of(p.Key, p.Value))],
            state.Completions,
            state.ReceivedMicros,
            [.. state.Sources.Known.Select(s => new SavedSource(s.Key, s.Value.LastNumber, s.Value.SumMicros))],
            state.Rewards.Open.IsEmpty ? null : [.. state.Rewards.Open.Values],
            state.Rewards.PaidMicros,
            state.ShortMicros,
            state.Sources.ForgottenMicros,
            state.Dues.Payables.Floor),
        StoredJson.Options);

    public static CampaignState Restore(ReadOnlyMemory<byte> saved)
    {
        var campaign = JsonSerializer.Deserialize<SavedCampaign>(saved.Span, StoredJson.Options)!;
        return new(
            StreamId.Parse(campaign.Stream),
            campaign.Definition,
            campaign.Closed,
            campaign.UpdatedAt,
            campaign.Escrow,
            campaign.FundedMicros,
            HoldBook.Empty with { Open = campaign.Holds.ToImmutableSortedDictionary(h => h.Hold.Id, h => h.Hold with { Payee = h.Provider }) },
            campaign.Days.ToImmutableSortedDictionary(d => d.Day, d => d.Account, StringComparer.Ordinal),
            new(
                campaign.OwedMicros,
                campaign.SentMicros,
                campaign.ArrivedMicros,
                campaign.Payables.Aggregate(PayableBook.Empty with { Floor = campaign.PayablesFloor }, static (book, p) => book.With(p.Wallet, p.Payable))),
            campaign.Completions,
            HoldBook.Empty,
            campaign.ReceivedMicros,
            new(campaign.Sources.ToImmutableSortedDictionary(s => s.Source, s => new Source(s.LastNumber, s.SumMicros), StringComparer.Ordinal), campaign.ForgottenMicros))
        {
            ShortMicros = campaign.ShortMicros,
            Rewards = (campaign.Rewards ?? []).Aggregate(RewardBook.Empty with { PaidMicros = campaign.RewardsPaidMicros }, (book, reward) => book.With(reward)),
        };
    }

    private sealed record SavedCampaign(
        string Stream,
        CampaignDefinition? Definition,
        bool Closed,
        DateTimeOffset UpdatedAt,
        Account Escrow,
        long FundedMicros,
        long OwedMicros,
        long SentMicros,
        long ArrivedMicros,
        ImmutableArray<SavedHold> Holds,
        ImmutableArray<SavedDay> Days,
        ImmutableArray<SavedPayable> Payables,
        long Completions,
        long ReceivedMicros,
        ImmutableArray<SavedSource> Sources,
        IReadOnlyList<Reward>? Rewards = null,
        long RewardsPaidMicros = 0,
        long? ShortMicros = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long ForgottenMicros = 0,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long PayablesFloor = 0);

    private sealed record SavedSource(string Source, long LastNumber, long SumMicros);

    private sealed record SavedHold(Hold Hold, string Provider);

    private sealed record SavedDay(string Day, Account Account);
}

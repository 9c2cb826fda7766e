namespace Agora.Core.Campaigns;

/// <summary>
/// Whether a campaign can still pay what it paid last, and take completions. It follows from the events alone, so a run writes nothing for it: only the event that
/// passes into exhaustion, or out of it, writes the campaign's row (<see cref="CampaignTables"/>), from which whoever offers campaigns takes it.
/// </summary>
public sealed partial record CampaignState
{
    /// <summary>The least amount that was held and could not be held again; null once it could, and before anything was held.</summary>
    public long? ShortMicros { get; init; }

    /// <summary>This event passed into exhaustion or out of it.</summary>
    public bool HasTurned { get; private init; }

    private bool IsFull => Completions >= Definition?.MaxCompletions;

    private long? Short(long? amountMicros) => amountMicros > Escrow.Remaining ? amountMicros : null;

    private CampaignState Exhausting(CampaignState before, CampaignEvent happened, DateTimeOffset at)
    {
        var held = happened switch
        {
            CampaignEvent.HoldReserved e => e.AmountMicros,
            CampaignEvent.RewardClaimed e => e.Reward.AmountMicros,
            CampaignEvent.CompletionCounted { Reward: { } reward, ClaimId: null } => reward.AmountMicros,
            _ => null as long?,
        };
        var left = Short(held) is { } now && !(ShortMicros < now) ? now : Short(ShortMicros);
        return left != ShortMicros || IsFull != before.IsFull ? this with { ShortMicros = left, HasTurned = true, UpdatedAt = at }
            : HasTurned ? this with { HasTurned = false }
            : this;
    }
}

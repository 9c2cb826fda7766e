using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace Agora.Core.Campaigns;

/// <summary>
/// Closed union of what happens to a campaign. An operator's act holds the view that it was answered with, so that a repeat is
/// answered from the journal alone.
/// </summary>
public abstract record CampaignEvent
{
    private CampaignEvent()
    {
    }

    public sealed record DefinitionPut(CampaignView View) : CampaignEvent;

    /// <summary>Both legs: the world's, and the escrow's.</summary>
    public sealed record Funded(long AmountMicros, CampaignView View) : CampaignEvent;

    /// <summary>From here on, what is not held belongs to the sponsor's wallet.</summary>
    public sealed record Closed(CampaignView View) : CampaignEvent;

    /// <param name="Day">UTC day of the campaign's time, yyyy-MM-dd: whose cap it counts against.</param>
    /// <param name="Provider">Wallet that earns what is posted.</param>
    /// <param name="FeeBasisPoints">How much of that is the fee's.</param>
    /// <param name="LowMicros">Of the escrow, what is left beyond the hold, where this hold took it below <see cref="Kernel.Limits.EscrowLowPercent"/>. Null: it did not.</param>
    public sealed record HoldReserved(
        Guid HoldId,
        string Owner,
        Guid RunId,
        string ServiceId,
        long AmountMicros,
        string Provider,
        string Day,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int FeeBasisPoints = 0,
        long? LowMicros = null) : CampaignEvent;

    public sealed record HoldPosted(Guid HoldId, long AmountMicros) : CampaignEvent;

    /// <summary>Also for a hold that never came: the tombstone that refuses it when it does.</summary>
    /// <param name="ForgottenSource">The id is nobody's: this source need not be remembered any more. A form that the release before reads, as a tombstone.</param>
    /// <param name="ReleasedPayee">The id is nobody's: this wallet does not remember us any more.</param>
    public sealed record HoldVoided(Guid HoldId, string? ForgottenSource = null, string? ReleasedPayee = null) : CampaignEvent;

    /// <summary>The <paramref name="Number"/>-th transfer of a source arrived: a refund of what this campaign had paid. Once closed it belongs to the sponsor's wallet.</summary>
    public sealed record Credited(string Source, long Number, long AmountMicros) : CampaignEvent;

    /// <param name="Reward">Held with it; null: none.</param>
    /// <param name="ClaimId">Under which it was held before.</param>
    /// <param name="WhyNot">Why there is none, where the campaign pays rewards.</param>
    public sealed record CompletionCounted(
        Guid CompletionId,
        RewardHeld? Reward = null,
        Guid? ClaimId = null,
        string? WhyNot = null) : CampaignEvent;

    /// <summary>Of a completion or a claim; what was held for it is free again.</summary>
    /// <param name="Counted">It was a completion, and had been counted; false: a claim, or a tombstone.</param>
    /// <param name="Reward">Of a completion: what had been held for it.</param>
    public sealed record CompletionUncounted(Guid CompletionId, bool Counted, RewardView? Reward = null) : CampaignEvent;

    /// <summary>What was owed to the wallet is on its way, as its transfer of this number; of the rewards that wait, the first <paramref name="Items"/>.</summary>
    [SuppressMessage("Naming", "CA1716", Justification = "The field's own term.")]
    public sealed record TransferSent(
        string Wallet, long Number, long AmountMicros, string Memo, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Items = 0) : CampaignEvent;

    public sealed record TransferArrived(string Wallet, long Number) : CampaignEvent;

    // Rewards.

    public sealed record RewardClaimed(Guid ClaimId, RewardHeld Reward) : CampaignEvent;

    /// <summary>Its completion is for good.</summary>
    public sealed record RewardScheduled(Guid CompletionId, DateTimeOffset PaysAt) : CampaignEvent;

    /// <summary>From here on it is owed to the agent's wallet.</summary>
    public sealed record RewardPaid(RewardView View) : CampaignEvent;

    public sealed record RewardDisputed(RewardView View) : CampaignEvent;

    /// <summary>A dispute ended for the agent: it is due now.</summary>
    public sealed record RewardReleased(RewardView View) : CampaignEvent;

    public sealed record RewardReturned(RewardView View) : CampaignEvent;
}

/// <summary>What is held for a completion or a claim, by the definition of that time.</summary>
/// <param name="Owner">The user's stream.</param>
public sealed record RewardHeld(string Owner, string AgentId, long AmountMicros, int PayoutDelaySeconds);

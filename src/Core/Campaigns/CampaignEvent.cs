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
    public sealed record HoldReserved(
        Guid HoldId,
        string Owner,
        Guid RunId,
        string ServiceId,
        long AmountMicros,
        string Provider,
        string Day,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int FeeBasisPoints = 0) : CampaignEvent;

    public sealed record HoldPosted(Guid HoldId, long AmountMicros) : CampaignEvent;

    /// <summary>Also for a hold that never came: the tombstone that refuses it when it does.</summary>
    public sealed record HoldVoided(Guid HoldId) : CampaignEvent;

    /// <summary>The <paramref name="Number"/>-th transfer of a source arrived: a refund of what this campaign had paid. Once closed it belongs to the sponsor's wallet.</summary>
    public sealed record Credited(string Source, long Number, long AmountMicros) : CampaignEvent;

    public sealed record CompletionCounted(Guid CompletionId) : CampaignEvent;

    /// <param name="Counted">It had been counted; false: a tombstone.</param>
    public sealed record CompletionUncounted(Guid CompletionId, bool Counted) : CampaignEvent;

    /// <summary>All that was owed to the wallet is on its way, as its transfer of this number.</summary>
    [SuppressMessage("Naming", "CA1716", Justification = "The field's own term.")]
    public sealed record TransferSent(string Wallet, long Number, long AmountMicros, string Memo) : CampaignEvent;

    public sealed record TransferArrived(string Wallet, long Number) : CampaignEvent;
}

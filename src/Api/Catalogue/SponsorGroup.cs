namespace Agora.Api.Catalogue;

/// <summary>
/// What the campaigns that would pay for a service, once their task is done, ask of a caller: what the task is, whom it is for, and when. Services for which this is the same are lifted
/// together, so a search asks once for each group that there is, which is as many as there are kinds of campaigns, instead of once for each service.
/// </summary>
internal sealed class SponsorGroup : IEquatable<SponsorGroup>
{
    private readonly string _asks;

    private SponsorGroup(string asks, IReadOnlyList<CampaignEntry> campaigns) => (_asks, Campaigns) = (asks, campaigns);

    /// <summary>One for each of what is asked. As these were when the group was made: of a campaign nothing is to be read here but what it asks.</summary>
    public IReadOnlyList<CampaignEntry> Campaigns { get; }

    public static SponsorGroup Of(IEnumerable<CampaignEntry> campaigns)
    {
        var asking = campaigns.DistinctBy(campaign => campaign.Asks, StringComparer.Ordinal).OrderBy(campaign => campaign.Asks, StringComparer.Ordinal).ToList();
        return new(string.Join('\n', asking.Select(campaign => campaign.Asks)), asking);
    }

    public bool Equals(SponsorGroup? other) => other?._asks == _asks;

    public override bool Equals(object? obj) => Equals(obj as SponsorGroup);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(_asks);
}

namespace Agora.Application.Catalogue;

/// <summary>
/// What the campaigns that would pay for a service, once their task is done, ask of a caller: what the task is, whom it is for, and when. Services for which this is the same are lifted
/// together, so a search asks once for each group that there is, which is as many as there are kinds of campaigns, instead of once for each service.
/// </summary>
internal sealed class SponsorGroup : IEquatable<SponsorGroup>
{
    private readonly int _hash;

    private SponsorGroup(CampaignEntry[] campaigns)
    {
        Campaigns = campaigns;
        var hash = new HashCode();
        foreach (var campaign in campaigns) hash.Add(campaign.Asks, StringComparer.Ordinal);
        _hash = hash.ToHashCode();
    }

    /// <summary>One for each of what is asked, in an order that follows from that. As these were when the group was made: of a campaign nothing is to be read here but what it asks.</summary>
    public IReadOnlyList<CampaignEntry> Campaigns { get; }

    public static SponsorGroup Of(IEnumerable<CampaignEntry> campaigns) =>
        new([.. campaigns.DistinctBy(campaign => campaign.Asks, StringComparer.Ordinal).OrderBy(campaign => campaign.Asks, StringComparer.Ordinal)]);

    public bool Equals(SponsorGroup? other) =>
        other is not null && other._hash == _hash && other.Campaigns.Select(campaign => campaign.Asks).SequenceEqual(Campaigns.Select(campaign => campaign.Asks), StringComparer.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as SponsorGroup);

    public override int GetHashCode() => _hash;
}

using System.Text.Json;

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
        var asking = new SortedDictionary<string, CampaignEntry>(StringComparer.Ordinal);
        foreach (var campaign in campaigns) asking.TryAdd(Asks(campaign), campaign);
        return new(string.Join('\n', asking.Keys), [.. asking.Values]);
    }

    public bool Equals(SponsorGroup? other) => other?._asks == _asks;

    public override bool Equals(object? obj) => Equals(obj as SponsorGroup);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(_asks);

    private static string Asks(CampaignEntry campaign)
    {
        var (definition, task) = (campaign.Definition, campaign.Definition.Task);
        return JsonSerializer.Serialize(new { task.Type, task.DataTypes, task.Consents, definition.Targeting, definition.StartsAt, definition.EndsAt });
    }
}

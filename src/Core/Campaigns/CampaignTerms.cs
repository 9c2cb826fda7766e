using System.Text.Json;
using Agora.Core.Kernel;

namespace Agora.Core.Campaigns;

/// <summary>What a campaign's definition means for one request.</summary>
internal static class CampaignTerms
{
    /// <summary>Pays and takes completions at this time of the campaign's stream: from starts_at, until before ends_at.</summary>
    public static bool IsOpen(CampaignState state, DateTimeOffset now) =>
        state is { Closed: false, Definition: { Active: true } terms } && !(now < terms.StartsAt) && !(now >= terms.EndsAt);

    public static SponsoredService? Covering(CampaignState state, string serviceId)
    {
        foreach (var service in state.Definition?.Services ?? [])
        {
            if (service.ServiceId == serviceId) return service;
        }

        return null;
    }

    public static bool Admits(CampaignState state, Personal? attributes) =>
        state.Definition is { } terms && (terms.Targeting.Count == 0 || Targeting.Admits(terms.Targeting, attributes?.Read<IReadOnlyList<UserAttribute>>()));

    /// <summary>The first amount that no account can hold, as a JSON Pointer into the request, or null.</summary>
    public static string? OutOfRange(CampaignDefinition definition)
    {
        if (definition.MaxMicrosPerUser is { } user && !Money.InRange(user)) return "/max_cents_per_user";
        if (!Money.InRange(definition.RewardMicros)) return "/reward_cents";
        if (definition.DailyCapMicros is { } day && !Money.InRange(day)) return "/daily_cap_cents";

        for (var i = 0; i < definition.Services.Count; i++)
        {
            if (definition.Services[i].MaxPriceMicros is { } price && !Money.InRange(price)) return $"/services/{i}/max_price_cents";
        }

        return null;
    }

    /// <summary>By content: records with lists do not compare by it.</summary>
    public static bool Same(CampaignDefinition a, CampaignDefinition b) => Text(a) == Text(b);

    private static string Text(CampaignDefinition definition) => JsonSerializer.Serialize(definition, StoredJson.Options);
}

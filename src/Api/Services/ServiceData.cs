using System.Text.Json;
using Agora.Application.Services;
using Agora.Application.Values;
using Agora.Web;

namespace Agora.Api.Services;

internal sealed record ServicesData(IReadOnlyList<ServiceData> Services, long TotalCount, int Offset, int Limit, string? EmptyBecause) : IWrittenData
{
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.Write("services", Services);
        writer.WriteNumber("total_count", TotalCount);
        writer.WriteNumber("offset", Offset);
        writer.WriteNumber("limit", Limit);
        writer.WriteString("empty_because", EmptyBecause);
        writer.WriteEndObject();
    }
}

/// <param name="PriceCents">Of one run; of a metered service the most that one may cost.</param>
internal sealed record ServiceData(
    string ServiceId,
    string Name,
    string Description,
    string Category,
    string Provider,
    Cents PriceCents,
    bool Metered,
    double RelevanceScore,
    RawJson? InputSchema,
    IReadOnlyList<SponsorData> Sponsors) : IWrittenData
{
    public static ServiceData Of(ServiceFound found) => new(
        found.Service.ServiceId,
        found.Service.Definition.Name,
        found.Service.Definition.Description,
        found.Service.Definition.Category,
        found.Service.Definition.Provider,
        new(found.Service.Definition.PriceMicros),
        found.Service.Definition.Metered,
        Math.Round(found.Relevance, 4),
        RawJson.Of(found.Service.Definition.InputSchema),
        [.. found.Sponsors.Select(static sponsor => new SponsorData(sponsor.Campaign.CampaignId, sponsor.Campaign.Definition.Sponsor, sponsor.TaskCompleted, sponsor.RunsLeft))]);

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("service_id", ServiceId);
        writer.WriteString("name", Name);
        writer.WriteString("description", Description);
        writer.WriteString("category", Category);
        writer.WriteString("provider", Provider);
        writer.Write("price_cents", PriceCents);
        writer.WriteBoolean("metered", Metered);
        writer.WriteNumber("relevance_score", RelevanceScore);
        writer.Write("input_schema", InputSchema);
        writer.Write("sponsors", Sponsors);
        writer.WriteEndObject();
    }
}

/// <param name="RunsLeft">What the sponsor still pays for this user; of a task not yet done: what doing it gives.</param>
internal sealed record SponsorData(string CampaignId, string Sponsor, bool TaskCompleted, int RunsLeft) : IWrittenData
{
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("campaign_id", CampaignId);
        writer.WriteString("sponsor", Sponsor);
        writer.WriteBoolean("task_completed", TaskCompleted);
        writer.WriteNumber("runs_left", RunsLeft);
        writer.WriteEndObject();
    }
}

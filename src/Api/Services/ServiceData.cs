using Agora.Api.Http;

namespace Agora.Api.Services;

internal sealed record ServicesData(IReadOnlyList<ServiceData> Services, long TotalCount, int Offset, int Limit, string? EmptyBecause);

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
    IReadOnlyList<SponsorData> Sponsors);

/// <param name="RunsLeft">What the sponsor still pays for this user; of a task not yet done: what doing it gives.</param>
internal sealed record SponsorData(string CampaignId, string Sponsor, bool TaskCompleted, int RunsLeft);

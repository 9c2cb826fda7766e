using Agora.Api.Runs;
using Agora.Api.Services;
using Agora.Api.Sessions;
using Agora.Api.Tasks;
using Agora.Application.Values;

namespace Agora.Api.Gpt;

internal sealed record GptSessionData(string SessionToken, string UserId, Cents LimitCents, Cents SpentCents, Cents RemainingCents, DateTimeOffset ExpiresAt, string Message);

internal sealed record GptServicesData(IReadOnlyList<GptServiceData> Services, long TotalCount, string Message);

internal sealed record GptServiceData(string ServiceId, string Name, string Description, string Category, Cents PriceCents, RawJson? InputSchema, IReadOnlyList<SponsorData> Sponsors)
{
    public static GptServiceData Of(ServiceData service) =>
        new(service.ServiceId, service.Name, service.Description, service.Category, service.PriceCents, service.InputSchema, service.Sponsors);
}

internal sealed record GptTaskData(
    string CampaignId, string Sponsor, string Name, string Description, RawJson Schema, IReadOnlyList<ConsentMeaningData> ConsentMeanings, bool Completed, Cents RewardCents, string Message);

internal sealed record GptCompletedData(
    Guid CompletionId, string CampaignId, string ExecutionMode, string GrantedVia, IReadOnlyList<GivenConsentData> Consents, IReadOnlyList<string> UnlockedServices, EarnedData? Reward, bool AlreadyDone, string Message);

internal sealed record GptRunData(string RunId, string ServiceId, string State, RawJson? Output, Cents AmountCents, string? Source, bool AlreadyDone, string Message)
{
    public static GptRunData Of(RunData run, bool replayed, string message) =>
        new(run.RunId, run.ServiceId, run.State, run.Output, run.Payment?.AmountCents ?? new(0), run.Payment?.Source, replayed, message);
}

internal sealed record GptStatusData(
    string UserId, Cents SpentCents, Cents ReservedCents, Cents RemainingCents, DateTimeOffset ExpiresAt, IReadOnlyList<ConsentData> Consents, long? TotalConsents, IReadOnlyList<RunSummaryData> Runs, string Message);

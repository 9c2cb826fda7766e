using Agora.Api.Http;

namespace Agora.Api.Tasks;

internal sealed record TasksData(IReadOnlyList<TaskData> Tasks, long TotalCount, int Offset, int Limit);

/// <param name="Unlocks">Ids of the services that the sponsor pays for.</param>
internal sealed record TaskData(string CampaignId, string Sponsor, string Name, string Type, IReadOnlyList<string> Unlocks, bool Completed);

internal sealed record TaskDetailData(string CampaignId, string Sponsor, TaskTermsData Task, bool Completed);

internal sealed record TaskTermsData(string Name, string Type, string Description, RawJson Schema, IReadOnlyList<string> DataTypes, IReadOnlyList<string> Consents);

/// <param name="UnlockedServices">Ids of the services that can now be run.</param>
internal sealed record CompletedData(
    Guid CompletionId,
    string CampaignId,
    string ExecutionMode,
    string GrantedVia,
    IReadOnlyList<GivenConsentData> Consents,
    IReadOnlyList<string> UnlockedServices);

internal sealed record GivenConsentData(string ConsentId, string Type);

using Agora.Application.Language;
using Agora.Application.Tasks;
using Agora.Application.Values;
using Agora.Core.Campaigns;
using Agora.Core.Sessions;

namespace Agora.Api.Tasks;

internal sealed record TasksData(IReadOnlyList<TaskData> Tasks, long TotalCount, int Offset, int Limit, string? EmptyBecause);

/// <param name="Unlocks">Ids of the services that the sponsor pays for.</param>
/// <param name="RewardCents">What the task earns its agent.</param>
internal sealed record TaskData(string CampaignId, string Sponsor, string Name, string Type, IReadOnlyList<string> Unlocks, bool Completed, Cents RewardCents)
{
    public static TaskData Of(TaskShown shown) => new(
        shown.Campaign.CampaignId,
        shown.Campaign.Definition.Sponsor,
        shown.Campaign.Definition.Task.Name,
        shown.Campaign.Definition.Task.Type,
        [.. shown.Campaign.Definition.Services.Select(static service => service.ServiceId)],
        shown.Completed,
        new(shown.Campaign.Definition.RewardMicros));
}

internal sealed record TaskDetailData(string CampaignId, string Sponsor, TaskTermsData Task, bool Completed, Cents RewardCents, int PayoutDelaySeconds, IReadOnlyList<ConsentMeaningData> ConsentMeanings)
{
    public static TaskDetailData Of(TaskShown shown, Words? words)
    {
        var (definition, task) = (shown.Campaign.Definition, shown.Campaign.Definition.Task);
        return new(
            shown.Campaign.CampaignId,
            definition.Sponsor,
            new(task.Name, task.Type, task.Description, RawJson.Of(task.Schema)!, task.DataTypes, task.Consents),
            shown.Completed,
            new(definition.RewardMicros),
            definition.PayoutDelaySeconds,
            [.. task.Consents.Select(type => new ConsentMeaningData(type, Application.Flow.ConsentMeanings.Of(type) is var meaning && words is not null ? words.Of(meaning) : meaning))]);
    }
}

internal sealed record TaskTermsData(string Name, string Type, string Description, RawJson Schema, IReadOnlyList<string> DataTypes, IReadOnlyList<string> Consents);

/// <summary>A consent that the task asks for, and what the user agrees to by it.</summary>
internal sealed record ConsentMeaningData(string Type, string Meaning);

/// <param name="UnlockedServices">Ids of the services that can now be run.</param>
internal sealed record CompletedData(
    Guid CompletionId,
    string CampaignId,
    string ExecutionMode,
    string GrantedVia,
    IReadOnlyList<GivenConsentData> Consents,
    IReadOnlyList<string> UnlockedServices,
    EarnedData? Reward)
{
    public static CompletedData Of(TaskDone done) => new(
        done.Completed.CompletionId,
        done.Completed.CampaignId,
        done.Completed.GrantedVia,
        done.Completed.GrantedVia,
        [.. done.Completed.Consents.Select(static consent => new GivenConsentData(consent.ConsentId, consent.Type))],
        done.UnlockedServices,
        EarnedData.Of(done.Completed.Reward));
}

/// <param name="State">pending, or none.</param>
/// <param name="PaysAt">Null: nothing is paid, and why_not says why.</param>
internal sealed record EarnedData(Cents AmountCents, string State, DateTimeOffset? PaysAt, string? WhyNot)
{
    public static EarnedData? Of(TaskReward? reward) =>
        reward is null ? null : new(new(reward.AmountMicros), reward.AmountMicros > 0 ? RewardStates.Pending : "none", reward.PaysAt, reward.WhyNot);
}

internal sealed record ClaimData(Guid ClaimId, string CampaignId, Cents RewardCents, DateTimeOffset ExpiresAt);

internal sealed record GivenConsentData(string ConsentId, string Type);

using System.Text.Json.Serialization;
using Agora.Api.Admin.Services;
using Agora.Api.Tasks;
using Agora.Application.Catalogue;
using Agora.Application.Values;
using Agora.Core.Access;
using Agora.Core.Campaigns;
using Agora.Web;

namespace Agora.Api.Admin.Campaigns;

internal sealed record CampaignData(
    string CampaignId,
    string Sponsor,
    string? Owner,
    TaskTermsData Task,
    IReadOnlyList<SponsoredServiceData> Services,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Targeting,
    int RunsPerCompletion,
    Cents? MaxCentsPerUser,
    Cents? DailyCapCents,
    long? MaxCompletions,
    DateTimeOffset? StartsAt,
    DateTimeOffset? EndsAt,
    Cents RewardCents,
    int PayoutDelaySeconds,
    bool AllowRelated,
    bool Active,
    bool Closed,
    long Completions,
    EscrowData Escrow,
    RewardTotalsData Rewards,
    DateTimeOffset UpdatedAt)
{
    /// <summary>Members that lost their values to a put that did not name them; absent where none did.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Dropped { get; private init; }

    /// <summary>What to look at, where it was put, changed or read; absent where there is nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CampaignWarningData>? Warnings { get; init; }

    /// <summary>Where it was read: what hangs on it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Links { get; init; }

    public static CampaignData Of(CampaignView view)
    {
        var (definition, task) = (view.Definition, view.Definition.Task);
        return new(
            view.CampaignId,
            definition.Sponsor,
            definition.Owner,
            new(task.Name, task.Type, task.Description, RawJson.Of(task.Schema)!, task.DataTypes, task.Consents),
            [.. definition.Services.Select(s => new SponsoredServiceData(s.ServiceId, Cents.Of(s.MaxPriceMicros)))],
            definition.Targeting.ToDictionary(t => t.Attribute, t => t.Values, StringComparer.Ordinal),
            definition.RunsPerCompletion,
            Cents.Of(definition.MaxMicrosPerUser),
            Cents.Of(definition.DailyCapMicros),
            definition.MaxCompletions,
            definition.StartsAt,
            definition.EndsAt,
            new(definition.RewardMicros),
            definition.PayoutDelaySeconds,
            definition.AllowRelated,
            definition.Active,
            view.Closed,
            view.Completions,
            EscrowData.Of(view.Escrow),
            RewardTotalsData.Of(view.Rewards ?? new(0, 0, 0)),
            view.UpdatedAt) { Dropped = view.Dropped };
    }
}

internal sealed record SponsoredServiceData(string ServiceId, Cents? MaxPriceCents);

/// <param name="Code">One of <see cref="Codes"/>.</param>
internal sealed record CampaignWarningData(string Code, string ServiceId)
{
    /// <summary>The catalogue has no service of this id: a campaign may be put before its services, and an id may be misspelt.</summary>
    public const string UnknownService = "unknown_service";

    public static readonly IReadOnlyList<string> Codes = [UnknownService];

    /// <summary>A caller that may not read the operators' list of services learns what agents see: a service that is not active is not there.</summary>
    /// <returns>Null: there is nothing to look at.</returns>
    public static IReadOnlyList<CampaignWarningData>? Of(OperatorCall call, CampaignDefinition definition, ServiceCatalogue catalogue)
    {
        var readsAll = call.Actor.Roles.Include(ServiceAdminEndpoints.Get.Least);
        IReadOnlyList<CampaignWarningData> warnings = [.. definition.Services.Where(service => (readsAll ? catalogue.Service(service.ServiceId) : catalogue.Active(service.ServiceId)) is null).Select(static service => new CampaignWarningData(UnknownService, service.ServiceId))];
        return warnings.Count == 0 ? null : warnings;
    }
}

internal sealed record EscrowData(Cents FundedCents, Cents HeldCents, Cents SpentCents, Cents RemainingCents)
{
    public static EscrowData Of(Escrow escrow) => new(new(escrow.FundedMicros), new(escrow.HeldMicros), new(escrow.SpentMicros), new(escrow.RemainingMicros));
}

/// <param name="PendingCents">Held for claims and for completions that are not paid yet.</param>
internal sealed record RewardTotalsData(Cents PaidCents, Cents PendingCents, Cents DisputedCents)
{
    public static RewardTotalsData Of(RewardTotals totals) => new(new(totals.PaidMicros), new(totals.PendingMicros), new(totals.DisputedMicros));
}

internal sealed record CampaignsData(IReadOnlyList<CampaignData> Campaigns, long? TotalCount, string? TotalCountUnknown, int Offset, int Limit);

internal sealed record CompletionsData(IReadOnlyList<CompletionData> Completions, long? TotalCount, string? TotalCountUnknown, int Offset, int Limit);

/// <param name="Output">Null where a consent was withdrawn, or the user's personal data were erased.</param>
internal sealed record CompletionData(
    string CompletionId,
    string UserId,
    string SessionId,
    string AgentId,
    string ExecutionMode,
    DateTimeOffset CompletedAt,
    RawJson? Output,
    IReadOnlyList<CompletionConsentData> Consents);

internal sealed record CompletionConsentData(string ConsentId, string Type, DateTimeOffset GrantedAt, DateTimeOffset? WithdrawnAt);

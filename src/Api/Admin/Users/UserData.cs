using System.Text.Json.Serialization;
using Agora.Api.Sessions;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Core.Users;

namespace Agora.Api.Admin.Users;

/// <param name="Attributes">Null after the personal data were erased.</param>
internal sealed record UserData(
    string UserId,
    IReadOnlyDictionary<string, IReadOnlyList<string>>? Attributes,
    string? TimeZone,
    Cents? DailyCapCents,
    Cents? MonthlyCapCents,
    IReadOnlyList<GrantData> Grants,
    bool Erased,
    bool Paused,
    IReadOnlyDictionary<string, PartCapData> PerService,
    IReadOnlyDictionary<string, PartCapData> PerCategory)
{
    /// <summary>Members that lost their values to a put that did not name them; absent where none did.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Dropped { get; private init; }

    /// <summary>In place of the caps, for a while; null: nothing is.</summary>
    public UserRaiseData? Raise { get; private init; }

    /// <summary>Where it was read: what counts against the caps.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UserSpentData? Spent { get; private init; }

    /// <summary>Where it was read: how long the longest link to the user's pages opens; absent: there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? LinksUntil { get; private init; }

    /// <summary>Where it was read: what hangs on it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Links { get; init; }

    public static UserData Of(UserInspected seen) => Of(seen.View with { Raise = seen.Raise }) with
    {
        Grants = [.. seen.View.Grants.Select(grant => GrantData.Of(seen, grant))],
        Spent = new(SpentData.Of(seen.Day), SpentData.Of(seen.Month), PartSpentData.Of(seen.Parts, PartCap.OfService), PartSpentData.Of(seen.Parts, PartCap.OfCategory)),
        LinksUntil = seen.LinksUntil,
    };

    public static UserData Of(UserView view)
    {
        var profile = view.Profile?.Read<Profile>();
        return new(
            view.UserId,
            profile?.Attributes.ToDictionary(a => a.Name, a => a.Values, StringComparer.Ordinal),
            profile?.TimeZone,
            Cents.Of(view.DailyCapMicros),
            Cents.Of(view.MonthlyCapMicros),
            [.. view.Grants.Select(grant => GrantData.Of(view.UserId, grant))],
            view.Erased,
            view.Paused,
            PartCapData.Of(view.Parts, PartCap.OfService),
            PartCapData.Of(view.Parts, PartCap.OfCategory)) { Dropped = view.Dropped, Raise = view.Raise is { } raise ? UserRaiseData.Of(view.UserId, raise) : null };
    }
}

internal sealed record GrantData(string UserId, string AgentId, ScopesData Scopes, Cents? TotalLimitCents, int MaxLiveSessions, DateTimeOffset? ExpiresAt, Cents? RequireApprovalAboveCents)
{
    /// <summary>Members that lost their values to a put that did not name them; absent where none did.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Dropped { get; private init; }

    /// <summary>In place of the total, for a while; null: nothing is.</summary>
    public GrantRaiseData? Raise { get; private init; }

    /// <summary>Where it was read: what counts against the total limit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SpentData? Spent { get; private init; }

    /// <summary>Where it was read: what hangs on it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Links { get; init; }

    public static GrantData Of(UserInspected seen, GrantView view) =>
        Of(seen.View.UserId, view with { Raise = seen.RaiseOf(view.AgentId) }) with { Spent = SpentData.Of(seen.Grants.FirstOrDefault(grant => grant.AgentId == view.AgentId)?.Spent) };

    public static GrantData Of(string userId, GrantView view) => new(
        userId, view.AgentId, ScopesData.Of(view.Grant.Scopes, view.Grant.BudgetLimitMicros), Cents.Of(view.Grant.TotalLimitMicros), view.Grant.MaxLiveSessions, view.Grant.ExpiresAt,
        Cents.Of(view.Grant.ApprovalAboveMicros)) { Dropped = view.Dropped, Raise = view.Raise is { } raise ? GrantRaiseData.Of(userId, view.AgentId, raise) : null };
}

/// <summary>In the day and the month of the user's time zone. Null: nothing is counted for a user who never had a limit or a grant.</summary>
/// <param name="PerService">Since the user was put with any cap of a part, of each that has one.</param>
internal sealed record UserSpentData(
    SpentData? Today, SpentData? ThisMonth, IReadOnlyDictionary<string, PartSpentData> PerService, IReadOnlyDictionary<string, PartSpentData> PerCategory);

internal sealed record PartCapData(Cents? DailyCapCents, Cents? MonthlyCapCents)
{
    public static IReadOnlyDictionary<string, PartCapData> Of(IReadOnlyList<PartCap>? caps, string kind) => (caps ?? []).Where(cap => cap.Kind == kind)
        .ToDictionary(cap => cap.Name, cap => new PartCapData(Cents.Of(cap.DailyCapMicros), Cents.Of(cap.MonthlyCapMicros)), StringComparer.Ordinal);
}

internal sealed record PartSpentData(SpentData? Today, SpentData? ThisMonth)
{
    public static IReadOnlyDictionary<string, PartSpentData> Of(IReadOnlyList<PartSpent>? parts, string kind) => (parts ?? []).Where(part => part.Kind == kind)
        .ToDictionary(part => part.Name, part => new PartSpentData(SpentData.Of(part.Day), SpentData.Of(part.Month)), StringComparer.Ordinal);
}

/// <param name="HeldCents">Of runs that are under way.</param>
/// <param name="NotProjected">Null: there is a time.</param>
internal sealed record SpentData(Cents SpentCents, Cents HeldCents, DateTimeOffset? ProjectedAt, string? NotProjected)
{
    public static SpentData? Of(Spent? spent) =>
        spent is null ? null : new(new(spent.Micros), new(spent.HeldMicros), spent.Cap?.At, spent.Cap is { } cap ? cap.Not : Projection.NoPeriod);
}

internal sealed record EndedGrantData(string UserId, string AgentId, DateTimeOffset EndedAt);

internal sealed record UserStandingData(string UserId, bool Paused);

internal sealed record ErasedData(string UserId, DateTimeOffset ErasedAt);

internal sealed record UsersData(IReadOnlyList<UserSummaryData> Users, long? TotalCount, string? TotalCountUnknown, int Offset, int Limit);

internal sealed record UserSummaryData(string UserId, Cents? DailyCapCents, Cents? MonthlyCapCents, bool Erased, bool Paused, DateTimeOffset UpdatedAt)
{
    public static UserSummaryData Of(NamedRow row) => new(
        row.Text("user_id"), Cents.Of(row.OptionalNumber("daily_cap_micros")), Cents.Of(row.OptionalNumber("monthly_cap_micros")), row.Number("erased") != 0, row.Number("paused") != 0, row.Time("updated_at"));
}

using System.Globalization;
using System.Text.Json;
using Agora.Api.Http;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;

namespace Agora.Api.Admin.Users;

/// <summary>Body of PUT /admin/users/{user_id}: whole, so what is left out is removed.</summary>
internal sealed record UserRequest(Profile Profile, long? DailyCapMicros, long? MonthlyCapMicros)
{
    public static UserRequest Read(Fields body, Findings findings)
    {
        var request = new UserRequest(
            new([.. body.Entries("attributes", Limits.Attributes, required: false).Select(a => Attribute(a.Name, a.Value, a.Path, body, findings)).OfType<UserAttribute>()],
                body.Formatted("time_zone", 64, IsTimeZone, "An IANA time zone is wanted here, such as Europe/Berlin.", required: false)),
            body.Cents("daily_cap_cents", required: false),
            body.Cents("monthly_cap_cents", required: false));
        body.Finish();
        return request;
    }

    /// <summary>A string, or a list of them.</summary>
    private static UserAttribute? Attribute(string name, JsonElement value, string path, Fields body, Findings findings)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return body.IsDisplayable(value.GetString()!, path, Limits.NameLength, blank: false) ? new(name, [value.GetString()!]) : null;
        }

        var values = StringList.Read(value, path, Limits.AttributeValues, body, findings);
        return values is null ? null : new(name, values);
    }

    // What a machine's own files call a zone besides the names of the IANA database says something else on each machine, or counts leap seconds.
    private static bool IsTimeZone(string id) =>
        id is not ("localtime" or "posixrules" or "Factory") && !id.StartsWith("posix/", StringComparison.Ordinal) && !id.StartsWith("right/", StringComparison.Ordinal)
        && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) && zone.HasIanaId;
}

/// <summary>Lists of strings under names that are data themselves.</summary>
internal static class StringList
{
    public static IReadOnlyList<string>? Read(JsonElement list, string path, int maxItems, Fields body, Findings findings)
    {
        if (list.ValueKind != JsonValueKind.Array || list.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
        {
            findings.Violate(path, "type", "A list of strings is wanted here.");
            return null;
        }

        if (list.GetArrayLength() is 0 || list.GetArrayLength() > maxItems)
        {
            findings.Violate(path, "maxItems", string.Create(CultureInfo.InvariantCulture, $"From 1 to {maxItems} items."));
            return null;
        }

        var values = list.EnumerateArray().Select(item => item.GetString()!).ToList();
        return values.All(value => body.IsDisplayable(value, path, Limits.NameLength, blank: false)) ? values : null;
    }
}

/// <summary>Body of PUT /admin/users/{user_id}/grants/{agent_id}. A list that is absent allows nothing of its kind, but for consents (<see cref="ScopeRules.ConsentsImplied"/>).</summary>
internal static class GrantRequest
{
    public static Grant Read(Fields body)
    {
        var scopes = body.Object("scopes");
        var dataTypes = scopes?.Words("allowed_data_types", required: false) ?? [];
        var grant = new Grant(
            new Scopes(
                scopes?.Words("allowed_task_types", required: false) ?? [],
                dataTypes,
                scopes?.Words("allowed_categories", required: false) ?? [],
                scopes?.Words("allowed_consents", required: false) ?? ScopeRules.ConsentsImplied(dataTypes),
                scopes?.Words("allowed_payees", required: false)),
            scopes?.Cents("budget_limit_cents") ?? 0,
            body.Cents("total_limit_cents", required: false),
            body.Integer("max_live_sessions", 1, Limits.MaxLiveSessions) ?? Limits.LiveSessionsDefault,
            body.Time("expires_at"),
            body.Cents("require_approval_above_cents", required: false));
        scopes?.Finish();
        body.Finish();
        return grant;
    }
}

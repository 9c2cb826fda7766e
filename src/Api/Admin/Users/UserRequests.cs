using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Application.Operations;
using Agora.Application.Sessions;
using Agora.Application.Values;
using Agora.Core.Access;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Api.Admin.Users;

/// <summary>A user as it shall be: whole, so what is left out is removed.</summary>
internal sealed record UserRequest(string UserId, Profile Profile, long? DailyCapMicros, long? MonthlyCapMicros, IReadOnlyList<PartCap>? Parts)
{
    public static UserRequest Read(Call call)
    {
        var (body, id) = (call.Body, call.Id("user_id"));
        var attributes = body.Entries("attributes", "What campaigns' targeting sees. preferred_categories and preferred_providers rank services, for sessions that may use the data type preferences.", Limits.Attributes, ValueSchema).Select(a => Attribute(a.Name, a.Value, a.Path, call.Findings)).OfType<UserAttribute>();
        return new(
            id,
            new([.. attributes], body.Formatted("time_zone", "Where the user's days and months begin; absent: in UTC.", 64, IsTimeZone, "An IANA time zone is wanted here, such as Europe/Berlin.", required: false)),
            body.Cents("daily_cap_cents", "The most that all of the user's runs may cost a day.", required: false),
            body.Cents("monthly_cap_cents", "The most that all of the user's runs may cost a month.", required: false),
            PartCap.InOrder(
            [
                .. PartCaps.Read(body, "per_service", "By service: the most that runs of it may cost, beside the user's other caps.", PartCap.OfService, call.Findings),
                .. PartCaps.Read(body, "per_category", "By category of services: the most that runs of all of these may cost, beside the user's other caps.", PartCap.OfCategory, call.Findings),
            ]));
    }

    private static JsonObject ValueSchema() => new() { ["anyOf"] = new JsonArray(Schemas.Text(Limits.NameLength), StringList.Schema) };

    /// <summary>A string, or a list of them.</summary>
    private static UserAttribute? Attribute(string name, JsonElement value, string path, Findings findings)
    {
        if (value.ValueKind == JsonValueKind.String) return findings.IsDisplayable(value.GetString()!, path) ? new(name, [value.GetString()!]) : null;

        var values = StringList.Read(value, path, findings);
        return values is null ? null : new(name, values);
    }

    // What a machine's own files call a zone besides the names of the IANA database says something else on each machine, or counts leap seconds.
    // Of two slashes the file system makes one, and the runtime keeps a zone under each name that it found one by, for as long as the process runs.
    private static bool IsTimeZone(string id) =>
        !id.Contains("//", StringComparison.Ordinal) && id is not ("localtime" or "posixrules" or "Factory") && !id.StartsWith("posix/", StringComparison.Ordinal) && !id.StartsWith("right/", StringComparison.Ordinal)
        && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) && zone.HasIanaId;
}

/// <summary>Caps under the ids of services, or under categories.</summary>
internal static class PartCaps
{
    private const string Daily = "daily_cap_cents";
    private const string Monthly = "monthly_cap_cents";

    private const string OfDay = "The most a day.";
    private const string OfMonth = "The most a month.";

    public static IReadOnlyList<PartCap> Read(Fields body, string name, string meaning, string kind, Findings findings)
    {
        var caps = body.Entries(name, meaning, Limits.PartCaps, Schema, () => Name(kind)).Select(entry => Cap(kind, entry.Name, entry.Value, entry.Path, findings)).ToList();
        if (caps.Select(cap => cap.Part()).Distinct(StringComparer.Ordinal).Count() < caps.Count)
        {
            body.Violate(name, "uniqueItems", "No category may stand here twice; its case makes no difference.");
        }

        return caps;
    }

    private static JsonObject Name(string kind) => kind == PartCap.OfService ? new() { ["pattern"] = DisplayText.IdPattern } : new() { ["not"] = new JsonObject { ["const"] = ScopeRules.All } };

    private static JsonObject Schema()
    {
        var schema = Schemas.Closed([], new() { [Daily] = Schemas.Meaning(Schemas.Cents, OfDay), [Monthly] = Schemas.Meaning(Schemas.Cents, OfMonth) });
        schema["minProperties"] = 1;
        return schema;
    }

    private static PartCap Cap(string kind, string name, JsonElement value, string path, Findings findings)
    {
        if (name == ScopeRules.All) // to scopes it is everything; here it would be a name that nothing has
        {
            findings.Violate(path, "propertyNames", "One service or category is wanted here, not *: daily_cap_cents and monthly_cap_cents of the user bound all of them together.");
        }
        else if (kind == PartCap.OfService && !DisplayText.IsId(name))
        {
            findings.Violate(path, "propertyNames", $"A service's id matches {DisplayText.IdPattern}");
        }

        var caps = new Fields(value, path, findings);
        var cap = new PartCap(kind, name, caps.Cents(Daily, OfDay, required: false), caps.Cents(Monthly, OfMonth, required: false));
        caps.Finish();
        if (value.ValueKind == JsonValueKind.Object && !caps.IsPresent(Daily) && !caps.IsPresent(Monthly))
        {
            findings.Violate(path, "minProperties", $"Say {Daily}, {Monthly} or both; whoever has no cap is left out.");
        }

        return cap;
    }
}

/// <summary>Lists of strings under names that are data themselves.</summary>
internal static class StringList
{
    public static JsonObject Schema => Schemas.List(Schemas.Text(Limits.NameLength), Limits.AttributeValues, minItems: 1);

    public static IReadOnlyList<string>? Read(JsonElement list, string path, Findings findings)
    {
        if (list.ValueKind != JsonValueKind.Array || list.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
        {
            findings.Violate(path, "type", "A list of strings is wanted here.");
            return null;
        }

        if (list.GetArrayLength() is 0 || list.GetArrayLength() > Limits.AttributeValues)
        {
            findings.Violate(path, "maxItems", string.Create(CultureInfo.InvariantCulture, $"From 1 to {Limits.AttributeValues} items; here are {list.GetArrayLength()}."));
            return null;
        }

        var values = list.EnumerateArray().Select(item => item.GetString()!).ToList();
        return values.Index().All(value => findings.IsDisplayable(value.Item, string.Create(CultureInfo.InvariantCulture, $"{path}/{value.Index}"))) ? values : null;
    }
}

/// <summary>What a user lets an agent do. A list that is absent allows nothing of its kind, but for consents (<see cref="ScopeRules.ConsentsImplied"/>).</summary>
internal sealed record GrantRequest(string UserId, string AgentId, Grant Grant)
{
    public static GrantRequest Read(Call call)
    {
        var (userId, agentId, body) = (call.Id("user_id"), call.Id("agent_id"), call.Body);
        var scopes = body.Object("scopes", "What a session may be allowed.");
        var taskTypes = scopes?.Words("allowed_task_types", "Absent or empty: none; [\"*\"]: all.") ?? [];
        var dataTypes = scopes?.Words("allowed_data_types", "Absent or empty: none; [\"*\"]: all.") ?? [];
        var allowed = new Scopes(
            taskTypes,
            dataTypes,
            scopes?.Words("allowed_categories", "Absent or empty: none; [\"*\"]: all.") ?? [],
            scopes?.Words("allowed_consents", "Absent: data_sharing, where any data type is allowed; empty: none; [\"*\"]: all.") ?? ScopeRules.ConsentsImplied(dataTypes),
            scopes?.Words("allowed_payees", "Wallets that the agent may pay. Absent or empty: none; [\"*\"]: all."),
            scopes?.Words("allowed_peers", "Agents that the agent may talk to. Absent or empty: none; [\"*\"]: all."),
            AskedScopes.Limits(scopes),
            scopes?.Flag("ask_when_spent", "Whether the user is asked to raise a session's budget where it has no room for a run.", absent: false) ?? false);
        var budget = scopes?.Cents("budget_limit_cents", "The most that one session's runs may cost.") ?? 0;
        scopes?.Finish();
        var total = body.Cents("total_limit_cents", "The most that all sessions of this grant may cost together; absent: no such limit.", required: false);
        var approval = body.Cents("require_approval_above_cents", "A run or payment that may cost more waits until the user approves it; absent: none does.", required: false);
        var sessions = body.Integer("max_live_sessions", "How many of its sessions may live at once.", 1, Limits.MaxLiveSessions, absent: Limits.LiveSessionsDefault);
        return new(userId, agentId, new(allowed, budget, total, sessions ?? Limits.LiveSessionsDefault, body.Time("expires_at", "When the grant ends; absent: never."), approval));
    }
}

using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Agora.Api.Admin.Campaigns;
using Agora.Api.Sessions;
using Agora.Core.Access;
using Agora.Core.Chats;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Core.Scenarios;
using Agora.Core.Watches;

namespace Agora.Api.Documents;

/// <summary>How large members of replies get: so much has whoever reads them to expect, and to hold. Where nothing here bounds a list, only what there is does.</summary>
internal static class MemberBounds
{
    /// <summary>Sentences of ours, with names of others in them, and what is signed.</summary>
    private const int Text = 8_192;

    /// <summary>Whole numbers that every reader of JSON has exactly (RFC 8259 section 6).</summary>
    private const long Whole = (1L << 53) - 1;

    /// <summary>Of lists that are no pages.</summary>
    private static readonly Dictionary<string, int> Items = new(StringComparer.Ordinal)
    {
        ["answers"] = Limits.TestAnswers,
        ["attachments"] = ChatLimits.Attachments,
        ["siblings"] = ChatLimits.Turns,
        ["budget_warnings"] = Limits.NearLimits,
        ["changes"] = Limits.ActChanges,
        ["checks"] = Limits.Checks,
        ["children"] = Limits.TreeNodes,
        ["decided"] = Limits.RowEvents,
        ["days"] = Limits.DaysShown,
        ["estimates"] = Limits.ListItems,
        ["groups"] = Limits.ListItems,
        ["held_by"] = Limits.TreeDepth + 3,
        ["holds"] = Limits.HoldsShown,
        ["known"] = ChatLimits.Turns,
        ["limits"] = Limits.NodeLimits,
        ["memories"] = Limits.MemoriesPinnedFound + Limits.MemoriesFound,
        ["models"] = Limits.SpendingLines,
        ["nodes"] = Limits.TreeSessions + Limits.NodeLimits,
        ["points"] = Limits.ActivityPoints,
        ["refused_by_code"] = Limits.ListItems,
        ["steps"] = ProgressEndpoints.Steps.Count,
        ["targets"] = DailyTarget.Measures.Count,
        ["criteria"] = ScenarioLimits.Criteria,
        ["goals"] = ScenarioLimits.Goals,
        ["hints"] = ScenarioLimits.Hints,
        ["judged"] = ScenarioLimits.Judgements,
        ["lines"] = ScenarioLimits.Scores,
        ["samples"] = Limits.ListItems,
        ["strengths"] = ScenarioLimits.Scores,
        ["turns"] = ScenarioLimits.ReasonTurns,
        ["versions"] = ScenarioLimits.Versions,
        ["weaknesses"] = ScenarioLimits.Scores,
        ["completed_tasks"] = Limits.StatusItems,
        ["consent_meanings"] = Limits.ListItems,
        ["consents"] = Limits.ListItems,
        ["blocks"] = Limits.BlockedAgents,
        ["dead_letters"] = TalkLimits.DeadLetters + TalkLimits.Unacknowledged,
        ["data_types"] = Limits.ListItems,
        ["differences"] = Limits.ListItems,
        ["warnings"] = Limits.ListItems,
        ["endpoints"] = Limits.CardEndpoints,
        ["fallback"] = Limits.ModelFallbacks,
        ["input_modes"] = Limits.SkillWords,
        ["dropped"] = Limits.ListItems,
        ["members"] = TalkLimits.Members,
        ["to"] = TalkLimits.Members,
        ["keys"] = 2 * Limits.LiveKeys,
        ["output_modes"] = Limits.SkillWords,
        ["path"] = Limits.ProofSteps,
        ["prices"] = Limits.PriceVersions,
        ["providers"] = Limits.ListItems,
        ["rates"] = Limits.RatesOfVersion,
        ["refunds"] = Limits.PageMax,
        ["results"] = Limits.SearchResults,
        ["rotations"] = Limits.CardRotations,
        ["routes"] = Limits.RouteRules,
        ["runnable_services"] = Limits.StatusItems,
        ["runs"] = Limits.RecentRuns,
        ["seats"] = WatchLimits.Seats,
        ["secrets"] = Limits.WebhookSecrets,
        ["services"] = Limits.CampaignServices,
        ["skills"] = Limits.CardSkills,
        ["sponsors"] = Limits.SponsorsShown,
        ["tags"] = Limits.SkillWords,
        ["tools"] = Limits.UpstreamTools,
        ["types"] = Limits.ListItems,
        ["unlocked_services"] = Limits.CampaignServices,
        ["unlocks"] = Limits.CampaignServices,
        ["urls"] = Limits.UpstreamInstances,
    };

    private static readonly string[] Pages = ["offset", "next_cursor"];

    private static readonly Dictionary<string, int> Lengths = new(StringComparer.Ordinal)
    {
        ["action"] = Limits.NameLength,
        ["actor"] = Limits.NameLength,
        ["asset"] = Limits.NameLength,
        ["category"] = Limits.NameLength,
        ["content_type"] = TalkLimits.ContentTypeLength,
        ["idempotency_key"] = Limits.IdempotencyKeyLength,
        ["memo"] = Limits.ReasonLength,
        ["name"] = Limits.NameLength,
        ["next_cursor"] = Limits.CursorLength,
        ["payer"] = Limits.NameLength,
        ["provider"] = Limits.WalletIdLength,
        ["reason"] = Limits.ReasonLength,
        ["sponsor"] = Limits.NameLength,
        ["time_zone"] = Limits.NameLength,
        ["type"] = Limits.NameLength,
    };

    public static void Bound(JsonObject schema, Type type, JsonPropertyInfo? member)
    {
        if (type == typeof(string) && schema["enum"] is null)
        {
            schema["maxLength"] = member is null ? Text : Lengths.GetValueOrDefault(member.Name, member.Name.EndsWith("_id", StringComparison.Ordinal) ? Limits.WalletIdLength : Text);
        }
        else if (type == typeof(int))
        {
            schema["maximum"] = int.MaxValue;
        }
        else if (type == typeof(long))
        {
            schema["maximum"] = Whole;
        }
        else if (schema["items"] is not null && (member is null ? Limits.AttributeValues : MostOf(member)) is { } most)
        {
            schema["maxItems"] = most; // without a member it stands under a name that is data: an attribute's values
        }
    }

    /// <summary>Of any amount: sums of all that there is among them, and what the world owes.</summary>
    public static JsonObject Cents() => new() { ["type"] = "number", ["minimum"] = long.MinValue / Money.MicrosPerCent, ["maximum"] = long.MaxValue / Money.MicrosPerCent };

    private static int? MostOf(JsonPropertyInfo list) =>
        list.DeclaringType == typeof(ScopesData) ? Limits.ListItems
        : list.DeclaringType.GetProperties().Any(property => Pages.Contains(System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name))) ? Limits.PageMax
        : Items.TryGetValue(list.Name, out var most) ? most : null;
}

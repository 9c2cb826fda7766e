using System.Collections.Frozen;
using Agora.Api.Admin.Campaigns;
using Agora.Api.Admin.Checks;
using Agora.Api.Admin.Headroom;
using Agora.Api.Admin.Models;
using Agora.Api.Admin.Search;
using Agora.Api.Admin.Services;
using Agora.Api.Admin.Settlements;
using Agora.Api.Admin.Upstreams;
using Agora.Api.Admin.Webhooks;
using Agora.Api.Chats;
using Agora.Api.Conversations;
using Agora.Api.Watches;
using Agora.Application.Catalogue;
using Agora.Application.Chats;
using Agora.Application.Flow;
using Agora.Application.Watches;
using Agora.Core;
using Agora.Core.Access;
using Agora.Core.Agents;
using Agora.Core.Campaigns;
using Agora.Core.Chats;
using Agora.Core.Conversations;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Memories;
using Agora.Core.Moves;
using Agora.Core.Nodes;
using Agora.Core.Refunds;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Upstreams;
using Agora.Core.Users;
using Agora.Core.Watches;
using Agora.Core.Webhooks;
using Agora.Models;
using Agora.Web;

namespace Agora.Api.Documents;

/// <summary>Members of replies that have one of a few values, as <see cref="MemberMeanings"/> names them: states, kinds, codes.</summary>
internal static class MemberValues
{
    private static readonly string[] PlayStates = [PlayTables.Open, PlayTables.Ended, PlayTables.Scored];

    private static readonly string[] RunStates = [.. Enum.GetValues<RunState>().Select(Application.Runs.RunStates.Name)];
    private static readonly string[] EndedRuns = ["succeeded", "failed", "cancelled"];
    private static readonly string[] Approvals = [.. Enum.GetValues<ApprovalState>().Select(state => state.Name())];
    private static readonly string[] Payments = ["posted", PaymentStatus.PartlyRefunded, PaymentStatus.Refunded];
    private static readonly string[] Sources = ["sponsor", "wallet", "x402", "operator", "free"];
    private static readonly string[] Rewards = Constants(typeof(RewardStates));

    private static readonly FrozenDictionary<string, string[]> Values = new Dictionary<string, string[]>
    {
        ["execution_mode"] = ["human", "agent"],
        ["failure_code"] = [.. Refusals.AllCodes],
        ["not_projected"] = Constants(typeof(Projection)),
        ["source"] = Sources,
        ["status"] = Payments,
        ["Approval.state"] = Approvals,
        ["BudgetWarning.limit"] = [.. NearLimit.All],
        ["CampaignWarning.code"] = [.. CampaignWarningData.Codes],
        ["CancelledRun.state"] = ["cancelled"],
        ["ChatFailure.code"] = [.. Refusals.AllCodes],
        ["ChatFeedback.thumb"] = [.. ChatRated.Thumbs],
        ["ChatReply.finish"] = [.. ChatReplyData.Finishes],
        ["ChatSentiment.label"] = [.. ChatSentiment.Labels],
        ["RouteRule.sentiment"] = [.. ChatSentiment.Labels],
        ["Preferences.language"] = [.. ReplyPreferences.Languages],
        ["Preferences.tone"] = [.. ReplyPreferences.Tones],
        ["Preferences.length"] = [.. ReplyPreferences.Lengths],
        ["Preferences.address"] = [.. ReplyPreferences.Addresses],
        ["Preferences.format"] = [.. ReplyPreferences.Formats],
        ["ChatReply.state"] = [.. ChatReplyData.States],
        ["Check.state"] = [.. CheckData.States],
        ["CompletionRow.state"] = ["consented", "withdrawn"],
        ["Conversation.standing"] = Constants(typeof(Standings)),
        ["Conversation.state"] = ["open", "closed", "erased"],
        ["DeadLetter.reason"] = Constants(typeof(DeadReasons)),
        ["Earned.state"] = [RewardStates.Pending, "none"],
        ["Entry.kind"] = [.. EntryKinds.All],
        ["Failure.code"] = [.. Refusals.AllCodes],
        ["Failure.retry"] = [.. Enum.GetValues<RetryWith>().Select(RetryNames.Name)],
        ["Flow.step"] = [.. Enum.GetValues<FlowStep>().Select(Guide.Name)],
        ["FoundAgent.status"] = [.. AgentStatuses.Found],
        ["Lease.status"] = [AgentStatuses.Online],
        ["Registration.status"] = [.. AgentStatuses.Found, AgentStatuses.Revoked],
        ["Hit.kind"] = [.. SearchKinds.All.Select(kind => kind.Name), SearchKinds.Provider],
        ["Hit.matched"] = Constants(typeof(Matched)),
        ["Intervention.kind"] = [.. WatchIntervention.Kinds],
        ["Side.side"] = [.. MoveSides.All],
        ["Where.side"] = [MoveSides.Old, MoveSides.New],
        ["PaidBy.kind"] = Constants(typeof(PayerKinds)),
        ["Play.state"] = [.. PlayStates],
        ["PlayListed.state"] = [.. PlayStates],
        ["Watch.ending"] = [.. WatchNames.Endings],
        ["Watch.state"] = Constants(typeof(WatchStandings)),
        ["WatchListed.state"] = Constants(typeof(WatchStandings)),
        ["WatchPause.code"] = [.. Refusals.AllCodes],
        ["WatchPause.why"] = [.. WatchNames.Pauses],
        ["WatchTurn.state"] = [.. WatchTurnData.States],
        ["Refund.state"] = Constants(typeof(RefundStates)),
        ["RefusalRow.code"] = [.. Refusals.AllCodes],
        ["RefusingNode.kind"] = ["session", "user", "grant", "campaign", "wallet"],
        ["RefusedBy.kind"] = ["daily_cap", "monthly_cap", "grant_total", "session", "scope", "sponsors", "user"],
        ["RefusedRun.code"] = [.. Refusals.AllCodes],
        ["Report.outcome"] = [ReportOutcomes.Open, .. ReportOutcomes.All],
        ["Report.reason"] = [.. ReportReasons.All],
        ["ResolvedReport.outcome"] = [.. ReportOutcomes.All],
        ["RefusedRun.outcome"] = ["pending", "succeeded", "failed", "refused"],
        ["InboxEntry.kind"] = [.. InboxEntryData.Kinds],
        ["ModelUsage.by"] = [.. UsageRequest.Kinds],
        ["Member.standing"] = Constants(typeof(Standings)),
        ["Membership.standing"] = Constants(typeof(Standings)),
        ["Reward.state"] = Rewards,
        ["Run.state"] = RunStates,
        ["RunRow.state"] = EndedRuns,
        ["RunSummary.state"] = RunStates,
        ["Settlement.state"] = SettlementData.States,
        ["Transfer.state"] = RunStates,
        ["TreeNode.state"] = ["live", "suspended", "expired", "revoked"],
        ["Waiting.state"] = Approvals,
        ["Target.measure"] = [.. DailyTarget.Measures],
        ["StepCount.step"] = [.. ProgressEndpoints.Steps],
        ["Trial.outcome"] = [.. TrialData.Outcomes],
        ["Person.role"] = [.. Roles.All.Select(static role => role.Name)],
        ["Holder.kind"] = [.. NodeLimits.Kinds],
        ["Journal.kind"] = [.. Manifest.Kinds],
        ["ModelOffer.kind"] = [.. ModelKinds.Words],
        ["StateAt.kind"] = [.. Manifest.Kinds],
        ["Limit.kind"] = [.. NodeLimits.Kinds, "grant"],
        ["RefusedByCode.code"] = [.. Refusals.AllCodes],
        ["Delivery.error"] = Constants(typeof(DeliveryErrors)),
        ["Delivery.state"] = [.. DeliveryData.States],
        ["InboxWebhook.error"] = Constants(typeof(DeliveryErrors)),
        ["InboxWebhook.state"] = [.. InboxWebhookData.States],
        ["Clock.mode"] = [TestMode.Test],
        ["TestAnswer.fails"] = [.. TestFailures.All],
        ["Upstream.failure"] = [.. UpstreamFailures.All],
        ["Upstream.state"] = [.. UpstreamData.States],
        ["UpstreamTool.refused"] = [.. Refusals.AllCodes],
        ["UpstreamTool.state"] = [.. UpstreamToolData.States],
        ["UpstreamTool.unusable"] = Constants(typeof(ToolFaults)),
        ["Webhook.state"] = [.. WebhookData.States],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <returns>Null: it may have any.</returns>
    public static IReadOnlyList<string>? Of(Type type, string member) =>
        Values.GetValueOrDefault($"{MemberMeanings.NameOf(type)}.{member}") ?? Values.GetValueOrDefault(member);

    private static string[] Constants(Type type) => [.. type.GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!)];
}

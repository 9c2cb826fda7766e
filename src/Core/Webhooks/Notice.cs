using System.Text.Json.Nodes;

namespace Agora.Core.Webhooks;

/// <summary>Something that happened, as endpoints are told it: ids, amounts and states, and where the rest is read. Never what a user, an agent, a sponsor or a service said.</summary>
/// <param name="type">One of <see cref="NoticeTypes"/>.</param>
/// <param name="data">Its own: nothing else refers to it.</param>
public sealed class Notice(string type, JsonObject data)
{
    public string Type { get; } = type;

    public JsonObject Data { get; } = data;
}

/// <summary>What endpoints can be told. Names are for ever: receivers compare them.</summary>
public static class NoticeTypes
{
    public const string RunSucceeded = "run.succeeded";
    public const string RunFailed = "run.failed";
    public const string ApprovalWaiting = "approval.waiting";
    public const string TaskCompleted = "task.completed";
    public const string RewardPaid = "reward.paid";
    public const string RewardDisputed = "reward.disputed";
    public const string RewardReleased = "reward.released";
    public const string RewardReturned = "reward.returned";
    public const string AgentSuspended = "agent.suspended";
    public const string AgentResumed = "agent.resumed";
    public const string EscrowLow = "escrow.low";
    public const string CapNear = "cap.near";
    public const string CapReached = "cap.reached";
    public const string CapRefused = "cap.refused";
    public const string RefundAccepted = "refund.accepted";
    public const string ServiceDisabled = "alarm.service_disabled";
    public const string ServiceOvercharged = "alarm.service_overcharged";
    public const string PaymentUnresolved = "alarm.payment_unresolved";
    public const string WebhookDisabled = "alarm.webhook_disabled";

    /// <summary>Nobody subscribes to it: it is sent when an operator asks for it.</summary>
    public const string Test = "webhook.test";

    public static IReadOnlyList<string> All { get; } =
    [
        RunSucceeded, RunFailed, ApprovalWaiting, TaskCompleted, RewardPaid, RewardDisputed, RewardReleased, RewardReturned, AgentSuspended, AgentResumed, EscrowLow, CapNear, CapReached, CapRefused,
        RefundAccepted, ServiceDisabled, ServiceOvercharged, PaymentUnresolved, WebhookDisabled,
    ];
}

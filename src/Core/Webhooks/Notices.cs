using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Agora.Core.Campaigns;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Refunds;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;

namespace Agora.Core.Webhooks;

/// <summary>
/// Which events of the journal endpoints are told, and what of them. It follows from the stored event alone, without its personal part: so the same event is told in the same words
/// whenever it is told, also after its user was erased.
/// </summary>
public static class Notices
{
    private static readonly FrozenDictionary<string, Source> Told = new Dictionary<string, Source>(StringComparer.Ordinal)
    {
        ["session.run_settled"] = new(Kinds.Session, SessionCodec.Events, NoticeTypes.RunSucceeded, NoticeTypes.RunFailed, NoticeTypes.CapNear, NoticeTypes.CapReached),
        ["session.run_refused"] = new(Kinds.Session, SessionCodec.Events, NoticeTypes.CapRefused),
        ["session.run_awaits_approval"] = new(Kinds.Session, SessionCodec.Events, NoticeTypes.ApprovalWaiting),
        ["session.wait_ended"] = new(Kinds.Session, SessionCodec.Events, NoticeTypes.RunFailed),
        ["session.hold_posted"] = new(Kinds.Session, SessionCodec.Events, NoticeTypes.CapNear, NoticeTypes.CapReached),
        ["user.task_completed"] = new(Kinds.User, UserCodec.Events, NoticeTypes.TaskCompleted),
        ["user.pair_suspended"] = new(Kinds.User, UserCodec.Events, NoticeTypes.AgentSuspended),
        ["user.pair_resumed"] = new(Kinds.User, UserCodec.Events, NoticeTypes.AgentResumed),
        ["user.hold_posted"] = new(Kinds.User, UserCodec.Events, NoticeTypes.CapNear, NoticeTypes.CapReached),
        ["campaign.hold_reserved"] = new(Kinds.Campaign, CampaignCodec.Events, NoticeTypes.EscrowLow),
        ["campaign.reward_paid"] = new(Kinds.Campaign, CampaignCodec.Events, NoticeTypes.RewardPaid),
        ["campaign.reward_disputed"] = new(Kinds.Campaign, CampaignCodec.Events, NoticeTypes.RewardDisputed),
        ["campaign.reward_released"] = new(Kinds.Campaign, CampaignCodec.Events, NoticeTypes.RewardReleased),
        ["campaign.reward_returned"] = new(Kinds.Campaign, CampaignCodec.Events, NoticeTypes.RewardReturned),
        ["refund.accepted"] = new(Kinds.Payment, RefundCodec.Events, NoticeTypes.RefundAccepted),
        ["service.disabled"] = new(Kinds.Service, ServiceCodec.Events, NoticeTypes.ServiceDisabled),
        ["service.overcharged"] = new(Kinds.Service, ServiceCodec.Events, NoticeTypes.ServiceOvercharged),
        ["wallet.payment_unresolved"] = new(Kinds.Wallet, WalletCodec.Events, NoticeTypes.PaymentUnresolved),
        ["webhook.disabled"] = new(Kinds.Webhook, WebhookCodec.Events, NoticeTypes.WebhookDisabled),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Kinds of entity of which something is told.</summary>
    public static IReadOnlyList<string> OfKinds { get; } = [Kinds.Session, Kinds.User, Kinds.Campaign, Kinds.Payment, Kinds.Service, Kinds.Wallet, Kinds.Webhook];

    /// <summary>The kinds of entity whose rows are read for an endpoint. Rows of endpoints are always among them, so that an endpoint notices its own changes.</summary>
    /// <param name="types">The types that the endpoint wants; null if it wants all.</param>
    public static IReadOnlyList<string> KindsOf(IReadOnlyList<string>? types) =>
        [.. OfKinds.Where(kind => kind == Kinds.Webhook || Told.Values.Any(source => source.Kind == kind && source.Tells(types)))];

    /// <summary>Whether a stored event of this name can give notices of these types. If not, it need not be decoded.</summary>
    /// <param name="types">Null means all types.</param>
    public static bool MayTell(string name, IReadOnlyList<string>? types) => Told.TryGetValue(name, out var source) && source.Tells(types);

    /// <summary>In the order of the event; most events tell nothing.</summary>
    public static IReadOnlyList<Notice> Of(StreamId stream, string name, int version, ReadOnlyMemory<byte> payload) =>
        Told.TryGetValue(name, out var source) ? Of(stream, source.Codec.Decode(name, version, payload, null)) : [];

    private static IReadOnlyList<Notice> Of(StreamId stream, object happened) => happened switch
    {
        RunEvent.Concluded e => [Run(stream, e), .. e.Posted ? Near(stream, [new(NearLimit.OfSession, stream.Id, e.BudgetAfter.LimitMicros, e.BudgetAfter.LimitMicros - e.BudgetAfter.SpentMicros)], e.AmountMicros, e.RunId) : []],
        RunEvent.WaitEnded e => [RunNotBegun(stream, e)],
        RunEvent.Refused { IsFirst: true } e => [Capped(stream, e)],
        RunEvent.AwaitsApproval e => [Waiting(stream, e.Run)],
        SessionEvent.HoldPosted { Near: { } near } e => Near(stream, [near], e.AmountMicros, e.RunId!.Value),
        UserEvent.HoldPosted { Near: { } near } e => Near(stream, near, e.AmountMicros, e.RunId!.Value),
        UserEvent.TaskCompleted e => [Completed(stream, e.Done)],
        UserEvent.PairSuspended e => [Suspended(stream, e)],
        UserEvent.PairResumed e => [new(NoticeTypes.AgentResumed, new() { ["user_id"] = stream.Id, ["agent_id"] = e.AgentId, ["link"] = $"/admin/users/{stream.Id}" })],
        CampaignEvent.HoldReserved { LowMicros: { } left } e => [new(NoticeTypes.EscrowLow, new()
        {
            ["campaign_id"] = stream.Id, ["remaining_cents"] = Cents(left), ["run_id"] = Text(e.RunId), ["link"] = $"/admin/campaigns/{stream.Id}",
        })],
        CampaignEvent.RewardPaid e => [Reward(NoticeTypes.RewardPaid, e.View)],
        CampaignEvent.RewardDisputed e => [Reward(NoticeTypes.RewardDisputed, e.View)],
        CampaignEvent.RewardReleased e => [Reward(NoticeTypes.RewardReleased, e.View)],
        CampaignEvent.RewardReturned e => [Reward(NoticeTypes.RewardReturned, e.View)],
        RefundEvent.Accepted e => [Refund(e.View)],
        ServiceEvent.Disabled e => [new(NoticeTypes.ServiceDisabled, new() { ["service_id"] = stream.Id, ["retry_at"] = Time(e.View.RetryAt), ["link"] = $"/admin/services/{stream.Id}" })],
        ServiceEvent.Overcharged e => [new(NoticeTypes.ServiceOvercharged, new()
        {
            ["service_id"] = stream.Id, ["run_id"] = Text(e.RunId), ["asked_cents"] = Cents(e.AskedMicros), ["held_cents"] = Cents(e.HeldMicros), ["link"] = $"/admin/runs/{e.RunId:D}",
        })],
        WalletEvent.PaymentUnresolved e => [new(NoticeTypes.PaymentUnresolved, new()
        {
            ["wallet_id"] = stream.Id, ["hold_id"] = Text(e.HoldId), ["amount_cents"] = Cents(e.AmountMicros), ["link"] = "/admin/settlements?state=unresolved",
        })],
        WebhookEvent.Disabled e => [new(NoticeTypes.WebhookDisabled, new() { ["webhook_id"] = stream.Id, ["disabled_at"] = Time(e.Why.At), ["link"] = $"/admin/webhooks/{stream.Id}" })],
        _ => [],
    };

    private static Notice Run(StreamId session, RunEvent.Concluded e) => new(e.WhyFailed is null ? NoticeTypes.RunSucceeded : NoticeTypes.RunFailed, new()
    {
        ["run_id"] = Text(e.RunId),
        ["session_id"] = session.Id,
        ["service_id"] = Service(e.Run),
        ["provider"] = e.Run.Provider,
        ["state"] = e.WhyFailed is not { } why ? "succeeded" : why == Codes.RunCancelled ? "cancelled" : "failed",
        ["failure_code"] = e.WhyFailed,
        ["retry"] = e.WhyFailed is null ? null : RetryOf(e),
        ["amount_cents"] = Cents(e.Posted ? e.AmountMicros : 0),
        ["payment_id"] = e.Payment is { } payment ? Text(payment.PaymentId) : null,
        ["source"] = e.Payment?.Source,
        ["payer"] = e.Payment is { PayerKind: not PayerKinds.Nobody } paid ? paid.PayerId : null,
        ["link"] = $"/admin/runs/{e.RunId:D}",
    });

    private static Notice RunNotBegun(StreamId session, RunEvent.WaitEnded e) => new(NoticeTypes.RunFailed, new()
    {
        ["run_id"] = Text(e.RunId),
        ["session_id"] = session.Id,
        ["service_id"] = Service(e.Run),
        ["provider"] = e.Run.Provider,
        ["state"] = e.Outcome.Code == Codes.RunCancelled ? "cancelled" : "failed",
        ["failure_code"] = e.Outcome.Code,
        ["retry"] = RetryOf(e),
        ["approval"] = e.Approval.Name(),
        ["amount_cents"] = Cents(0),
        ["link"] = $"/admin/runs/{e.RunId:D}",
    });

    /// <summary>The outcome stands under its key, so it is sent with another one, or never: also a model's call that was paid and failed, which is no refusal.</summary>
    private static string RetryOf(RunEvent end) => (end.Refusal()?.RetryWith ?? RetryWith.NewKey).Name();

    private static Notice Waiting(StreamId session, AwaitingRun run) => new(NoticeTypes.ApprovalWaiting, new()
    {
        ["run_id"] = Text(run.RunId),
        ["session_id"] = session.Id,
        ["service_id"] = run.ServiceId.Length == 0 ? null : run.ServiceId,
        ["provider"] = run.Provider,
        ["max_amount_cents"] = Cents(run.Waiting.MaxMicros),
        ["expires_at"] = Time(run.Waiting.ExpiresAt),
        ["link"] = $"/admin/approvals?session_id={session.Id}",
    });

    // Counted with what was spent: what is held may be a hundred times that, of a model's call. Before it, less was.
    private static IReadOnlyList<Notice> Near(StreamId stream, IReadOnlyList<NearLimit> near, long amountMicros, Guid runId)
    {
        var told = new List<Notice>();
        foreach (var limit in near)
        {
            var before = new Account(limit.LimitMicros, limit.LimitMicros - limit.RemainingMicros - amountMicros, Held: 0);
            Tell(limit, before, Limits.WarnAtPercent, NoticeTypes.CapNear);
            Tell(limit, before, 100, NoticeTypes.CapReached);
        }

        return told;

        void Tell(NearLimit limit, Account before, int percent, string type)
        {
            if (!before.Passes(amountMicros, percent)) return;

            told.Add(new(type, new()
            {
                ["percent"] = percent,
                ["limit"] = limit.Limit,
                ["id"] = limit.Id,
                [stream.Kind == Kinds.User ? "user_id" : "session_id"] = stream.Id,
                ["run_id"] = Text(runId),
                ["limit_cents"] = Cents(limit.LimitMicros),
                ["remaining_cents"] = Cents(limit.RemainingMicros),
                ["link"] = stream.Kind == Kinds.User ? $"/admin/users/{stream.Id}" : $"/admin/sessions/{stream.Id}",
            }));
        }
    }

    private static Notice Capped(StreamId session, RunEvent.Refused e)
    {
        var (kind, id) = e.Reason.Node()!.Value;
        return new(NoticeTypes.CapRefused, new()
        {
            ["limit"] = e.Reason.FactOf("limit"),
            ["kind"] = kind,
            ["id"] = id,
            ["of_service"] = e.Reason.FactOf("service_id"),
            ["of_category"] = e.Reason.FactOf("category"),
            ["session_id"] = session.Id,
            ["run_id"] = Text(e.RunId),
            ["service_id"] = Service(e.Run),
            ["asked_cents"] = Number(e.Reason.FactOf("asked_cents")),
            ["free_cents"] = Number(e.Reason.FactOf("free_cents")),
            ["link"] = $"/admin/sessions/{session.Id}",
        });
    }

    private static Notice Completed(StreamId user, TaskDone done) => new(NoticeTypes.TaskCompleted, new()
    {
        ["completion_id"] = Text(done.CompletionId),
        ["campaign_id"] = done.CampaignId,
        ["user_id"] = user.Id,
        ["reward_cents"] = Cents(done.Reward?.AmountMicros ?? 0),
        ["link"] = $"/admin/completions?user_id={user.Id}",
    });

    private static Notice Suspended(StreamId user, UserEvent.PairSuspended e) => new(NoticeTypes.AgentSuspended, new()
    {
        ["user_id"] = user.Id,
        ["agent_id"] = e.AgentId,
        ["for_seconds"] = e.ForSeconds,
        ["violations"] = e.Violations,
        ["link"] = $"/admin/users/{user.Id}",
    });

    private static Notice Reward(string type, RewardView view) => new(type, new()
    {
        ["completion_id"] = Text(view.CompletionId),
        ["campaign_id"] = view.CampaignId,
        ["user_id"] = view.UserId,
        ["agent_id"] = view.AgentId,
        ["amount_cents"] = Cents(view.AmountMicros),
        ["state"] = view.State,
        ["link"] = $"/admin/campaigns/{view.CampaignId}/rewards",
    });

    private static Notice Refund(RefundView view) => new(NoticeTypes.RefundAccepted, new()
    {
        ["refund_id"] = Text(view.RefundId),
        ["payment_id"] = view.PaymentId,
        ["amount_cents"] = Cents(view.AmountMicros),
        ["refunded_cents"] = Cents(view.RefundedMicros),
        ["state"] = view.State,
        ["link"] = $"/admin/payments/{view.PaymentId}",
    });

    private static string? Service(RunFacts run) => run.ServiceId.Length == 0 ? null : run.ServiceId;

    private static string Text(Guid id) => id.ToString("D");

    private static JsonNode? Number(string? json) => json is null ? null : JsonNode.Parse(json);

    private static JsonNode Cents(long micros) => JsonNode.Parse(Money.FormatCents(micros))!;

    /// <summary>RFC 3339, UTC, microseconds: as replies have it.</summary>
    public static string? Time(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The notices that stored events of one name can give.</summary>
    private sealed record Source(string Kind, IUnionCodec Codec, params string[] Types)
    {
        public bool Tells(IReadOnlyList<string>? types) => types is null || Types.Any(types.Contains);
    }
}

using Agora.Api.Runs;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Core.Refunds;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Refunds;

internal sealed record PaymentsData(IReadOnlyList<PaymentRowData> Payments, int Offset) : TotalledListData;

internal sealed record PaymentRowData(
    string PaymentId,
    string RunId,
    string SessionId,
    string UserId,
    string AgentId,
    string ServiceId,
    string Provider,
    Cents AmountCents,
    Cents RefundedCents,
    string Payer,
    string Source,
    string Status,
    PaidByData PaidBy,
    DateTimeOffset? SettledAt,
    bool RelatedParty,
    Cents FeeCents)
{
    public const string Example =
        """{"payment_id":"0198c0de-0000-7000-8000-000000000001","run_id":"0198c0de-0000-7000-8000-000000000000","session_id":"0198c0de","user_id":"user-1","agent_id":"agent-1","service_id":"summary","provider":"text-provider","amount_cents":25,"refunded_cents":10,"payer":"Acme","source":"sponsor","status":"partly_refunded","paid_by":{"kind":"campaign","id":"survey"},"settled_at":"2030-01-01T00:00:01.000000Z","related_party":false,"fee_cents":1}""";

    public static PaymentRowData Of(NamedRow row, long refundedMicros)
    {
        var payment = PaymentData.Of(row, refundedMicros) ?? throw new InvalidDataException("A run that succeeded has no payment.");
        return new(
            payment.PaymentId,
            row.Text("run_id"),
            row.Text("session_id"),
            row.Text("user_id"),
            row.Text("agent_id"),
            row.Text("service_id"),
            row.Text("provider"),
            payment.AmountCents,
            payment.RefundedCents,
            payment.Payer,
            payment.Source,
            payment.Status,
            payment.PaidBy,
            row.OptionalTime("settled_at"),
            payment.RelatedParty,
            new(row.Number("fee_micros")));
    }
}

/// <param name="Refunds">Newest first, at most 100; <paramref name="RefundsCount"/> counts all, up to 10,000.</param>
internal sealed record RefundedPaymentData(PaymentRowData Payment, Cents FeeCents, IReadOnlyList<RefundData> Refunds, long? RefundsCount, IReadOnlyDictionary<string, string> Links)
{
    public const string Example = $$$"""{"payment":{{{PaymentRowData.Example}}},"fee_cents":1,"refunds":[{{{RefundData.Example}}}],"refunds_count":1,"links":{"run":"/admin/runs/0198c0de-0000-7000-8000-000000000000","session":"/admin/sessions/0198c0de","user":"/admin/users/user-1","agent":"/admin/agents/agent-1","service":"/admin/services/summary","campaign":"/admin/campaigns/survey","receipt":"/admin/payments/0198c0de-0000-7000-8000-000000000001/receipt","acts":"/admin/acts?target_id=0198c0de-0000-7000-8000-000000000001"}}""";
}

/// <param name="FeeCents">Of the amount, what the platform gave back; the rest came from the provider.</param>
/// <param name="Reason">Null: its user's personal data were erased.</param>
/// <param name="State">posted, or payout_pending where it stays in the payer's wallet here.</param>
internal sealed record RefundData(string RefundId, string PaymentId, Cents AmountCents, Cents FeeCents, string? Reason, string Actor, string State, DateTimeOffset CreatedAt)
{
    public const string Example =
        """{"refund_id":"0198c0de-0000-7000-8000-000000000002","payment_id":"0198c0de-0000-7000-8000-000000000001","amount_cents":10,"fee_cents":0,"reason":"The output was unusable","actor":"operator:root","state":"posted","created_at":"2030-01-02T00:00:00.000000Z"}""";

    public static RefundData Of(RefundView view) => new(
        view.RefundId.ToString(), view.PaymentId, new(view.AmountMicros), new(view.FeeMicros), view.Reason, view.Actor, view.State, view.At);

    public static RefundData Of(NamedRow row) => new(
        row.Text("refund_id"),
        row.Text("payment_id"),
        new(row.Number("amount_micros")),
        new(row.Number("fee_micros")),
        row.Text("reason"),
        row.Text("actor"),
        row.Text("state"),
        row.Time("created_at"));
}

/// <param name="Status">Of the payment: partly_refunded or refunded.</param>
/// <param name="RefundedCents">Of the payment, with this refund; <paramref name="LeftCents"/> could still be given back.</param>
internal sealed record RefundDoneData(RefundData Refund, string Status, Cents RefundedCents, Cents LeftCents)
{
    public const string Example = $$"""{"refund":{{RefundData.Example}},"status":"partly_refunded","refunded_cents":10,"left_cents":15}""";

    /// <param name="reason">As it is shown.</param>
    public static RefundDoneData Of(RefundView view, string? reason) => new(
        RefundData.Of(view) with { Reason = reason }, view.LeftMicros == 0 ? PaymentStatus.Refunded : PaymentStatus.PartlyRefunded, new(view.RefundedMicros), new(view.LeftMicros));
}

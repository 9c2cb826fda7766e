using Agora.Core.Kernel;

namespace Agora.Core.Refunds;

/// <summary>One row a refund, and one for each payment of which something was given back. A payment itself is its run's row.</summary>
public static class RefundTables
{
    public static readonly Table Refunds = new(
        "refunds", 3, "tenant", "payment_id", "refund_id", "amount_micros", "fee_micros", "reason", "actor", "state", "created_at");

    public static readonly Table Refunded = new("refunded_payments", 2, "tenant", "payment_id", "refunded_micros", "updated_at");

    public static IReadOnlyList<Table> All { get; } = [Refunds, Refunded];

    public static IEnumerable<Row> Rows(RefundState state, RefundEvent happened, DateTimeOffset at) => happened is not RefundEvent.Accepted { View: var refund } ? [] :
    [
        Refunds.Row(
            state.Stream.Tenant, state.Stream.Id, refund.RefundId.ToString("D"), refund.AmountMicros, refund.FeeMicros, refund.Reason, refund.Actor, refund.State, at.ToMicros()),
        Refunded.Row(state.Stream.Tenant, state.Stream.Id, refund.RefundedMicros, at.ToMicros()),
    ];
}

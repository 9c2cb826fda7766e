using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Refunds;

/// <summary>A payment, as far as it is given back: it has a stream from its first refund on.</summary>
public static class RefundEntity
{
    public const string Kind = Kinds.Payment;

    public static Entity<RefundState, RefundCommand, RefundEvent> Entity { get; } = new(Kind)
    {
        Events = RefundCodec.Events,
        Commands = RefundCodec.Commands,
        Answers = new UnionCodec<object>()
            .Case<RefundView>("answer.refund")
            .Case<PaymentStanding>("answer.payment_standing")
            .Case<RefundTold>("answer.refund_told"),
        Tables = RefundTables.All,
        Snapshots = new(1, RefundCodec.Save, RefundCodec.Restore),
        Initial = RefundState.Initial,
        Hear = static asked => asked is NodeCommand node ? new RefundCommand.Node(node) : null,
        Decide = RefundDecider.Decide,
        Evolve = static (state, happened, _) => state.Evolve(happened),
        CheckInvariants = static (state, _) => state.CheckInvariants(),
        Unfinished = RefundDecider.Unfinished,
        IsUnfinished = RefundDecider.IsUnfinished,
        Recall = RefundDecider.Recall,
        Rows = RefundTables.Rows,
        Tick = new RefundCommand.Tick(),
    };
}

using System.Collections.Immutable;
using System.Text.Json;
using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Refunds;

/// <summary>Stored names, for ever. Own commands have none, so that nobody outside can forge a step's outcome.</summary>
public static class RefundCodec
{
    public static readonly UnionCodec<RefundEvent> Events = new UnionCodec<RefundEvent>()
        .Case<RefundEvent.Requested>("refund.requested")
        .Case<RefundEvent.Accepted>("refund.accepted")
        .Case<RefundEvent.Refused>("refund.refused")
        .Case<RefundEvent.WalletFollowed>("refund.wallet_followed")
        .Case<RefundEvent.HoldDisowned>("refund.hold_disowned")
        .Case<RefundEvent.NodeCounted>("refund.node_counted")
        .Case<RefundEvent.NodeToldAnew>("refund.node_told_anew")
        .Case<RefundEvent.NodeReleased>("refund.node_released");

    public static readonly UnionCodec<RefundCommand> Commands = new UnionCodec<RefundCommand>()
        .Case<RefundCommand.Refund>("refund.refund")
        .Carrying<RefundCommand.Node, NodeCommand>(NodeCodec.OfPayment, static c => c.Asked, static asked => new(asked))
        .Case<RefundCommand.Get>("refund.get")
        .Case<RefundCommand.Tick>("refund.tick");

    public static byte[] Save(RefundState s) => JsonSerializer.SerializeToUtf8Bytes(
        new Saved(s.Stream.ToString(), s.Payment, s.Back, s.FeeBackMicros, s.Pending, s.Wallets, s.Tellings), StoredJson.Options);

    public static RefundState Restore(ReadOnlyMemory<byte> saved)
    {
        var s = JsonSerializer.Deserialize<Saved>(saved.Span, StoredJson.Options)!;
        return new(StreamId.Parse(s.Stream), s.Payment, s.Back, s.FeeBackMicros, s.Pending, s.Wallets, s.Tellings);
    }

    private sealed record Saved(
        string Stream,
        PaymentFacts? Payment,
        Account Back,
        long FeeBackMicros,
        PendingRefund? Pending,
        ImmutableArray<WalletToTell> Wallets,
        ImmutableArray<Telling> Tellings);
}

using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Refunds;

/// <summary>A refund that whoever earned the payment is being asked for.</summary>
public sealed record PendingRefund(Guid RefundId, Guid CommandId, long AmountMicros, long FeeMicros, Guid? ProviderHold, Guid? FeeHold, string Reason, string Actor)
{
    /// <summary>Soft: the wallets that hold their part. A refund that a crash left behind is refused, whatever was said.</summary>
    [JsonIgnore]
    public ImmutableArray<Guid> Agreed { get; init; } = [];

    /// <summary>Soft: of the wallets that had too little, those that the payer's fund was told to pay now. Each is asked once more.</summary>
    [JsonIgnore]
    public ImmutableArray<Guid> Hurried { get; init; } = [];

    public bool IsHeld => (ProviderHold is null || Agreed.Contains(ProviderHold.Value)) && (FeeHold is null || Agreed.Contains(FeeHold.Value));
}

/// <summary>A wallet's hold that has yet to follow what was decided here.</summary>
public sealed record WalletToTell(Guid HoldId, Guid RefundId, string Wallet, bool Posted, long AmountMicros);

/// <summary>A limit that has yet to count a refund, or may forget that it has.</summary>
public sealed record Telling(NodeToTell Node, long AmountMicros, bool Counted);

/// <summary>
/// A payment, as far as it is given back.
/// <para>Invariants. <c>refunded_within_paid</c>: all that was given back and is being asked for is at most what was paid; an <see cref="Account"/> holds that.
/// <c>shares_are_cumulative</c>: of what was given back, the platform's part is its share of the whole, rounded down. So any sequence of refunds
/// that ends with the whole ends exactly where one refund of the whole does.</para>
/// <para>Bounds: one refund is decided at a time, so that rounding has one order; the tellings that wait are bounded by <see cref="Limits.HoldsToTell"/>.</para>
/// </summary>
/// <param name="Payment">Null: no refund was ever asked for.</param>
/// <param name="Back">Its limit is what was paid; posted is what was given back.</param>
/// <param name="FeeBackMicros">Of that, by the platform.</param>
public sealed record RefundState(
    StreamId Stream,
    PaymentFacts? Payment,
    Account Back,
    long FeeBackMicros,
    PendingRefund? Pending,
    ImmutableArray<WalletToTell> Wallets,
    ImmutableArray<Telling> Tellings)
{
    public static RefundState Initial(StreamId stream) => new(stream, null, Account.Empty, 0, null, [], []);

    public bool IsCrowded => Wallets.Length + Tellings.Length >= Limits.HoldsToTell;

    /// <summary>Of a refund that brings what was given back to this sum, what the platform gives; both of its own and the provider's parts only rise.</summary>
    public static long FeeBack(PaymentFacts payment, long refundedMicros) => (long)((Int128)payment.FeeMicros * refundedMicros / payment.AmountMicros);

    public RefundState Evolve(RefundEvent happened) => happened switch
    {
        RefundEvent.Requested e => this with
        {
            Payment = e.Payment,
            Back = (Payment is null ? Account.WithLimit(e.Payment.AmountMicros) : Back).Reserve(e.AmountMicros),
            Pending = new(e.RefundId, e.CommandId, e.AmountMicros, e.FeeMicros, e.ProviderHold, e.FeeHold, e.Reason, e.Actor),
        },
        RefundEvent.Accepted e => Decided(posted: true) with { Tellings = [.. Tellings, .. e.Tells.Select(node => new Telling(node, e.View.AmountMicros, Counted: false))] },
        RefundEvent.Refused => Decided(posted: false),
        RefundEvent.WalletFollowed e => this with { Wallets = Wallets.RemoveAll(w => w.HoldId == e.HoldId) },
        RefundEvent.HoldDisowned => this,
        RefundEvent.NodeCounted e => With(e.TellId, told => told with { Counted = true }),
        RefundEvent.NodeToldAnew e => With(e.TellId, told => told with { Node = told.Node with { TellId = e.NewTellId } }),
        RefundEvent.NodeReleased e => this with { Tellings = Tellings.RemoveAll(t => t.Node.TellId == e.TellId) },
        _ => throw new UnreachableException(),
    };

    public void CheckInvariants()
    {
        Back.CheckInvariants();
        Invariant.Check(Back.Posted + Back.Held <= (Payment?.AmountMicros ?? 0), "refunded_within_paid");
        Invariant.Check(Back.Held == (Pending?.AmountMicros ?? 0), "held_is_the_pending_refund");
        Invariant.Check(FeeBackMicros == (Payment is null ? 0 : FeeBack(Payment, Back.Posted)), "shares_are_cumulative");
    }

    private RefundState Decided(bool posted)
    {
        var refund = Pending!;
        return this with
        {
            Pending = null,
            Back = Back.End(refund.AmountMicros, posted ? refund.AmountMicros : null),
            FeeBackMicros = posted ? FeeBackMicros + refund.FeeMicros : FeeBackMicros,
            Wallets = [.. Wallets, .. WalletsOf(refund, posted)],
        };
    }

    /// <summary>Whoever was asked for a hold is told: one that refused answers a Void harmlessly.</summary>
    public ImmutableArray<WalletToTell> WalletsOf(PendingRefund refund, bool posted)
    {
        var told = ImmutableArray.CreateBuilder<WalletToTell>(2);
        if (refund.ProviderHold is { } provider)
        {
            told.Add(new(provider, refund.RefundId, Payment!.Provider, posted, refund.AmountMicros - refund.FeeMicros));
        }

        if (refund.FeeHold is { } fee)
        {
            told.Add(new(fee, refund.RefundId, Funds.WalletIds.Fee, posted, refund.FeeMicros));
        }

        return told.DrainToImmutable();
    }

    private RefundState With(Guid tellId, Func<Telling, Telling> changed) => this with { Tellings = [.. Tellings.Select(t => t.Node.TellId == tellId ? changed(t) : t)] };
}

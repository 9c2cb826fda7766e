using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json.Serialization;
using Agora.Core.Kernel;
using Agora.X402;

namespace Agora.Core.Wallets;

public enum IncomingStanding
{
    /// <summary>Verified and held for a run; the facilitator was not asked to move it.</summary>
    Presented = 1,

    /// <summary>The facilitator was, or may have been, asked to move it.</summary>
    Settling = 2,

    /// <summary>It has moved.</summary>
    Settled = 3,

    /// <summary>It has not and will not; it may be presented again.</summary>
    Refused = 4,

    /// <summary>Nobody can tell any more.</summary>
    Unresolved = 5,
}

public static class IncomingStandings
{
    /// <summary>As tables and replies have it. One that was put off is to be settled all the same.</summary>
    public static string Name(this IncomingStanding standing) => standing switch
    {
        IncomingStanding.Presented or IncomingStanding.Settling => "settling",
        IncomingStanding.Settled => "settled",
        IncomingStanding.Refused => "refused",
        IncomingStanding.Unresolved => "unresolved",
        _ => throw new UnreachableException(standing.ToString()),
    };
}

/// <summary>One authorization of this payer, and the run that it pays.</summary>
/// <param name="Key">As of <see cref="WalletState.KeyOf"/>.</param>
/// <param name="ForgetAt">Of one that has an end: by then its authorization is over, and a lost answer has been asked for again.</param>
/// <param name="Presented">As long as the facilitator may have to be asked, or an operator to look.</param>
/// <param name="BegunAt">When the facilitator was first to move it; null: it was not, or a release before 0.6.0 did not say.</param>
/// <param name="ByHand">An operator has said how it ended.</param>
/// <param name="WasUnresolved">It was when an operator said so: its run has ended, or will as soon as it hears of that, and its hold is gone.</param>
public sealed record IncomingPayment(
    string Key,
    Guid HoldId,
    string Owner,
    Guid RunId,
    long AmountMicros,
    IncomingStanding Standing,
    string Fingerprint,
    string RequestHash,
    string? PaymentId,
    DateTimeOffset ForgetAt,
    PresentedPayment? Presented,
    PaymentSettlement? Settlement = null,
    string? Reason = null,
    DateTimeOffset? BegunAt = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool ByHand = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool WasUnresolved = false)
{
    /// <summary>The authorization can be used before this.</summary>
    public DateTimeOffset ValidBefore => ForgetAt - Limits.PaymentKept;

    public bool IsPaidBy(string transaction) => Settlement is { } settlement && EvmText.IsSame(settlement.Transaction, transaction);

    /// <summary>Null while it has none.</summary>
    public PaymentEnd? End => Standing is IncomingStanding.Settled or IncomingStanding.Refused or IncomingStanding.Unresolved ? new(HoldId, Standing, Settlement, Reason) : null;

    /// <summary>The same as its run is told. What an operator has said of an unresolved one came too late for the run, which would deliver, and pay out of a hold that is gone.</summary>
    public PaymentEnd? EndOfRun => WasUnresolved ? new(HoldId, IncomingStanding.Unresolved) : End;
}

/// <summary>
/// Of an x402 payer's wallet: its payments. Until one is settled it is a hold of nothing; the event that says that the money has moved books
/// world's leg, and holds it for the run.
/// <para>Invariants: <c>settling_is_not_voided</c> (a session that has its output waits for the payment's end), <c>one_payment_a_hold</c>,
/// <c>payment_under_way_is_held</c>, <c>unresolved_is_counted</c>. Bound: the payments of the last 24 hours, those under way, and <see cref="Limits.UnresolvedPayments"/>, of
/// which each stays until an operator has said how it ended.</para>
/// </summary>
public sealed partial record WalletState
{
    /// <summary>By <see cref="KeyOf"/>.</summary>
    public ImmutableSortedDictionary<string, IncomingPayment> Payments { get; init; } = ImmutableSortedDictionary.Create<string, IncomingPayment>(StringComparer.Ordinal);

    public long UnresolvedMicros { get; init; }

    /// <summary>Soft: payments of which the facilitator is being asked at this moment. After a crash it is asked again, which moves nothing twice.</summary>
    [JsonIgnore]
    public ImmutableSortedSet<string> Asking { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Why a payment was refused of which an operator says that it was not paid.</summary>
    public const string NotPaid = "not_paid_as_an_operator_says";

    /// <summary>The wallet is one payer's on one network, so this is what the rest of the identity says.</summary>
    public static string KeyOf(PaymentIdentity identity) => $"{identity.Asset}:{identity.Nonce}";

    public IncomingPayment? FindPayment(Guid holdId) => Payments.Values.FirstOrDefault(p => p.HoldId == holdId);

    public IncomingPayment PaymentOf(Guid holdId) => FindPayment(holdId) ?? throw new InvariantViolationException("payment_was_presented");

    /// <summary>The payment that this transaction is known to have moved. Older ones are in the table of settlements.</summary>
    public IncomingPayment? PaidBy(string? transaction) => transaction is null ? null : Payments.Values.FirstOrDefault(p => p.IsPaidBy(transaction));

    /// <summary>The payment that this one repeats or contradicts: of the same authorization, or under the same identifier. One that was refused is as if it had not been.</summary>
    public IncomingPayment? Earlier(string key, string? paymentId) =>
        Payments.TryGetValue(key, out var same) && same.Standing != IncomingStanding.Refused ? same
        : paymentId is null ? null
        : Payments.Values.FirstOrDefault(p => p.PaymentId == paymentId && p.Standing != IncomingStanding.Refused);

    private WalletState Present(WalletEvent.PaymentPresented e, DateTimeOffset at)
    {
        var (payment, key) = (e.Payment.Payment, KeyOf(e.Payment.Identity));
        var over = DateTimeOffset.FromUnixTimeSeconds((long)payment.Authorization.ValidBefore);
        var known = new IncomingPayment(
            key, e.HoldId, e.Owner, e.RunId, e.AmountMicros, IncomingStanding.Presented, e.Payment.Fingerprint, e.Payment.RequestHash, payment.PaymentId, over + Limits.PaymentKept, e.Payment);
        return this with
        {
            Holds = Holds.Add(new(e.HoldId, e.Owner, e.RunId, [new(BalanceLine, 0)], at, e.Provider, e.FeeBasisPoints)),
            Payments = Payments.RemoveRange(Payments.Values.Where(p => p.ForgetAt <= at && p.End is not null && p.Standing != IncomingStanding.Unresolved && !Holds.Open.ContainsKey(p.HoldId)).Select(p => p.Key)).SetItem(key, known),
            UpdatedAt = at,
        };
    }

    private WalletState Settle(WalletEvent.PaymentSettled e, DateTimeOffset at)
    {
        var payment = PaymentOf(e.HoldId);
        return With(payment with { Standing = IncomingStanding.Settled, Settlement = PaymentSettlement.Of(payment.Presented!, e.Transaction), Presented = null, ByHand = e.ByHand }) with
        {
            Balance = Balance.Credit(e.AmountMicros).Reserve(e.AmountMicros),
            EnteredMicros = EnteredMicros + e.AmountMicros,
            Holds = Holds with { Open = Holds.Open.SetItem(e.HoldId, Holds.Open[e.HoldId] with { Lines = [new(BalanceLine, e.AmountMicros)] }) },
            Entries = Entries + 1,
            UpdatedAt = at,
        };
    }

    private WalletState Begin(IncomingPayment payment, DateTimeOffset at) => With(payment with { Standing = IncomingStanding.Settling, BegunAt = payment.BegunAt ?? at });

    private WalletState EndUnpaid(IncomingPayment ended, DateTimeOffset at) => With(ended) with { Holds = Holds.Decide(ended.HoldId, posted: false, at), UpdatedAt = at };

    // A silo of the release before, which reads this as something else, may have forgotten the payment.
    private WalletState Resolve(Guid holdId, string? transaction)
    {
        if (FindPayment(holdId) is not { } payment) return this;

        var resolved = transaction is null
            ? payment with { Standing = IncomingStanding.Refused, Reason = NotPaid }
            : payment with { Standing = IncomingStanding.Settled, Settlement = payment.Presented is { } presented ? PaymentSettlement.Of(presented, transaction) : null };
        return With(resolved with { Presented = null, ByHand = true, WasUnresolved = true }) with { UnresolvedMicros = UnresolvedMicros - payment.AmountMicros };
    }

    private WalletState With(IncomingPayment payment) => this with { Payments = Payments.SetItem(payment.Key, payment) };

    // The run came to nothing before the money was asked for: the payment is as if it had not been presented.
    private ImmutableSortedDictionary<string, IncomingPayment> Released(Guid holdId)
    {
        if (FindPayment(holdId) is not { } payment) return Payments;

        Invariant.Check(payment.Standing == IncomingStanding.Presented, "settling_is_not_voided");
        return Payments.Remove(payment.Key);
    }

    private void CheckPayments()
    {
        Invariant.Check(Payments.Values.Select(p => p.HoldId).Distinct().Count() == Payments.Count, "one_payment_a_hold");
        Invariant.Check(Payments.Values.Where(p => p.Standing == IncomingStanding.Unresolved).Sum(p => p.AmountMicros) <= UnresolvedMicros, "unresolved_is_counted");
        Invariant.Check(Payments.Values.All(p => p.End is not null || Holds.Open.ContainsKey(p.HoldId)), "payment_under_way_is_held");
    }
}

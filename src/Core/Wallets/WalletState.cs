using System.Diagnostics;
using Agora.Core.Funds;
using Agora.Core.Kernel;

namespace Agora.Core.Wallets;

/// <summary>
/// A wallet's money, and what it owes.
/// <para>Invariants. <c>balance_is_in_minus_out</c>: what is its own (available and held) = entered − left + credited − owed.
/// <c>credited_is_sum_of_sources</c>. <c>in_transit_is_owed_or_in_flight</c>: owed − arrived = what is owed or under way to wallets.
/// <c>owed_is_under_way</c>: no wallet waits for money while none is sent to it. <c>held_is_open_holds</c>.</para>
/// <para>Bounds: sources and payees are those of <see cref="SourceBook"/> and <see cref="PayableBook"/>: who paid, or was paid, lately. Open holds are as many as runs under way. All that ever came in, and all that ever
/// went out, is below 9·10¹⁸ micro-dollars.</para>
/// </summary>
/// <param name="Balance">A fund: its limit is what came in, less what left other than by a hold.</param>
/// <param name="OwedMicros">All that it ever owed to other wallets; of that <paramref name="SentMicros"/> was sent, and <paramref name="ArrivedMicros"/> is known to have arrived.</param>
/// <param name="Entries">Rows of its statement.</param>
/// <param name="Holds">Transfers too, by their ids: posted, or voided before they came.</param>
public sealed partial record WalletState(
    StreamId Stream,
    Account Balance,
    long EnteredMicros,
    long LeftMicros,
    long CreditedMicros,
    long OwedMicros,
    long SentMicros,
    long ArrivedMicros,
    long Entries,
    HoldBook Holds,
    SourceBook Sources,
    PayableBook Payables,
    DateTimeOffset UpdatedAt) : IFund<WalletState, WalletEvent>
{
    private const string BalanceLine = "balance";

    public static WalletState Initial(StreamId stream) => new(
        stream,
        Account.Empty,
        EnteredMicros: 0,
        LeftMicros: 0,
        CreditedMicros: 0,
        OwedMicros: 0,
        SentMicros: 0,
        ArrivedMicros: 0,
        Entries: 0,
        HoldBook.Empty,
        SourceBook.Empty,
        PayableBook.Empty,
        DateTimeOffset.UnixEpoch);

    /// <summary>Available and held.</summary>
    public long OwnMicros => Balance.Limit!.Value - Balance.Posted;

    public WalletView View =>
        new(Stream.Id, OwnMicros, CreditedMicros, Balance.Held, Balance.Remaining, EnteredMicros, LeftMicros, OwedMicros, UpdatedAt > DateTimeOffset.UnixEpoch, UnresolvedMicros);

    public FundBook Book => new(EnteredMicros, LeftMicros, SentMicros, CreditedMicros);

    public string? ReturnsTo => null;

    public Payable PayableTo(string wallet) => Payables.To(wallet);

    public WalletState With(PayableBook payables) => this with { Payables = payables };

    public string MemoTo(string wallet) => wallet == WalletIds.Fee ? $"fee of runs paid by {Stream.Id}" : $"runs paid by {Stream.Id}";

    public static WalletEvent Posted(Hold hold, long amountMicros) => new WalletEvent.HoldPosted(hold.Id, amountMicros, hold.RunId, hold.Payee!, hold.Memo);

    public static WalletEvent Voided(Guid holdId) => new WalletEvent.HoldVoided(holdId);

    public static WalletEvent Sent(string wallet, Transfer transfer) =>
        new WalletEvent.CreditSent(wallet, transfer.Number, transfer.AmountMicros, transfer.Memo, transfer.Items?.Count ?? 0);

    public static WalletEvent Arrived(string wallet, long number) => new WalletEvent.CreditArrived(wallet, number);

    public static WalletEvent Forgotten(Guid id, string source) => new WalletEvent.HoldVoided(id, ForgottenSource: source);

    public static WalletEvent Released(Guid id, string wallet) => new WalletEvent.HoldVoided(id, ReleasedPayee: wallet);

    public static object TakeLateness(string wallet, long number) => new WalletCommand.CreditLate(wallet, number);

    public static object TakeRelease(string wallet, long number) => new WalletCommand.PayeeReleased(wallet, number);

    public static object TakeArrival(string wallet, long number) => new WalletCommand.CreditArrived(wallet, number);

    public static object TakeInquiry(Guid holdId, bool posted, long amountMicros) => new WalletCommand.HoldInquired(holdId, posted, amountMicros);

    public WalletState Deposit(long amountMicros, DateTimeOffset at) =>
        this with { Balance = Balance.Credit(amountMicros), EnteredMicros = EnteredMicros + amountMicros, Entries = Entries + 1, UpdatedAt = at };

    public WalletState Withdraw(long amountMicros, DateTimeOffset at) =>
        this with { Balance = Balance.Withdraw(amountMicros), LeftMicros = LeftMicros + amountMicros, Entries = Entries + 1, UpdatedAt = at };

    public WalletState Evolve(WalletEvent happened, DateTimeOffset at) => happened switch
    {
        WalletEvent.Deposited e => Deposit(e.AmountMicros, at),
        WalletEvent.Withdrawn e => Withdraw(e.AmountMicros, at),
        WalletEvent.Transferred e => Transfer(e, at),
        WalletEvent.HoldReserved e => this with
        {
            Balance = Balance.Reserve(e.AmountMicros),
            Holds = Holds.Add(new(e.HoldId, e.Owner, e.RunId, [new(BalanceLine, e.AmountMicros)], at, e.Provider, e.FeeBasisPoints, e.Memo)),
            UpdatedAt = at,
        },
        WalletEvent.HoldPosted e => Post(Holds.Open[e.HoldId], e.AmountMicros, at),
        WalletEvent.HoldVoided { ForgottenSource: { } source } => this with { Sources = Sources.Forget(source) },
        WalletEvent.HoldVoided { ReleasedPayee: { } wallet } => this with { Payables = Payables.Release(wallet) },
        WalletEvent.HoldVoided e => this with
        {
            Balance = Holds.Open.TryGetValue(e.HoldId, out var hold) ? Balance.Void(hold.Lines[0].Amount) : Balance,
            Holds = Holds.Decide(e.HoldId, posted: false, at),
            Payments = Payments.IsEmpty ? Payments : Released(e.HoldId),
            UpdatedAt = at,
        },
        WalletEvent.CreditSent e => this with
        {
            SentMicros = SentMicros + e.AmountMicros,
            Payables = Payables.With(e.Wallet, PayableTo(e.Wallet).Send(e.Number, e.AmountMicros, e.Memo, e.Items, at)),
        },
        WalletEvent.CreditArrived e => Arrive(e, at),
        WalletEvent.Credited e => Credit(e, at),
        WalletEvent.PaymentPresented e => Present(e, at),
        WalletEvent.SettlementBegun e => With(PaymentOf(e.HoldId) with { Standing = IncomingStanding.Settling }),
        WalletEvent.SettlementPutOff e => With(PaymentOf(e.HoldId) with { Standing = IncomingStanding.Presented }),
        WalletEvent.PaymentSettled e => Settle(e, at),
        WalletEvent.PaymentRefused e => EndUnpaid(PaymentOf(e.HoldId) with { Standing = IncomingStanding.Refused, Reason = e.Reason }, at),
        WalletEvent.PaymentUnresolved e => EndUnpaid(PaymentOf(e.HoldId) with { Standing = IncomingStanding.Unresolved }, at) with { UnresolvedMicros = UnresolvedMicros + e.AmountMicros },
        _ => throw new UnreachableException(),
    };

    private WalletState Transfer(WalletEvent.Transferred e, DateTimeOffset at) => this with
    {
        Balance = Balance.Withdraw(e.AmountMicros),
        Holds = Holds.Decide(e.TransferId, posted: true, at),
        OwedMicros = OwedMicros + e.AmountMicros,
        Payables = Payables.With(e.To, PayableTo(e.To).Owe(new TransferItem(e.TransferId, e.AmountMicros, e.Memo))),
        Entries = Entries + 1,
        UpdatedAt = at,
    };

    private WalletState Post(Hold hold, long amountMicros, DateTimeOffset at)
    {
        var fee = Fee.Of(amountMicros, hold.FeeBasisPoints);
        var posted = this with
        {
            Balance = Balance.Post(hold.Lines[0].Amount, amountMicros),
            Holds = Holds.Decide(hold.Id, posted: true, at),
            Entries = amountMicros == 0 ? Entries : Entries + 1,
            UpdatedAt = at,
        };
        return (hold.Memo is { } memo ? posted.Owe(hold.Payee!, new TransferItem(hold.RunId, amountMicros - fee, memo)) : posted.Owe(hold.Payee!, amountMicros - fee)).Owe(WalletIds.Fee, fee);
    }

    private WalletState Owe(string wallet, TransferItem item) => item.AmountMicros == 0 ? this : this with
    {
        OwedMicros = OwedMicros + item.AmountMicros,
        Payables = Payables.With(wallet, PayableTo(wallet).Owe(item)),
    };

    private WalletState Owe(string wallet, long amountMicros) => amountMicros == 0 ? this : this with
    {
        OwedMicros = OwedMicros + amountMicros,
        Payables = Payables.With(wallet, PayableTo(wallet).Owe(amountMicros)),
    };

    private WalletState Arrive(WalletEvent.CreditArrived e, DateTimeOffset at)
    {
        var payable = PayableTo(e.Wallet);
        return this with
        {
            ArrivedMicros = ArrivedMicros + (payable.InFlight?.AmountMicros ?? 0),
            Payables = Payables.Arrive(e.Wallet, e.Number, at),
        };
    }

    private WalletState Credit(WalletEvent.Credited e, DateTimeOffset at) => this with
    {
        Balance = Balance.Credit(e.AmountMicros),
        CreditedMicros = CreditedMicros + e.AmountMicros,
        Sources = Sources.Take(e.Source, e.Number, e.AmountMicros),
        Entries = Entries + WalletTables.EntriesOf(e),
        UpdatedAt = at,
    };

    public void CheckInvariants(bool thorough)
    {
        Balance.CheckInvariants();
        Invariant.Check(OwnMicros == EnteredMicros - LeftMicros + CreditedMicros - OwedMicros, "balance_is_in_minus_out");
        Invariant.Check(OwnMicros >= Balance.Held, "within_limit");
        Invariant.Check(ArrivedMicros <= SentMicros && SentMicros <= OwedMicros, "in_transit_is_owed_or_in_flight");
        if (thorough)
        {
            CheckSums();
            CheckPayments();
        }
    }

    private void CheckSums()
    {
        Invariant.Check(Sources.SumMicros == CreditedMicros, "credited_is_sum_of_sources");
        FundChecks.Owed([.. Payables.All.Values], OwedMicros, SentMicros, ArrivedMicros);
        FundChecks.Payees(Holds);
        Invariant.Check(Balance.Held == Holds.Open.Values.Sum(h => h.Lines[0].Amount), "held_is_open_holds");
    }
}

using System.Diagnostics;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Wallets;

/// <summary>
/// A wallet's money, and what it owes.
/// <para>Invariants. <c>balance_is_in_minus_out</c>: what is its own (available and held) = entered − left + credited − owed.
/// <c>credited_is_sum_of_sources</c>. <c>held_is_open_holds</c>. What is owed: <see cref="Dues"/>.</para>
/// <para>Bounds: sources and payees are those of <see cref="SourceBook"/> and <see cref="PayableBook"/>: who paid, or was paid, lately. Open holds are as many as runs under way. All that ever came in, and all that ever
/// went out, is below 9·10¹⁸ micro-dollars.</para>
/// </summary>
/// <param name="Balance">A fund: its limit is what came in, less what left other than by a hold.</param>
/// <param name="Entries">Rows of its statement.</param>
/// <param name="Holds">Transfers too, by their ids: posted, or voided before they came.</param>
public sealed partial record WalletState(
    StreamId Stream,
    Account Balance,
    long EnteredMicros,
    long LeftMicros,
    long CreditedMicros,
    long Entries,
    HoldBook Holds,
    SourceBook Sources,
    Dues Dues,
    DateTimeOffset UpdatedAt) : IFundState<WalletState, WalletEvent>
{
    private const string BalanceLine = "balance";

    public static WalletState Initial(StreamId stream) => new(
        stream,
        Account.Empty,
        EnteredMicros: 0,
        LeftMicros: 0,
        CreditedMicros: 0,
        Entries: 0,
        HoldBook.Empty,
        SourceBook.Empty,
        Dues.None,
        DateTimeOffset.UnixEpoch);

    /// <summary>Available and held.</summary>
    public long OwnMicros => Balance.Limit!.Value - Balance.Posted;

    public WalletView View =>
        new(Stream.Id, OwnMicros, CreditedMicros, Balance.Held, Balance.Remaining, EnteredMicros, LeftMicros, Dues.OwedMicros, UpdatedAt > DateTimeOffset.UnixEpoch, UnresolvedMicros);

    public FundBook Book => new(EnteredMicros, LeftMicros, Dues.SentMicros, CreditedMicros);

    public string? ReturnsTo => null;

    public WalletState With(Dues dues) => this with { Dues = dues };

    public string MemoTo(string payee) => payee == WalletIds.Fee ? $"fee of runs paid by {Stream.Id}" : $"runs paid by {Stream.Id}";

    public WalletState Deposit(long amountMicros, DateTimeOffset at) =>
        this with { Balance = Balance.Credit(amountMicros), EnteredMicros = EnteredMicros + amountMicros, Entries = Entries + 1, UpdatedAt = at };

    public WalletState Withdraw(long amountMicros, DateTimeOffset at) =>
        this with { Balance = Balance.Withdraw(amountMicros), LeftMicros = LeftMicros + amountMicros, Entries = Entries + 1, UpdatedAt = at };

    public WalletState Evolve(WalletEvent happened, DateTimeOffset at) => happened switch
    {
        WalletEvent.Deposited { Resolves: { } hold } e => Deposit(e.AmountMicros, at).Resolve(hold, e.Memo ?? ""),
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
        WalletEvent.HoldVoided { ReleasedPayee: { } wallet } => this with { Dues = Dues.Release(wallet) },
        WalletEvent.HoldVoided { Resolves: { } hold } => Resolve(hold, transaction: null),
        WalletEvent.HoldVoided e => this with
        {
            Balance = Holds.Open.TryGetValue(e.HoldId, out var hold) ? Balance.Void(hold.Lines[0].Amount) : Balance,
            Holds = Holds.Decide(e.HoldId, posted: false, at),
            Payments = Payments.IsEmpty ? Payments : Released(e.HoldId),
            UpdatedAt = at,
        },
        WalletEvent.CreditSent e => With(Dues.Send(e.Wallet, e.Number, e.AmountMicros, e.Memo, e.Items, at)),
        WalletEvent.CreditArrived e => With(Dues.Arrive(e.Wallet, e.Number, at)),
        WalletEvent.Credited e => Credit(e, at),
        WalletEvent.PaymentPresented e => Present(e, at),
        WalletEvent.SettlementBegun e => Begin(PaymentOf(e.HoldId), at),
        WalletEvent.SettlementPutOff e => With(PaymentOf(e.HoldId) with { Standing = IncomingStanding.Presented }),
        WalletEvent.PaymentSettled e => Settle(e, at),
        WalletEvent.PaymentRefused e => EndUnpaid(PaymentOf(e.HoldId) with { Standing = IncomingStanding.Refused, Reason = e.Reason, Presented = null }, at),
        WalletEvent.PaymentUnresolved e => EndUnpaid(PaymentOf(e.HoldId) with { Standing = IncomingStanding.Unresolved }, at) with { UnresolvedMicros = UnresolvedMicros + e.AmountMicros },
        _ => throw new UnreachableException(),
    };

    private WalletState Transfer(WalletEvent.Transferred e, DateTimeOffset at) => this with
    {
        Balance = Balance.Withdraw(e.AmountMicros),
        Holds = Holds.Decide(e.TransferId, posted: true, at),
        Dues = Dues.Owe(e.To, new TransferItem(e.TransferId, e.AmountMicros, e.Memo)),
        Entries = Entries + 1,
        UpdatedAt = at,
    };

    private WalletState Post(Hold hold, long amountMicros, DateTimeOffset at)
    {
        var fee = Fee.Of(amountMicros, hold.FeeBasisPoints);
        var dues = hold.Memo is { } memo ? Dues.Owe(hold.Payee!, new TransferItem(hold.RunId, amountMicros - fee, memo)) : Dues.Owe(hold.Payee!, amountMicros - fee);
        return this with
        {
            Balance = Balance.Post(hold.Lines[0].Amount, amountMicros),
            Holds = Holds.Decide(hold.Id, posted: true, at),
            Dues = dues.Owe(WalletIds.Fee, fee),
            Entries = amountMicros == 0 ? Entries : Entries + 1,
            UpdatedAt = at,
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
        Invariant.Check(OwnMicros == EnteredMicros - LeftMicros + CreditedMicros - Dues.OwedMicros, "balance_is_in_minus_out");
        Invariant.Check(OwnMicros >= Balance.Held, "within_limit");
        Dues.CheckInvariants(thorough);
        if (thorough)
        {
            CheckSums();
            CheckPayments();
        }
    }

    private void CheckSums()
    {
        Invariant.Check(Sources.SumMicros == CreditedMicros, "credited_is_sum_of_sources");
        FundDecider<WalletDecider, WalletState, WalletEvent>.CheckPayees(this);
        Invariant.Check(Balance.Held == Holds.Open.Values.Sum(h => h.Lines[0].Amount), "held_is_open_holds");
    }
}

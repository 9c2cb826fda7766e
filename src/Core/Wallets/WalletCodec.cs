using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Wallets;

/// <summary>Stored names, for ever. Own commands have none, so that nobody outside can forge a step's outcome.</summary>
public static class WalletCodec
{
    public static readonly UnionCodec<WalletEvent> Events = new UnionCodec<WalletEvent>()
        .Case<WalletEvent.Deposited>("wallet.deposited")
        .Case<WalletEvent.Withdrawn>("wallet.withdrawn")
        .Case<WalletEvent.Transferred>("wallet.transferred", hot: WalletJson.Default.Transferred)
        .Case<WalletEvent.HoldReserved>("wallet.hold_reserved", hot: WalletJson.Default.HoldReserved)
        .Case<WalletEvent.HoldPosted>("wallet.hold_posted", hot: WalletJson.Default.HoldPosted)
        .Case<WalletEvent.HoldVoided>("wallet.hold_voided")
        .Case<WalletEvent.CreditSent>("wallet.credit_sent", hot: WalletJson.Default.CreditSent)
        .Case<WalletEvent.CreditArrived>("wallet.credit_arrived", hot: WalletJson.Default.CreditArrived)
        .Case<WalletEvent.Credited>("wallet.credited", hot: WalletJson.Default.Credited)
        .Case<WalletEvent.PaymentPresented>("wallet.payment_presented")
        .Case<WalletEvent.SettlementBegun>("wallet.settlement_begun")
        .Case<WalletEvent.SettlementPutOff>("wallet.settlement_put_off")
        .Case<WalletEvent.PaymentSettled>("wallet.payment_settled")
        .Case<WalletEvent.PaymentRefused>("wallet.payment_refused")
        .Case<WalletEvent.PaymentUnresolved>("wallet.payment_unresolved");

    public static readonly UnionCodec<WalletCommand> Commands = new UnionCodec<WalletCommand>()
        .Case<WalletCommand.Deposit>("wallet.deposit")
        .Case<WalletCommand.Withdraw>("wallet.withdraw")
        .Case<WalletCommand.Transfer>("wallet.transfer")
        .Carrying<WalletCommand.Node, NodeCommand>(NodeCodec.OfWallet, static c => c.Asked, static asked => new(asked))
        .Case<WalletCommand.Settle>("wallet.settle")
        .Case<WalletCommand.SettleByHand>("wallet.settle_by_hand")
        .Case<WalletCommand.FindPayment>("wallet.find_payment")
        .Case<WalletCommand.Get>("wallet.get")
        .Case<WalletCommand.Tick>("wallet.tick");

    /// <summary>Outcomes of holds stay out: a snapshot is used only when replay reaches back over all of them.</summary>
    public static byte[] Save(WalletState state) => JsonSerializer.SerializeToUtf8Bytes(
        new SavedWallet(
            state.Stream.ToString(),
            state.Balance,
            state.EnteredMicros,
            state.LeftMicros,
            state.CreditedMicros,
            state.Dues.OwedMicros,
            state.Dues.SentMicros,
            state.Dues.ArrivedMicros,
            state.Entries,
            [.. state.Holds.Open.Values],
            [.. state.Sources.Known.Select(s => new SavedSource(s.Key, s.Value.LastNumber, s.Value.SumMicros))],
            [.. state.Dues.Payables.All.Select(p => SavedPayable.Of(p.Key, p.Value))],
            state.UpdatedAt,
            state.Payments.IsEmpty ? null : [.. state.Payments.Values],
            state.UnresolvedMicros,
            state.Sources.ForgottenMicros,
            state.Dues.Payables.Floor),
        StoredJson.Options);

    public static WalletState Restore(ReadOnlyMemory<byte> saved)
    {
        var wallet = JsonSerializer.Deserialize<SavedWallet>(saved.Span, StoredJson.Options)!;
        return new(
            StreamId.Parse(wallet.Stream),
            wallet.Balance,
            wallet.EnteredMicros,
            wallet.LeftMicros,
            wallet.CreditedMicros,
            wallet.Entries,
            HoldBook.Empty with { Open = wallet.Holds.ToImmutableSortedDictionary(h => h.Id, h => h) },
            new(wallet.Sources.ToImmutableSortedDictionary(s => s.Source, s => new Source(s.LastNumber, s.SumMicros), StringComparer.Ordinal), wallet.ForgottenMicros),
            new(
                wallet.OwedMicros,
                wallet.SentMicros,
                wallet.ArrivedMicros,
                wallet.Payables.Aggregate(PayableBook.Empty with { Floor = wallet.PayablesFloor }, static (book, p) => book.With(p.Wallet, p.Payable))),
            wallet.UpdatedAt)
        {
            Payments = (wallet.Incoming ?? []).ToImmutableSortedDictionary(p => p.Key, p => p, StringComparer.Ordinal),
            UnresolvedMicros = wallet.UnresolvedMicros,
        };
    }

    private sealed record SavedWallet(
        string Stream,
        Account Balance,
        long EnteredMicros,
        long LeftMicros,
        long CreditedMicros,
        long OwedMicros,
        long SentMicros,
        long ArrivedMicros,
        long Entries,
        ImmutableArray<Hold> Holds,
        ImmutableArray<SavedSource> Sources,
        ImmutableArray<SavedPayable> Payables,
        DateTimeOffset UpdatedAt,
        IReadOnlyList<IncomingPayment>? Incoming = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long UnresolvedMicros = 0,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long ForgottenMicros = 0,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long PayablesFloor = 0);

    private sealed record SavedSource(string Source, long LastNumber, long SumMicros);
}

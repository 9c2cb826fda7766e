using Agora.Core.Funds;
using Agora.Core.Kernel;

namespace Agora.Core.Wallets;

/// <summary>The wallet's books, and one row of its statement for each change of its balance; of a credit, one for each item and one for the rest.</summary>
public static class WalletTables
{
    public static readonly IReadOnlyList<Table> All = [.. FundTables.All, SettlementTables.Settlements];

    public static IEnumerable<Row> Rows(WalletState state, WalletEvent happened, DateTimeOffset at) => happened switch
    {
        WalletEvent.Deposited { Resolves: { } hold } e =>
        [
            Book(state), Entry(state, at, EntryKinds.X402, WalletIds.World, e.AmountMicros, e.Memo, state.FindPayment(hold) is { } paid ? Text(paid.RunId) : null),
            .. SettlementTables.Row(state, hold, at),
        ],
        WalletEvent.Deposited e => [Book(state), Entry(state, at, EntryKinds.Deposit, WalletIds.World, e.AmountMicros, e.Memo, null)],
        WalletEvent.Withdrawn e => [Book(state), Entry(state, at, EntryKinds.Withdrawal, WalletIds.World, -e.AmountMicros, e.Memo, null)],
        WalletEvent.Transferred e => [Entry(state, at, EntryKinds.Transfer, e.To, -e.AmountMicros, e.Memo, Text(e.TransferId))],
        WalletEvent.HoldPosted { AmountMicros: > 0, Memo: { } memo } e => [Entry(state, at, EntryKinds.Transfer, e.Provider, -e.AmountMicros, memo, Text(e.RunId))],
        WalletEvent.HoldPosted { AmountMicros: > 0 } e => [Entry(state, at, EntryKinds.Payment, e.Provider, -e.AmountMicros, null, Text(e.RunId))],
        WalletEvent.CreditSent => [Book(state)],
        WalletEvent.PaymentSettled e =>
        [
            Book(state), Entry(state, at, EntryKinds.X402, WalletIds.World, e.AmountMicros, e.Transaction, Text(state.PaymentOf(e.HoldId).RunId)),
            .. SettlementTables.Row(state, e.HoldId, at),
        ],
        WalletEvent.SettlementBegun e => SettlementTables.Row(state, e.HoldId, null),
        WalletEvent.PaymentRefused e => SettlementTables.Row(state, e.HoldId, at),
        WalletEvent.PaymentUnresolved e => SettlementTables.Row(state, e.HoldId, null),
        WalletEvent.HoldVoided { Resolves: { } hold } => SettlementTables.Row(state, hold, at),
        WalletEvent.Credited e => [Book(state), .. Arrived(state, e, at)],
        _ => [],
    };

    public static int EntriesOf(WalletEvent.Credited e) => e.Items is null ? 1 : e.Items.Count + (Rest(e) > 0 ? 1 : 0);

    private static Row Book(WalletState state) => FundTables.Row(state.Stream, state.Book, state.Balance.Held, state.UpdatedAt);

    private static Row Entry(WalletState state, DateTimeOffset at, string kind, string counterparty, long amountMicros, string? memo, string? reference) =>
        FundTables.Row(state.Stream, at, new(state.Entries, kind, counterparty, amountMicros, state.OwnMicros, memo, reference));

    private static IEnumerable<Row> Arrived(WalletState state, WalletEvent.Credited e, DateTimeOffset at)
    {
        var (number, balance, from) = (state.Entries - EntriesOf(e), state.OwnMicros - e.AmountMicros, StreamId.Parse(e.Source));
        var counterparty = from.Kind == Kinds.Wallet ? from.Id : $"{from.Kind}/{from.Id}";
        foreach (var item in e.Items ?? [])
        {
            balance += item.AmountMicros;
            yield return FundTables.Row(state.Stream, at, new(++number, item.IsReward ? EntryKinds.Reward : EntryKinds.Transfer, counterparty, item.AmountMicros, balance, item.Memo, Text(item.TransferId)));
        }

        if (Rest(e) is > 0 and var rest)
        {
            yield return FundTables.Row(state.Stream, at, new(++number, EntryKinds.Credit, counterparty, rest, balance + rest, e.Memo, null));
        }
    }

    private static long Rest(WalletEvent.Credited e) => e.AmountMicros - (e.Items?.Sum(i => i.AmountMicros) ?? 0);

    private static string Text(Guid id) => id.ToString("D");
}

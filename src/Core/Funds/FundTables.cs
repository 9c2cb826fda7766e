using Agora.Core.Kernel;

namespace Agora.Core.Funds;

/// <summary>
/// The books of all funds, one row a wallet or campaign: balance = entered − left + received − sent, of each and so of all. Entered and left
/// are the world's side, written by the events that book both. What a fund owes and has not sent counts as its own, so sent − received over
/// all rows is what is in transit. Written by the events that move money, not by holds: <c>held_micros</c> is as of the last of those.
/// </summary>
public static class FundTables
{
    public static readonly Table Funds = new(
        "funds", 3, "tenant", "kind", "fund_id", "asset", "balance_micros", "held_micros", "entered_micros", "left_micros", "sent_micros", "received_micros", "updated_at");

    /// <summary>
    /// A wallet's statement: a row for each time that its balance changed, numbered without gap. One stream's times never go back, so
    /// (at, entry) orders them as they happened.
    /// </summary>
    public static readonly Table Entries = new(
        "fund_entries", 4, "tenant", "wallet_id", "at", "entry", "kind", "counterparty", "amount_micros", "balance_micros", "memo", "reference");

    public static IReadOnlyList<Table> All { get; } = [Funds, Entries];

    public static Row Row(StreamId stream, FundBook book, long heldMicros, DateTimeOffset at) => Funds.Row(
        stream.Tenant, stream.Kind, stream.Id, Money.DefaultAsset, book.BalanceMicros, heldMicros, book.EnteredMicros, book.LeftMicros, book.SentMicros, book.ReceivedMicros, at.ToMicros());

    public static Row Row(StreamId wallet, DateTimeOffset at, FundEntry entry) => Entries.Row(
        wallet.Tenant, wallet.Id, at.ToMicros(), entry.Number, entry.Kind, entry.Counterparty, entry.AmountMicros, entry.BalanceMicros, entry.Memo, entry.Reference);
}

/// <summary>All that ever came into a fund and went out of it, by the other side: the world, or another fund.</summary>
public readonly record struct FundBook(long EnteredMicros, long LeftMicros, long SentMicros, long ReceivedMicros)
{
    public long BalanceMicros => EnteredMicros - LeftMicros + ReceivedMicros - SentMicros;
}

/// <param name="Kind">One of <see cref="EntryKinds"/>.</param>
/// <param name="Counterparty">A wallet's id, <c>campaign/{id}</c>, or the world.</param>
/// <param name="AmountMicros">Negative: it went out.</param>
/// <param name="BalanceMicros">After it.</param>
/// <param name="Reference">The transfer's or run's id.</param>
public sealed record FundEntry(long Number, string Kind, string Counterparty, long AmountMicros, long BalanceMicros, string? Memo, string? Reference);

public static class EntryKinds
{
    public const string Deposit = "deposit";
    public const string Withdrawal = "withdrawal";
    public const string Transfer = "transfer";

    /// <summary>A run that the wallet paid.</summary>
    public const string Payment = "payment";

    /// <summary>What another fund paid, summed: runs, a fee, what a campaign had left.</summary>
    public const string Credit = "credit";

    /// <summary>What a campaign paid for a task.</summary>
    public const string Reward = "reward";

    /// <summary>A payment by x402 that came in.</summary>
    public const string X402 = "x402";

    public static IReadOnlyList<string> All { get; } = [Deposit, Withdrawal, Transfer, Payment, Credit, Reward, X402];
}

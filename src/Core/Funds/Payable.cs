using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Funds;

/// <summary>
/// What a fund owes to one wallet, and what is on its way there. One transfer is under way at a time and their numbers have
/// no gap, so the wallet needs to remember only the last number to take each exactly once, and that only for a while (<see cref="SourceBook"/>). What is owed while one is under way
/// travels with the next; payments that the payee's statement shows each for itself are items of it.
/// </summary>
/// <param name="OwedMicros">Items and all else that waits.</param>
/// <param name="LastNumber">Of the last transfer sent; before the first, a number below all that are to come.</param>
/// <param name="InFlight">The transfer under way, sent again until the wallet says that it has it.</param>
/// <param name="Waiting">Items that wait, in order; at most <see cref="Limits.TransferItemsWaiting"/>.</param>
/// <param name="RestsSince">When the last transfer was known to have arrived; null: something is owed or under way, or nothing was ever sent.</param>
/// <param name="Released">The wallet has forgotten the last number.</param>
public sealed record Payable(
    long OwedMicros, long LastNumber, Transfer? InFlight, ImmutableArray<TransferItem> Waiting, DateTimeOffset? RestsSince = null, bool Released = false)
{
    /// <summary>Soft: when the transfer under way was last sent, where it had come too late before. A crash forgets it, and the payee says again that it is too late, or that it has it.</summary>
    [JsonIgnore]
    public DateTimeOffset? SentAnew { get; init; }

    /// <summary>Soft: when the last transfer that has arrived was sent; forgotten at a restart, and then nothing waits.</summary>
    [JsonIgnore]
    public DateTimeOffset? LastSentAt { get; init; }

    /// <summary>Soft: somebody waits for what is owed, which goes as soon as the transfer under way has arrived.</summary>
    [JsonIgnore]
    public bool Hurried { get; init; }

    /// <summary>What is earned little by little is sent every few seconds; what the payee's statement shows for itself, or somebody waits for, at once. Null: at any time.</summary>
    public DateTimeOffset? NotBefore => Waiting.IsEmpty && !Hurried ? LastSentAt + Limits.PayoutEvery : null;

    /// <summary>The transfer under way, as it is sent.</summary>
    public Transfer? Sending => SentAnew is null ? InFlight : InFlight! with { SentAt = SentAnew };

    /// <summary>Nothing was sent, or all of it is forgotten.</summary>
    /// <param name="floor">No number up to this is given again.</param>
    public static Payable After(long floor) => new(0, floor, null, []);

    public bool CanSend => InFlight is null && OwedMicros > 0;

    public bool IsCrowded => Waiting.Length >= Limits.TransferItemsWaiting;

    public long InTransitMicros => OwedMicros + (InFlight?.AmountMicros ?? 0);

    public Payable Owe(long amountMicros) => this with { OwedMicros = OwedMicros + amountMicros, RestsSince = null, Released = false };

    public Payable Owe(TransferItem item) => this with { OwedMicros = OwedMicros + item.AmountMicros, Waiting = Waiting.Add(item), RestsSince = null, Released = false };

    /// <summary>All that is owed, or, when more items wait than travel together, the first of them.</summary>
    public Transfer Next(string memo) => Waiting.IsEmpty ? new(LastNumber + 1, OwedMicros, memo)
        : Waiting.Length <= Limits.TransferItems ? new(LastNumber + 1, OwedMicros, memo, Waiting)
        : First(Limits.TransferItems, memo);

    /// <summary>As <see cref="Next"/> was when it was decided: how many items travel is of the event, not of today's limits.</summary>
    public Payable Send(long number, long amountMicros, string memo, int items, DateTimeOffset at)
    {
        Invariant.Check(InFlight is null && number == LastNumber + 1, "one_transfer_in_flight");
        Invariant.Check(amountMicros > 0 && items <= Waiting.Length, "what_is_owed_is_sent");
        var left = OwedMicros - amountMicros;
        Invariant.Check(left == (items < Waiting.Length ? OwedMicros - Sum(items) : 0), "what_is_owed_is_sent");
        return new(left, number, new(number, amountMicros, memo, items == 0 ? null : Waiting[..items], at), Waiting[items..]);
    }

    public Payable Arrive(long number, DateTimeOffset at)
    {
        Invariant.Check(InFlight?.Number == number, "arrived_was_in_flight");
        return this with { InFlight = null, SentAnew = null, LastSentAt = InFlight.SentAt, RestsSince = OwedMicros == 0 ? at : null };
    }

    public void CheckInvariants() => Invariant.Check(OwedMicros >= Sum(Waiting.Length), "items_are_owed");

    private Transfer First(int items, string memo) => new(LastNumber + 1, Sum(items), memo, Waiting[..items]);

    private long Sum(int items)
    {
        var sum = 0L;
        for (var i = 0; i < items; i++) sum += Waiting[i].AmountMicros;
        return sum;
    }
}

/// <summary>A <see cref="Funds.Payable"/> in a snapshot.</summary>
/// <param name="Waiting">Null: nothing.</param>
internal sealed record SavedPayable(
    string Wallet,
    long OwedMicros,
    long LastNumber,
    Transfer? InFlight,
    IReadOnlyList<TransferItem>? Waiting = null,
    DateTimeOffset? RestsSince = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Released = false)
{
    public Payable Payable => new(OwedMicros, LastNumber, InFlight, Waiting is null ? [] : [.. Waiting], RestsSince, Released);

    public static SavedPayable Of(string wallet, Payable payable) =>
        new(wallet, payable.OwedMicros, payable.LastNumber, payable.InFlight, payable.Waiting.IsEmpty ? null : payable.Waiting, payable.RestsSince, payable.Released);
}

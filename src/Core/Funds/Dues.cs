using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Funds;

/// <summary>
/// What a fund owes, sends and has paid.
/// <para>Invariants. <c>in_transit_is_owed_or_in_flight</c>: owed − arrived = what is owed or under way to payees.
/// What is owed while nothing is sent waits for its time, at most <see cref="Limits.PayoutEvery"/>, or is taken up by a restart or an alarm.</para>
/// </summary>
/// <param name="OwedMicros">All that it ever owed; of that <paramref name="SentMicros"/> was sent, and <paramref name="ArrivedMicros"/> is known to have arrived.</param>
public sealed record Dues(long OwedMicros, long SentMicros, long ArrivedMicros, PayableBook Payables)
{
    public static readonly Dues None = new(0, 0, 0, PayableBook.Empty);

    /// <summary>What has not arrived is what is unfinished.</summary>
    public bool AreUnderWay => OwedMicros != ArrivedMicros;

    public Payable To(string payee) => Payables.To(payee);

    public Dues Owe(string payee, long amountMicros) =>
        amountMicros == 0 ? this : this with { OwedMicros = OwedMicros + amountMicros, Payables = Payables.With(payee, To(payee).Owe(amountMicros)) };

    public Dues Owe(string payee, TransferItem item) =>
        item.AmountMicros == 0 ? this : this with { OwedMicros = OwedMicros + item.AmountMicros, Payables = Payables.With(payee, To(payee).Owe(item)) };

    /// <param name="items">Of those that wait, so many travel.</param>
    public Dues Send(string payee, long number, long amountMicros, string memo, int items, DateTimeOffset at) =>
        this with { SentMicros = SentMicros + amountMicros, Payables = Payables.With(payee, To(payee).Send(number, amountMicros, memo, items, at)) };

    public Dues Arrive(string payee, long number, DateTimeOffset at) =>
        this with { ArrivedMicros = ArrivedMicros + (To(payee).InFlight?.AmountMicros ?? 0), Payables = Payables.Arrive(payee, number, at) };

    /// <summary>The payee has forgotten this fund.</summary>
    public Dues Release(string payee) => this with { Payables = Payables.Release(payee) };

    /// <summary>Soft: the transfer under way, stamped anew.</summary>
    public Dues SendAnew(string payee, DateTimeOffset at) => this with { Payables = Payables.With(payee, To(payee) with { SentAnew = at }) };

    /// <summary>Soft: somebody waits for what is owed beside what is under way.</summary>
    public Dues Hurry(string payee) => this with { Payables = Payables.With(payee, To(payee) with { Hurried = true }) };

    public void CheckInvariants(bool thorough)
    {
        Invariant.Check(ArrivedMicros <= SentMicros && SentMicros <= OwedMicros, "in_transit_is_owed_or_in_flight");
        if (!thorough) return;

        Payable[] payables = [.. Payables.All.Values];
        Invariant.Check(OwedMicros - ArrivedMicros == payables.Sum(p => p.InTransitMicros), "in_transit_is_owed_or_in_flight");
        Invariant.Check(OwedMicros - SentMicros == payables.Sum(p => p.OwedMicros), "in_transit_is_owed_or_in_flight");
        foreach (var payable in payables)
        {
            payable.CheckInvariants();
        }
    }
}

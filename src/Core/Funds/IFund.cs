using Agora.Core.Kernel;

namespace Agora.Core.Funds;

/// <summary>
/// What campaigns and wallets have in common: money that is held for runs, and owed and sent to wallets. The state of either says
/// what it has; <see cref="FundDecider{TState, TEvent}"/> decides for both.
/// </summary>
public interface IFund<TState, TEvent>
    where TState : class, IFund<TState, TEvent>
    where TEvent : class
{
    StreamId Stream { get; }

    HoldBook Holds { get; }

    /// <summary>What is not held leaves at once, for the wallet that this names; null: it stays.</summary>
    string? ReturnsTo { get; }

    IEnumerable<KeyValuePair<string, Payable>> Owed { get; }

    Payable PayableTo(string wallet);

    /// <summary>What the payee's statement says of money that is no item.</summary>
    string MemoTo(string wallet);

    TState Evolve(TEvent happened, DateTimeOffset at);

    static abstract TEvent Posted(Hold hold, long amountMicros);

    static abstract TEvent Voided(Guid holdId);

    static abstract TEvent Sent(string wallet, Transfer transfer);

    static abstract TEvent Arrived(string wallet, long number);

    /// <summary>The own command of a wallet's answer.</summary>
    static abstract object TakeArrival(string wallet, long number);

    /// <summary>The own command of an owner's answer.</summary>
    static abstract object TakeInquiry(Guid holdId, bool posted, long amountMicros);
}

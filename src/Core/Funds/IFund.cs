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

    PayableBook Payables { get; }

    /// <summary>Of funds that paid this one.</summary>
    SourceBook Sources { get; }

    Payable PayableTo(string wallet);

    /// <summary>Soft: a transfer is under way again, stamped anew.</summary>
    TState With(PayableBook payables);

    /// <summary>What the payee's statement says of money that is no item.</summary>
    string MemoTo(string wallet);

    TState Evolve(TEvent happened, DateTimeOffset at);

    static abstract TEvent Posted(Hold hold, long amountMicros);

    static abstract TEvent Voided(Guid holdId);

    static abstract TEvent Sent(string wallet, Transfer transfer);

    static abstract TEvent Arrived(string wallet, long number);

    /// <summary>This fund forgets a source. Under an id that is no hold's: the release before reads it as a tombstone.</summary>
    static abstract TEvent Forgotten(Guid id, string source);

    /// <summary>A wallet has forgotten this fund. Under an id that is no hold's, likewise.</summary>
    static abstract TEvent Released(Guid id, string wallet);

    /// <summary>The own command of a wallet's answer.</summary>
    static abstract object TakeArrival(string wallet, long number);

    /// <summary>The own command of a wallet's answer that it was too late to take the transfer.</summary>
    static abstract object TakeLateness(string wallet, long number);

    /// <summary>The own command of a wallet's answer that it remembers this fund no more.</summary>
    static abstract object TakeRelease(string wallet, long number);

    /// <summary>The own command of an owner's answer.</summary>
    static abstract object TakeInquiry(Guid holdId, bool posted, long amountMicros);
}

using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Funds;

/// <summary>
/// What campaigns and wallets have in common: money that is held for runs, and owed and sent to wallets. Their states say what they have, their deciders how they
/// say it; <see cref="FundDecider{TFund, TState, TEvent}"/> decides for both.
/// </summary>
public interface IFund<TState, TEvent> : INode<TState, TEvent>
    where TState : class, IFundState<TState, TEvent>
    where TEvent : class
{
    static abstract TEvent Credited(NodeCommand.Credit credit);

    static abstract TEvent Sent(string payee, Transfer transfer);

    static abstract TEvent Arrived(string payee, long number);

    /// <summary>This fund forgets a source. Under an id that is no hold's: the release before reads it as a tombstone.</summary>
    static abstract TEvent Forgotten(Guid id, string source);

    /// <summary>A payee has forgotten this fund. Under an id that is no hold's, likewise.</summary>
    static abstract TEvent Released(Guid id, string payee);
}

public interface IFundState<TState, TEvent>
    where TState : class
    where TEvent : class
{
    StreamId Stream { get; }

    HoldBook Holds { get; }

    Dues Dues { get; }

    /// <summary>Of funds that paid this one.</summary>
    SourceBook Sources { get; }

    /// <summary>What is not held leaves at once, for the wallet that this names; null: it stays.</summary>
    string? ReturnsTo { get; }

    TState Evolve(TEvent happened, DateTimeOffset at);

    TState With(Dues dues);

    /// <summary>What the payee's statement says of money that is no item.</summary>
    string MemoTo(string payee);
}

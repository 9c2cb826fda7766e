using Agora.Core.Kernel;

namespace Agora.Core.Nodes;

/// <summary>What a node says of itself; <see cref="NodeDecider{TNode, TState, TEvent}"/> decides for all of them.</summary>
public interface INode<TState, TEvent>
    where TState : class
    where TEvent : class
{
    static abstract HoldBook HoldsOf(TState state);

    static abstract TState WithHolds(TState state, HoldBook holds);

    /// <summary>Throws where whoever asks contradicts itself.</summary>
    static abstract void CheckAsked(NodeCommand.Reserve asked);

    /// <summary>Why nothing can be held under an id any more, or not yet; null: the id is new.</summary>
    static abstract Rejection? Undecidable(HoldStanding standing);

    /// <summary>The id is held: the same answer again.</summary>
    static abstract Decision<TState, TEvent> ReserveAgain(TState state, NodeCommand.Reserve asked, Context context);

    /// <summary>The id is new and young: by the terms of the node's kind.</summary>
    static abstract Decision<TState, TEvent> Reserve(TState state, NodeCommand.Reserve asked, Context context);

    /// <param name="tokens">Of a session: that a model's call read and wrote.</param>
    static abstract TEvent Posted(TState state, Hold hold, long amountMicros, long tokens, Context context);

    static abstract TEvent Voided(Guid holdId);

    /// <summary>The hold ends. That a limit followed may reach the journal with its next row; a fund pays.</summary>
    /// <param name="hold">Null: it never came.</param>
    /// <param name="posted">Null: it is voided.</param>
    static virtual Decision<TState, TEvent> End(TState state, HoldEnded reply, TEvent ended, Hold? hold, long? posted, Context context) =>
        Decision<TState, TEvent>.Accept(reply, ended).Ride(Riding.AwaitedLonger);

    /// <summary>A hold ends: who waits for that.</summary>
    static virtual Step[] Waking(TState state) => [];

    /// <summary>The own command of what came of the node's own questions.</summary>
    static abstract object Learn(NodeOutcome outcome);
}

/// <summary>What a limit says of itself besides: a user's stream for grant and caps, a session for what runs below it.</summary>
public interface ILimit<TState, TEvent> : INode<TState, TEvent>
    where TState : class
    where TEvent : class
{
    /// <summary>Refunds that were taken and not yet released, and those that were.</summary>
    static abstract HoldBook RefundsOf(TState state);

    static abstract WaitingRoom RoomOf(TState state);

    static abstract TState WithRoom(TState state, WaitingRoom room);

    /// <summary>What could be held now of what is asked for, and what could be if all holds were voided. Not said by what else a reserve is refused.</summary>
    static abstract (long Now, long AtMost) FreeFor(TState state, ReserveTerms terms, long amountMicros, Context context);

    /// <summary>The run may still be decided otherwise here.</summary>
    static abstract bool IsUndecided(TState state, Guid runId);

    static abstract TEvent RefundTaken(NodeCommand.TakeRefund asked);

    static abstract TEvent RefundReleased(Guid tellId);
}

using Agora.Core.Kernel;

namespace Agora.Core.Nodes;

/// <summary>
/// How whoever owns holds answers for them: the session of a run, the payment of a refund. Void is answered only with an event of its own, or from
/// one that is durable; posted only from a durable one.
/// </summary>
public static class HoldOwner
{
    /// <param name="isOpen">The run, or refund, still owns this hold and is not decided.</param>
    /// <param name="told">How a decided hold ended, while its node has yet to follow; null: no hold of this owner is known by that id.</param>
    /// <param name="disowned">Void for ever.</param>
    /// <param name="openForSeconds">An open one stays open for about this long, and need not be asked about before; null: it is not said.</param>
    public static Decision<TState, TEvent> Answer<TState, TEvent>(
        NodeCommand.Inquire c, bool isOpen, (bool Posted, long AmountMicros, long Tokens)? told, TEvent disowned, int? openForSeconds = null)
        where TState : class
        where TEvent : class =>
        isOpen ? Decision<TState, TEvent>.Accept(new Inquired(c.RunId, c.HoldId, Open: true, Posted: false, 0, openForSeconds))
        : told is { } ended ? Decision<TState, TEvent>.Accept(new Inquired(c.RunId, c.HoldId, Open: false, ended.Posted, ended.AmountMicros, Tokens: ended.Tokens))
        : Decision<TState, TEvent>.Accept(new Inquired(c.RunId, c.HoldId, Open: false, Posted: false, 0), disowned);
}

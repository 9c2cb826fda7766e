using Agora.Core.Kernel;

namespace Agora.Core.Refunds;

/// <summary>
/// How a limit's node takes refunds: once under each id, in bounded memory. A refund is taken when its id is young and not known; an id that was taken stays known until
/// it is released, and then as long as an outcome does (<see cref="HoldBook"/>), by when it is too old to be taken. So Late and Forgotten say for
/// certain that it was never taken, or was released by whoever knew.
/// </summary>
internal static class NodeRefunds
{
    /// <summary>The run is decided and this node has not followed yet: there is nothing here to give back.</summary>
    public static readonly Rejection NotPosted = new(Codes.Unavailable, "The payment has not been counted here yet.", Retry: true);

    public static bool IsHeld(HoldBook holds, Guid runId)
    {
        foreach (var (_, hold) in holds.Open)
        {
            if (hold.RunId == runId) return true;
        }

        return false;
    }

    public static Hold Taken(Guid tellId, Guid runId, long amountMicros, DateTimeOffset at) => new(tellId, "", runId, [new("refund", amountMicros)], at);
}

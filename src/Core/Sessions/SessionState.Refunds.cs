using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Sessions;

public sealed partial record SessionState
{
    /// <summary>Refunds that were taken and not yet released, and those that were: by the ids under which they were told.</summary>
    public HoldBook Refunds { get; init; } = HoldBook.Empty;

    private SessionState Take(SessionEvent.RefundTaken e, DateTimeOffset at) => this with
    {
        Budget = Budget.Refund(e.AmountMicros),
        Refunds = Refunds.TakeRefund(e.TellId, e.RunId, e.AmountMicros, at),
    };
}

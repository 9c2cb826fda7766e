using Agora.Core.Kernel;
using Agora.Core.Refunds;

namespace Agora.Core.Sessions;

public sealed partial record SessionState
{
    /// <summary>Refunds that were taken and not yet released, and those that were: by the ids under which they were told.</summary>
    public HoldBook Refunds { get; init; } = HoldBook.Empty;

    private SessionState Take(SessionEvent.RefundTaken e, DateTimeOffset at) => this with
    {
        Budget = Budget.Refund(e.AmountMicros),
        Refunds = Refunds.Add(NodeRefunds.Taken(e.TellId, e.RunId, e.AmountMicros, at)),
    };
}

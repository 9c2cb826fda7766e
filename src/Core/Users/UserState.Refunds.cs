using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Users;

public sealed partial record UserState
{
    /// <summary>Refunds that were taken and not yet released, and those that were: by the ids under which they were told.</summary>
    public HoldBook Refunds { get; init; } = HoldBook.Empty;

    /// <summary>A period that is over and forgotten has no account any more, and none is made for it.</summary>
    private UserState Take(UserEvent.RefundTaken e, DateTimeOffset at)
    {
        var accounts = Accounts;
        foreach (var key in e.Accounts.Split(' '))
        {
            if (accounts.TryGetValue(key, out var account))
            {
                accounts = accounts.SetItem(key, account.Refund(e.AmountMicros));
            }
        }

        return this with { Accounts = accounts, Refunds = Refunds.TakeRefund(e.TellId, e.RunId, e.AmountMicros, at) };
    }
}

using Agora.Core.Access;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Wallets;
using RunDecision = Agora.Core.Kernel.Decision<Agora.Core.Runs.Leaf, Agora.Core.Runs.LeafEvent>;

namespace Agora.Core.Runs;

/// <summary>
/// The agent pays another wallet out of its own: a run without a service. It is held on every limit and on the agent's wallet as a
/// run is, and posted as soon as all of them have said yes.
/// </summary>
internal static class RequestingTransfer
{
    private static readonly Personal NoInput = new("null"u8.ToArray());

    /// <summary>In order of precedence. Null: the run may begin.</summary>
    public static Rejection? Refusal(Leaf leaf, RunCommand.Transfer c)
    {
        if (!c.PayeeKnown && !WalletIds.CanBeOwned(c.To)) return WalletRejection.PayeeUnknown;
        if (!leaf.Scopes.AdmitsPayee(c.To)) return AccessRejection.OutOfScope("payee", c.To);
        if (c.Request.Violations is { Count: > 0 } details) return AccessRejection.Invalid(details);
        if (!WalletIds.IsId(c.To)) return WalletRejection.NoPayee;
        if (c.To == leaf.OwnWallet) return WalletRejection.PayeeIsPayer;
        if (c.AmountMicros is < 1 or > Limits.MaxMicros) return WalletRejection.AmountOutOfRange;
        if (!c.PayeeKnown) return WalletRejection.PayeeUnknown; // an agent's name: whether the agent is there is told within the scope only
        if (!leaf.Budget.CanReserve(c.AmountMicros)) return RunRejection.OverBudget(leaf.SessionId, c.AmountMicros, leaf.Budget.Remaining);
        return leaf.IsCrowded ? RunRejection.TooManyRuns : null;
    }

    public static RunDecision Begin(Leaf leaf, RunCommand.Transfer c, Context context)
    {
        var requested = new RunEvent.Requested(
            context.CommandId, context.NewId(1), ServiceId: "", c.AmountMicros, c.To, Owner: null, InputHash: "", context.Now + Limits.RunVoidedAfter,
            c.Request.Line(200, context), context.NewId(2), Wallet: leaf.OwnWallet, OwnFund: true, Memo: c.Memo, HoldsAbove: RunHolds.NewSeed(leaf, context));
        return Beginning.Begin(leaf, requested, [], named: false, NoInput, context);
    }
}

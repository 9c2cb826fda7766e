using Agora.Core.Access;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Wallets;
using SessionDecision = Agora.Core.Kernel.Decision<Agora.Core.Sessions.SessionState, Agora.Core.Sessions.SessionEvent>;

namespace Agora.Core.Sessions;

/// <summary>
/// The agent pays another wallet out of its own: a run without a service. It is held on every limit and on the agent's wallet as a
/// run is, and posted as soon as all of them have said yes.
/// </summary>
public sealed partial class SessionDecider
{
    private static SessionDecision Transfer(SessionState state, SessionCommand.Transfer c, Context context)
    {
        if (Repeated(state, context) is { } repeat)
        {
            return repeat;
        }

        var admitted = Admit(state, c.Request, context, out var refused);
        if (refused is not null)
        {
            return refused;
        }

        var from = state.OwnWallet;
        if (!c.PayeeKnown && !WalletIds.CanBeOwned(c.To))
        {
            return Refuse(admitted, c.Request, WalletRejection.PayeeUnknown, context);
        }

        if (!state.Scopes.AdmitsPayee(c.To))
        {
            return RefuseScope(admitted, c.Request, SessionRejection.OutOfScope("payee", c.To), context);
        }

        if (TransferRejection(state, c, from) is { } rejection)
        {
            return Refuse(admitted, c.Request, rejection, context);
        }

        var requested = new SessionEvent.RunRequested(
            context.CommandId, context.NewId(1), ServiceId: "", c.AmountMicros, c.To, Owner: null, InputHash: "", context.Now + Limits.RunVoidedAfter,
            Line(c.Request, 200, context), context.NewId(2), Wallet: from, OwnFund: true, Memo: c.Memo, HoldsAbove: HoldsAbove(state, context));
        return Begin(admitted, requested, [], named: false, NoInput, context);
    }

    // In order of precedence.
    private static Rejection? TransferRejection(SessionState state, SessionCommand.Transfer c, string from)
    {
        if (c.Request.Violations is { Count: > 0 } details) return SessionRejection.Invalid(details);
        if (!WalletIds.IsId(c.To)) return WalletRejection.NoPayee;
        if (c.To == from) return WalletRejection.PayeeIsPayer;
        if (c.AmountMicros is < 1 or > Limits.MaxMicros) return WalletRejection.AmountOutOfRange;
        if (!state.Budget.CanReserve(c.AmountMicros)) return SessionRejection.OverBudget(state.SessionId, c.AmountMicros, state.Budget.Remaining);
        return state.IsCrowded ? SessionRejection.TooManyRuns : null;
    }

    private static readonly Personal NoInput = new("null"u8.ToArray());
}

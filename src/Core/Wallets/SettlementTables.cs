using Agora.Core.Kernel;

namespace Agora.Core.Wallets;

/// <summary>Payments by x402 whose settlement was begun, one row a run: what became of each, and which of them nobody knows the end of.</summary>
public static class SettlementTables
{
    public static readonly Table Settlements = new(
        "settlements", 2, "tenant", "run_id", "hold_id", "session_id", "wallet_id", "amount_micros", "asset", "nonce", "state", "reason", "tx_hash", "by_hand", "begun_at", "valid_before", "ended_at");

    /// <summary>Of a payment that is known here, and was not refused before its settlement began.</summary>
    /// <param name="endedAt">Null: nobody knows its end.</param>
    internal static IEnumerable<Row> Row(WalletState state, Guid holdId, DateTimeOffset? endedAt)
    {
        if (state.FindPayment(holdId) is not { } payment || payment is { BegunAt: null, Standing: IncomingStanding.Refused, ByHand: false })
        {
            yield break;
        }

        var split = payment.Key.LastIndexOf(':');
        yield return Settlements.Row(
            state.Stream.Tenant, payment.RunId.ToString("D"), payment.HoldId.ToString("D"), StreamId.Parse(payment.Owner).Id, state.Stream.Id, payment.AmountMicros, payment.Key[..split], payment.Key[(split + 1)..],
            payment.Standing.Name(), payment.Reason, payment.Settlement is { Transaction.Length: > 0 } settled ? settled.Transaction : null, payment.ByHand ? 1L : 0L, (payment.BegunAt ?? payment.ValidBefore).ToMicros(), payment.ValidBefore.ToMicros(),
            endedAt?.ToMicros());
    }
}

using Agora.Core.Kernel;

namespace Agora.Core.Wallets;

public static class WalletTables
{
    public static readonly Table Wallets = new("wallets", 2, "tenant", "wallet_id", "balance_micros", "credited_micros", "updated_at");

    public static IEnumerable<Row> Rows(WalletState state) =>
        [Wallets.Row(state.Stream.Tenant, state.Stream.Id, state.Balance.Remaining, state.CreditedMicros, state.UpdatedAt.ToMicros())];
}

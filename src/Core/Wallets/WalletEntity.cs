using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Wallets;

/// <summary>Money of a provider, an agent or a sponsor.</summary>
public static class WalletEntity
{
    public const string Kind = Kinds.Wallet;

    public static Entity<WalletState, WalletCommand, WalletEvent> Entity { get; } = new(Kind)
    {
        Events = WalletCodec.Events,
        Commands = WalletCodec.Commands,
        Answers = new UnionCodec<object>()
            .Case<WalletView>("answer.wallet")
            .Case<Credited>("answer.credited")
            .Case<TransferTaken>("answer.transfer_taken")
            .Case<PaymentEnd>("answer.payment_end")
            .Case<PaymentFound>("answer.payment_found"),
        Tables = WalletTables.All,
        Snapshots = new(3, WalletCodec.Save, WalletCodec.Restore) { Oldest = 2 }, // version 2 has no forgotten sources: what it leaves out is nothing
        Initial = WalletState.Initial,
        Hear = static asked => asked is NodeCommand node ? new WalletCommand.Node(node) : null,
        Decide = WalletDecider.Decide,
        Evolve = static (state, happened, at) => state.Evolve(happened, at),
        CheckInvariants = static (state, thorough) => state.CheckInvariants(thorough),
        Unfinished = WalletDecider.Unfinished,
        IsUnfinished = WalletDecider.IsUnfinished,
        Due = WalletDecider.Due,
        Recall = WalletDecider.Recall,
        Rows = WalletTables.Rows,
        Tick = new WalletCommand.Tick(),
    };
}

using Agora.Api.Catalogue;
using Agora.Api.Http;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Funds;
using Agora.Core.Wallets;

namespace Agora.Api.Wallets;

/// <summary>
/// Which wallets somebody owns: those that something has happened to, of agents that are there, of providers in the catalogue. What goes to any other is lost for its sender. A name may
/// be made up, so it is looked up, and wakes only a wallet that exists. Rows come with their events: an agent that was put before the transfer is found.
/// </summary>
internal sealed class PayableWallets(IEntities entities, IJournalReader journal, Catalogues catalogues, StoredAgents agents)
{
    public async Task<bool> Has(AgentCall call, string walletId) =>
        await Exists(call, walletId)
        || catalogues.In(call.Tenant).HasProvider(walletId)
        || (WalletIds.CanBeOwned(walletId) && await agents.IsThere(call.Tenant, WalletIds.AgentOf(walletId)!, call.Cancel));

    /// <summary>A wallet that only refused has rows, and nothing has happened to it.</summary>
    private async Task<bool> Exists(AgentCall call, string walletId) =>
        await journal.IsKnown(call.Tenant.Wallet(walletId), call.Cancel)
        && (await entities.In(call.Tenant).Wallet(walletId).Ask(new WalletCommand.Get(), call.Fresh())).Reply is { Exists: true };
}

using Agora.Application.Calls;
using Agora.Application.Catalogue;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Wallets;
using Agora.Grains.Clocks;

namespace Agora.Application.Wallets;

/// <summary>
/// Which wallets have an owner: those that something has happened to, those of agents that are there, and those of providers in the catalogue. What is paid to any other wallet is lost for its sender. A name may
/// be made up, so it is looked up, and wakes only a wallet that exists. Rows come with their events: an agent that was put before the transfer is found.
/// </summary>
internal sealed class PayableWallets(IEntities entities, IJournalReader journal, Catalogues catalogues, StoredAgents agents, TenantTimes times)
{
    public async Task<bool> Has(Tenant tenant, string walletId, CancellationToken cancel) =>
        await Exists(tenant, walletId, cancel)
        || catalogues.In(tenant).HasProvider(walletId)
        || (WalletIds.CanBeOwned(walletId) && await agents.IsThere(tenant, WalletIds.AgentOf(walletId)!, cancel));

    /// <summary>A wallet that only refused has rows, and nothing has happened to it.</summary>
    private async Task<bool> Exists(Tenant tenant, string walletId, CancellationToken cancel) =>
        await journal.IsKnown(tenant.Wallet(walletId), cancel)
        && (await entities.In(tenant).Wallet(walletId).Ask(new WalletCommand.Get(), Commands.Fresh(times.Of(tenant)), cancel)).Reply is { Exists: true };
}

using Agora.Contracts;
using Agora.Core.Wallets;
using Agora.Grains.Kernel;

namespace Agora.Grains.Wallets;

/// <summary>The only writer of a wallet's stream.</summary>
public sealed class WalletGrain(EntityPorts ports) : EntityGrain<WalletDecider, WalletState, WalletCommand, WalletEvent>(ports), IWalletGrain;

using Microsoft.Extensions.DependencyInjection;

namespace Agora.Application.Wallets;

/// <summary>Registers the use cases of wallets.</summary>
internal static class WalletRegistration
{
    public static IServiceCollection AddWallets(this IServiceCollection services) => services
        .AddSingleton<AgentWallets>().AddSingleton<PayableWallets>().AddSingleton<WalletStatements>();
}

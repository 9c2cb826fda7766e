using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Conversations.Sockets;

/// <summary>Registers the WebSockets of agents.</summary>
internal static class SocketRegistration
{
    public static IServiceCollection AddSockets(this IServiceCollection services) => services
        .AddSingleton<SocketCalls>().AddSingleton<CredentialChanges>()
        .AddSingleton<Sockets>().AddHostedService(static provider => provider.GetRequiredService<Sockets>())
        .AddSingleton<IInboxSockets>(static provider => provider.GetRequiredService<Sockets>());
}

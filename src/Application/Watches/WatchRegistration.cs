using Microsoft.Extensions.DependencyInjection;

namespace Agora.Application.Watches;

/// <summary>Registers the use cases of dialogues, and what moves them.</summary>
internal static class WatchRegistration
{
    public static IServiceCollection AddWatches(this IServiceCollection services) => services
        .AddSingleton<WatchBooks>().AddSingleton<WatchContexts>().AddSingleton<WatchOutcomes>().AddSingleton<WatchTurns>().AddSingleton<AgentWatches>()
        .AddSingleton<WatchDriver>().AddHostedService(static provider => provider.GetRequiredService<WatchDriver>());
}

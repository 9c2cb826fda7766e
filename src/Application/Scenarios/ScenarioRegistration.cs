using Microsoft.Extensions.DependencyInjection;

namespace Agora.Application.Scenarios;

/// <summary>Registers the use cases of scenarios and plays.</summary>
internal static class ScenarioRegistration
{
    public static IServiceCollection AddScenarios(this IServiceCollection services) => services
        .AddSingleton<ScenarioBooks>().AddSingleton<PlayCalls>().AddSingleton<AgentPlays>();
}

using Microsoft.Extensions.DependencyInjection;

namespace Agora.Application.Flow;

/// <summary>Registers what tells an agent what it can do next.</summary>
internal static class FlowRegistration
{
    public static IServiceCollection AddFlow(this IServiceCollection services) => services
        .AddSingleton<Guide>().AddSingleton<OfferedBodies>();
}

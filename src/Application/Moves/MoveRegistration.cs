using Microsoft.Extensions.DependencyInjection;

namespace Agora.Application.Moves;

/// <summary>Registers the use cases of moving in from an older chat.</summary>
internal static class MoveRegistration
{
    public static IServiceCollection AddMoves(this IServiceCollection services) => services
        .AddSingleton<ImportWalk>().AddSingleton<AgentMoves>();
}

using Agora.Grains.Memories;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Application.Memories;

/// <summary>Registers the use cases of memories and preferences.</summary>
internal static class MemoryRegistration
{
    public static IServiceCollection AddMemories(this IServiceCollection services) => services
        .AddSingleton<IMemorySearch>(static provider => new MemoryIndex(provider.GetRequiredService<MemoryLog>()))
        .AddSingleton<UserMemories>().AddSingleton<StoredPreferences>().AddSingleton<AgentMemories>();
}

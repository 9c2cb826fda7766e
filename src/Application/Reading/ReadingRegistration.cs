using Microsoft.Extensions.DependencyInjection;

namespace Agora.Application.Reading;

/// <summary>Registers what reads tables and stored agents.</summary>
internal static class ReadingRegistration
{
    public static IServiceCollection AddReading(this IServiceCollection services) => services
        .AddSingleton<TableReader>().AddSingleton<StoredAgents>().AddSingleton<ActingAgents>();
}

using Microsoft.Extensions.DependencyInjection;

namespace Agora.Application.Models;

/// <summary>Registers the use cases of models.</summary>
internal static class ModelRegistration
{
    public static IServiceCollection AddModels(this IServiceCollection services) => services
        .AddSingleton<ModelCatalogue>().AddSingleton<ModelModeration>().AddSingleton<ModelCounts>().AddSingleton<ModelRoutes>().AddSingleton<ModelRoom>().AddSingleton<ModelCache>().AddSingleton<ModelMetrics>().AddSingleton<FirstTimes>()
        .AddSingleton<KeptReplies>().AddSingleton<LiveReplies>().AddSingleton<ReplyProgress>()
        .AddSingleton<ModelCalls>()
        .AddSingleton<OpenCalls>().AddHostedService(static provider => provider.GetRequiredService<OpenCalls>());
}

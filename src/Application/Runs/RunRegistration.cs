using Microsoft.Extensions.DependencyInjection;

namespace Agora.Application.Runs;

/// <summary>Registers the use cases of runs.</summary>
internal static class RunRegistration
{
    public static IServiceCollection AddRuns(this IServiceCollection services) => services
        .AddSingleton<AgentRuns>().AddSingleton<RunWaiter>().AddSingleton<RunPayments>().AddSingleton<RecordedRuns>()
        .AddSingleton<ServiceCache>().AddSingleton<InnerRuns>();
}

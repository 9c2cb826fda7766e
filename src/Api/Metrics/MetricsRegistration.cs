using Agora.Api.Admin.Checks;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Metrics;

/// <summary>Registers what is measured, and what looks for money that does not add up.</summary>
internal static class MetricsRegistration
{
    public static IServiceCollection AddMeasurements(this IServiceCollection services) => services
        .AddSingleton<MetricsText>()
        .AddHostedService<UnresolvedPayments>()
        .AddSingleton<MoneyWatch>().AddHostedService(static provider => provider.GetRequiredService<MoneyWatch>())
        .AddSingleton<ICheckup>(static provider => provider.GetRequiredService<MoneyWatch>())
        .AddHostedService<MarketWatch>();
}

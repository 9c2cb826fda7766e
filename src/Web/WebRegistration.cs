using Agora.Application.Operations;
using Agora.Grains.Clocks;
using Agora.Web.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Web;

/// <summary>Registers what doors share.</summary>
internal static class WebRegistration
{
    public static IServiceCollection AddWeb(this IServiceCollection services) => services
        .AddSingleton<OperationTable>().AddSingleton<Handlers>().AddSingleton<InnerCalls>().AddSingleton<BodyPlaces>().AddSingleton<Failures>().AddSingleton<WrongKeys>()
        .AddSingleton(static provider => new ReplyWriter(provider.GetRequiredService<OperationTable>(), provider.GetRequiredService<ApiOptions>().Policy))
        .AddSingleton(static provider => new SessionTokens(provider.GetRequiredService<ApiOptions>().TokenKey, provider.GetRequiredService<TenantTimes>()))
        .AddSingleton(static provider => new AgentKeys(provider.GetRequiredService<ApiOptions>().TokenKey))
        .AddSingleton<Identities>().AddSingleton<KeyHolders>().AddSingleton<SignedRequests>().AddSingleton<Ownership>().AddSingleton<OperatorIdentities>()
        .AddSingleton<AgentGate>().AddSingleton<KeyGate>().AddSingleton<PeerGate>().AddSingleton<OperatorGate>().AddSingleton<LinkGate>()
        .AddSingleton<GptTokens>().AddSingleton<DerivedKeys>().AddSingleton<DerivedAttempts>().AddSingleton<GptGate>();
}

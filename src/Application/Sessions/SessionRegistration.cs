using Agora.Application.Calls;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Application.Sessions;

/// <summary>Registers the use cases of sessions, and what sends calls to them.</summary>
internal static class SessionRegistration
{
    public static IServiceCollection AddSessions(this IServiceCollection services) => services
        .AddSingleton<SessionCalls>().AddSingleton<SessionOwners>()
        .AddSingleton<AgentSession>().AddSingleton<AgentSignIn>();
}

using Agora.Application.Operations;
using Agora.Application.Sessions;
using Agora.Hosting;
using Agora.Web;
using Agora.Web.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Desk;

/// <summary>Registers what the pages of people and operators ask.</summary>
internal static class DeskRegistration
{
    public static IServiceCollection AddDesks(this IServiceCollection services) => services
        .AddSingleton<DeskChanges>().AddSingleton<Passwords>().AddSingleton<WrongPasswords>().AddSingleton<SignedInBefore>().AddSingleton<People>().AddSingleton<SignIns>().AddSingleton<DeskSignIns>().AddSingleton<SignInFlows>().AddSingleton<UserLinks>()
        .AddSingleton(static p => new OperatorDesk(p.GetRequiredService<InnerCalls>(), p.GetRequiredService<DeskSignIns>(), p.GetRequiredService<People>(), p.GetRequiredService<OperationTable>()))
        .AddSingleton(static p => new TalkDesk(
            p.GetRequiredService<InnerCalls>(), p.GetRequiredService<OperationTable>(), p.GetRequiredService<ApiOptions>(), p.GetRequiredService<SessionTokens>(),
            p.GetRequiredService<SignIns>(), p.GetRequiredService<SessionOwners>(), p.GetRequiredService<TimeProvider>()))
        .AddSingleton(static p => new OpenIdSignIns(
            p.GetRequiredService<ApiOptions>(), p.GetServices<IssuerSignIn>(), p.GetRequiredService<Identities>(), p.GetRequiredService<SignInFlows>(),
            p.GetRequiredService<DeskSignIns>(), p.GetRequiredService<WrongKeys>(), p.GetRequiredService<SignedInBefore>(), p.GetRequiredService<TimeProvider>()));
}

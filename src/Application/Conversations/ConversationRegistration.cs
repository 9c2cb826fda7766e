using Agora.Grains.Conversations;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Application.Conversations;

/// <summary>Registers the use cases of conversations among agents, and what tells agents of messages.</summary>
internal static class ConversationRegistration
{
    public static IServiceCollection AddConversations(this IServiceCollection services) => services
        .AddSingleton<PeerConversations>().AddSingleton<Introductions>().AddSingleton<SkillChooser>()
        .AddSingleton<Inboxes>().AddHostedService(static provider => provider.GetRequiredService<Inboxes>());
}

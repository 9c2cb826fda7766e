using Microsoft.Extensions.DependencyInjection;

namespace Agora.Application.Chats;

/// <summary>Registers the use cases of chats.</summary>
internal static class ChatRegistration
{
    public static IServiceCollection AddChats(this IServiceCollection services) => services
        .AddSingleton<ChatBooks>().AddSingleton<ChatContexts>().AddSingleton<ChatSummaries>().AddSingleton<ChatSentiments>().AddSingleton<ChatReplies>()
        .AddSingleton<ChatFiles>().AddSingleton<AgentChats>();
}

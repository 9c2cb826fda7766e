using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Mcp;

/// <summary>Registers the tools and resources of MCP.</summary>
internal static class McpRegistration
{
    public static IServiceCollection AddMcp(this IServiceCollection services) => services
        .AddSingleton<ToolTable>().AddSingleton<HubTools>().AddSingleton<ResourceTable>().AddSingleton<ToolCalls>().AddSingleton<ToolReply>().AddSingleton<KeySessions>().AddSingleton<Bearers>();
}

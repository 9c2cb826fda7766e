using Agora.Outbound;
using Agora.Outbound.Commands;

namespace Agora.Hosting;

/// <summary>Where calls may go, and which commands upstreams may name, as it was set.</summary>
public static class OutboundRules
{
    public const string Setting = "AGORA_OUTBOUND_ALLOW";
    public const string AgentSetting = "AGORA_AGENT_OUTBOUND_ALLOW";
    public const string CommandSetting = "AGORA_MCP_COMMANDS";

    public static AllowList Of(AgoraSettings settings) => Of(settings, settings.OutboundAllow);

    /// <summary>Where agents have something posted: what operators let their services be at is none of theirs, or they would reach the inside of whoever runs this.</summary>
    public static AllowList OfAgents(AgoraSettings settings) => Of(settings, settings.AgentOutboundAllow);

    /// <summary>Where calls go besides public addresses, as the end of a sentence's part.</summary>
    public static string Besides(AgoraSettings settings) =>
        settings.IsDevelopment ? " and, in development, to loopback ones" : settings.OutboundAllow.Length == 0 ? "" : $" and to {settings.OutboundAllow}";

    /// <summary>Null when a service may be at an endpoint as far as its spelling says, else a sentence that names the setting.</summary>
    public static string? Refusal(AgoraSettings settings, string endpoint) => Refusal(endpoint, Of(settings), Setting);

    /// <summary>The same of an endpoint that an agent names.</summary>
    public static string? AgentRefusal(AgoraSettings settings, string endpoint) => Refusal(endpoint, OfAgents(settings), AgentSetting);

    /// <summary>Null when upstreams of this tenant may name a command, else a sentence that names the setting.</summary>
    public static string? CommandRefusal(AgoraSettings settings, string tenant, string command) => AllowedCommand.Find(settings.McpCommands, command, tenant) is not null ? null
        : $"No command '{command}' is allowed here: {CommandSetting} has to name it, for tenant {tenant}.";

    private static AllowList Of(AgoraSettings settings, string allowed) => settings.IsDevelopment ? AllowList.Empty.WithLoopback() : AllowList.Parse(allowed);

    private static string? Refusal(string endpoint, AllowList allowed, string setting) =>
        Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && AddressGuard.Refusal(uri, allowed) is { } range
            ? $"Calls do not go there ({range}): {setting} has to name {uri.Host}:{uri.Port}, or the network that it is in."
            : null;
}

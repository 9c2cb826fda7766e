using Agora.Outbound;

namespace Agora.Hosting;

/// <summary>Where calls may go, as it was set.</summary>
public static class OutboundRules
{
    public static AllowList Of(AgoraSettings settings) =>
        settings.IsDevelopment ? AllowList.Empty.WithLoopback() : AllowList.Parse(settings.OutboundAllow);

    /// <summary>Where calls go besides public addresses, as the end of a sentence's part.</summary>
    public static string Besides(AgoraSettings settings) =>
        settings.IsDevelopment ? " and, in development, to loopback ones" : settings.OutboundAllow.Length == 0 ? "" : $" and to {settings.OutboundAllow}";

    /// <summary>Null when a service may be at an endpoint as far as its spelling says, else a sentence that names the setting.</summary>
    public static string? Refusal(AgoraSettings settings, string endpoint) =>
        Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && AddressGuard.Refusal(uri, Of(settings)) is { } range
            ? $"Calls do not go there ({range}): AGORA_OUTBOUND_ALLOW has to name {uri.Host}:{uri.Port}, or the network that it is in."
            : null;
}

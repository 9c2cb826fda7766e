using Agora.Models.Wires;
using Agora.Outbound;
using Agora.Providers;

namespace Agora.Hosting;

/// <summary>Whom models are had from, as it was set.</summary>
public static class ModelProviders
{
    public static IReadOnlyList<Provider> Of(AgoraSettings settings, TimeProvider time)
    {
        if (settings.ModelProviders.Count == 0) return [];

        var http = new HttpStreams(OutboundRules.Of(settings), time); // lives as long as the process
        return [.. settings.ModelProviders.Select(provider => new Provider(
            new() { Name = provider.Name, Wire = WireOf(provider.Wire), Url = provider.Url, Keys = provider.Keys, RetainsData = provider.RetainsData, ServesTests = provider.ServesTests }, http, time))];
    }

    /// <summary>Who moderates: one, or none.</summary>
    public static IReadOnlyList<Moderator> ModeratorsOf(AgoraSettings settings, TimeProvider time) => settings.ModelModeration is not { } moderation ? []
        : [new(
            new() { Url = moderation.Url, Key = moderation.Key, Model = moderation.Model, Timeout = TimeSpan.FromSeconds(moderation.TimeoutSeconds), AllowsOnFailure = moderation.AllowsOnFailure },
            new HttpStreams(OutboundRules.Of(settings), time), time)];

    private static IWire WireOf(string name) => name switch
    {
        "openai" => new ResponsesWire(),
        "openai_chat" => new ChatWire(isOpenAi: true),
        "compatible" => new ChatWire(isOpenAi: false),
        "anthropic" => new MessagesWire(),
        "google" => new GeminiWire(),
        _ => throw new System.Diagnostics.UnreachableException(name),
    };
}

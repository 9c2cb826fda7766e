using System.Text.Json;
using Agora.Api.Desk;
using Agora.Core.Services;

namespace Agora.Operator;

/// <summary>Acts of which one undoes the other: of a thing that is paused only resuming is shown, and links are ended where there are some; and acts that a thing is not for.</summary>
internal static class Switches
{
    private static readonly (string On, string Off, string Member)[] All =
        [("pause_user", "resume_user", "paused"), ("stop_agent", "start_agent", "stopped"), ("suspend_session", "resume_session", "suspended"), ("disable_person", "enable_person", "disabled")];

    private static readonly string[] Untried = [ServiceDefinition.ModelScheme, ServiceDefinition.AgentScheme, ServiceDefinition.SkillScheme];

    /// <summary>Whether a thing is already as the act would make it, as its reply says; false where that says nothing of it.</summary>
    public static bool IsDone(string act, DeskReply thing) => act == "end_links" ? Data(thing) is { } user && !user.TryGetProperty("links_until", out _)
        : Array.Find(All, one => act == one.On || act == one.Off) is { Member: { } member } pair && IsOn(thing, member) == (act == pair.On);

    /// <summary>Whether the route would refuse the act in any case: a thing that does not exist cannot be stopped or started, and models and agents cannot be tried.</summary>
    public static bool IsRefused(string act, DeskReply thing) => thing.IsRefusal ? Array.Exists(All, one => act == one.On || act == one.Off)
        : act == "try_service" && Data(thing) is { } service && service.TryGetProperty("endpoint", out var at) && at.GetString() is { } endpoint && Array.Exists(Untried, scheme => endpoint.StartsWith(scheme, StringComparison.Ordinal));

    /// <summary>Null: the reply says nothing of it.</summary>
    public static bool? IsOn(DeskReply thing, string member) =>
        Data(thing) is { } data && data.TryGetProperty(member, out var on) && on.ValueKind is JsonValueKind.True or JsonValueKind.False ? on.GetBoolean() : null;

    private static JsonElement? Data(DeskReply thing) => !thing.IsRefusal && thing.Data.ValueKind == JsonValueKind.Object ? thing.Data : null;
}

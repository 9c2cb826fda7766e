using System.Text.Json;
using Agora.Application.Operations;
using Agora.Application.Values;
using Microsoft.Extensions.Primitives;

namespace Agora.Web;

/// <summary>Server-sent events (the HTML standard, section 9.2), for who asks for them: <c>Accept: text/event-stream</c>.</summary>
public static class EventStream
{
    public const string Type = MediaTypes.EventStream;

    /// <summary>By which whoever lost its connection says how far it was.</summary>
    public const string LastEventId = "Last-Event-ID";

    /// <summary>Nothing is told: whoever reads, and what stands between, sees that the connection lives.</summary>
    public const string Heartbeat = ":\n\n";

    internal static readonly Member LastEventIdParameter = new(
        LastEventId, static () => new() { ["type"] = "string", ["maxLength"] = Core.Kernel.Limits.CursorLength, ["description"] = "The id of the last event that was received of an event stream: it goes on behind that one, whatever after says." });

    public static bool IsWanted(StringValues accept) => Acceptable.Ranges(accept).Any(type => type.MediaType.Equals(Type, StringComparison.OrdinalIgnoreCase));

    /// <param name="id">Where the stream goes on behind the event.</param>
    /// <param name="type">By which a browser's EventSource hears it.</param>
    public static string Event<T>(string id, string type, T data) => $"event: {type}\n{Event(id, data)}";

    /// <param name="id">Where the stream goes on behind the event.</param>
    public static string Event<T>(string id, T data) => $"id: {id}\ndata: {JsonSerializer.Serialize(data, ApiJson.Options)}\n\n";
}

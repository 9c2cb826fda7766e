using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Agora.Api.Mcp;

/// <summary>
/// What a message and its headers have to say alike: proxies decide by the headers, and we by the body. In the order of refusals: a revision that is spoken, the same in both; method
/// and name; what each request of <see cref="Revisions.Stateless"/> tells of itself; methods that it no longer has.
/// </summary>
internal static class HeaderRules
{
    private const string Encoded = "=?base64?";
    private const string EncodedEnd = "?=";
    private const string OtherMethod = $"The header {Revisions.MethodHeader} is missing, or names another method than the body.";

    private static DoorRefusal Different => Mismatch($"{Revisions.Header} and the body name different revisions.");

    /// <returns>Null: it may come in.</returns>
    public static DoorRefusal? Refusal(IHeaderDictionary headers, JsonRpcMessage message)
    {
        var (method, parameters, isRequest) = Parts(message);
        if (method is null) return null; // an answer: nobody here has asked anything

        var said = headers[Revisions.Header].ToString();
        var (meta, initialized) = (Meta(parameters), method == RequestMethods.Initialize ? Text(parameters, "protocolVersion") : null);
        var told = Text(meta, MetaKeys.ProtocolVersion);
        if (said.Length > 0 && !Revisions.IsKnown(said)) return DoorRefusal.Unsupported(said, told is null ? Revisions.All : [Revisions.Stateless]); // the list of server/discover is for requests with a revision in _meta
        if (said.Length > 0 && initialized is not null && said != initialized) return Different;
        if (said != Revisions.Stateless && told != Revisions.Stateless) return null;
        if (said.Length == 0) return Mismatch($"The header {Revisions.Header} is missing.");
        if (told is not null && told != said) return Different;
        if (told is null && isRequest) return Missing(MetaKeys.ProtocolVersion);

        return Named(headers, method, parameters) ?? (!isRequest ? null
            : meta?[MetaKeys.ClientCapabilities] is not JsonObject ? Missing(MetaKeys.ClientCapabilities)
            : IsRemoved(method) ? DoorRefusal.Protocol(McpErrorCode.MethodNotFound, "There is no such method in this revision of the protocol.", StatusCodes.Status404NotFound)
            : null);
    }

    /// <summary>The revision by which an accepted message is served.</summary>
    public static string RevisionOf(IHeaderDictionary headers, JsonRpcMessage message)
    {
        var (method, parameters, _) = Parts(message);
        var said = headers[Revisions.Header].ToString();
        return Revisions.IsKnown(said) ? said : Revisions.Agreed(method == RequestMethods.Initialize ? Text(parameters, "protocolVersion") : null);
    }

    private static DoorRefusal? Named(IHeaderDictionary headers, string method, JsonObject? parameters)
    {
        if (headers[Revisions.MethodHeader].ToString().Trim() != method) return Mismatch(OtherMethod);

        var name = method switch
        {
            RequestMethods.ToolsCall or RequestMethods.PromptsGet => Text(parameters, "name"),
            RequestMethods.ResourcesRead => Text(parameters, "uri"),
            _ => null,
        };
        return name is null || Decoded(headers[Revisions.NameHeader].ToString().Trim()) == name ? null : Mismatch($"The header {Revisions.NameHeader} is missing, or names something else than the body.");
    }

    private static (string? Method, JsonObject? Parameters, bool IsRequest) Parts(JsonRpcMessage message) => message switch
    {
        JsonRpcRequest request => (request.Method, request.Params as JsonObject, true),
        JsonRpcNotification notification => (notification.Method, notification.Params as JsonObject, false),
        _ => (null, null, false),
    };

    private static JsonObject? Meta(JsonObject? parameters) => parameters?["_meta"] as JsonObject;

    private static string? Text(JsonObject? members, string name) => members?[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static bool IsRemoved(string method) => method is RequestMethods.Initialize or RequestMethods.Ping or "logging/setLevel" or RequestMethods.ResourcesSubscribe or RequestMethods.ResourcesUnsubscribe;

    /// <summary>A name that is no visible ASCII comes in base64. Null: it cannot be read.</summary>
    private static string? Decoded(string value)
    {
        var isEncoded = value.Length >= Encoded.Length + EncodedEnd.Length && value.StartsWith(Encoded, StringComparison.Ordinal) && value.EndsWith(EncodedEnd, StringComparison.Ordinal);
        if (!isEncoded) return value;

        var bytes = new byte[value.Length];
        return Convert.TryFromBase64String(value[Encoded.Length..^EncodedEnd.Length], bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }

    private static DoorRefusal Mismatch(string message) => DoorRefusal.Protocol(McpErrorCode.HeaderMismatch, message);

    private static DoorRefusal Missing(string key) => DoorRefusal.Protocol(McpErrorCode.InvalidParams, $"Each request of this revision says _meta/{key}.");
}

using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Agora.Api.Mcp;

/// <summary>
/// What a message has to be before the package has it: that finds members whatever their case is, so two names that differ in nothing else would be one; and what it cannot read as the parameters of a
/// method it would call our fault.
/// </summary>
internal static class MessageRules
{
    private const string Arguments = "arguments";
    private const string SetLevel = "logging/setLevel";

    private static readonly string[] Levels = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

    private static readonly DoorRefusal Wrong = DoorRefusal.Protocol(McpErrorCode.InvalidParams, "The parameters have not the form that the method wants.");

    /// <summary>An object has a member twice for whoever does not look at case. A tool's own arguments are looked at as they are written.</summary>
    public static bool IsAmbiguous(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => HasTwice(json) || json.EnumerateObject().Any(member => member.Name != Arguments && IsAmbiguous(member.Value)),
        JsonValueKind.Array => json.EnumerateArray().Any(IsAmbiguous),
        _ => false,
    };

    /// <returns>Null: it may come in.</returns>
    public static DoorRefusal? Refusal(JsonRpcMessage message)
    {
        if (message is not JsonRpcRequest request) return null;

        try
        {
            return IsReadable(request.Method, request.Params) ? null : Wrong;
        }
        catch (JsonException)
        {
            return Wrong;
        }
    }

    private static bool IsReadable(string method, JsonNode? parameters) => method switch
    {
        RequestMethods.ToolsCall => Read<CallToolRequestParams>(parameters)?.Name is not null,
        RequestMethods.ResourcesRead => Read<ReadResourceRequestParams>(parameters)?.Uri is not null,
        RequestMethods.ResourcesSubscribe => Read<SubscribeRequestParams>(parameters)?.Uri is not null,
        RequestMethods.ResourcesUnsubscribe => Read<UnsubscribeRequestParams>(parameters)?.Uri is not null,
        SetLevel => parameters is JsonObject named && named["level"] is JsonValue level && level.TryGetValue(out string? said) && Levels.Contains(said),
        RequestMethods.SubscriptionsListen => Read<SubscriptionsListenRequestParams>(parameters) is not null,
        RequestMethods.Initialize => parameters is null || Read<InitializeRequestParams>(parameters) is not null,
        RequestMethods.ToolsList => parameters is null || Read<ListToolsRequestParams>(parameters) is not null,
        RequestMethods.ResourcesList => parameters is null || Read<ListResourcesRequestParams>(parameters) is not null,
        RequestMethods.ResourcesTemplatesList => parameters is null || Read<ListResourceTemplatesRequestParams>(parameters) is not null,
        _ => parameters is null or JsonObject,
    };

    private static T? Read<T>(JsonNode? parameters) => parameters.Deserialize<T>(McpJsonUtilities.DefaultOptions);

    private static bool HasTwice(JsonElement json)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return json.EnumerateObject().Any(member => !names.Add(member.Name));
    }
}

using System.Globalization;
using System.Text.Json;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.A2a;

/// <summary>The parameters of a request by the names that they have in JSON: members of an object, or of a query and a path, where all are texts. What is not known is passed over (section 5.7 of the specification).</summary>
internal sealed class Given(Func<string, JsonElement?> find, bool isTyped, Findings findings)
{
    public static Given Of(JsonElement? members, Findings findings) => new(
        name => members is { ValueKind: JsonValueKind.Object } known && known.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null, isTyped: true, findings);

    /// <param name="named">Members that stand in the path, and what they are called there.</param>
    public static Given Of(RequestCall call, params (string Name, string InPath)[] named) => new(
        name => (Array.Find(named, one => one.Name == name).InPath is { } path ? call.Named(path) : call.Asked(name)) is { } text ? JsonSerializer.SerializeToElement(text) : null, isTyped: false, call.Findings);

    public string? Text(string name, int most, bool required = false)
    {
        if (find(name) is not { } value || (value.ValueKind == JsonValueKind.String && value.ValueEquals("")))
        {
            return required ? Wrong<string>(name, "This member is required.") : null;
        }

        if (value.ValueKind != JsonValueKind.String) return Wrong<string>(name, "A string is wanted here.");

        return value.GetString()!.Length <= most ? value.GetString() : Wrong<string>(name, string.Create(CultureInfo.InvariantCulture, $"At most {most} characters are wanted here."));
    }

    public int? Integer(string name, int least, int most)
    {
        if (find(name) is not { } value) return null;

        return (isTyped ? value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) : int.TryParse(value.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)) && number >= least && number <= most
            ? number
            : Wrong<int?>(name, string.Create(CultureInfo.InvariantCulture, $"An integer from {least} to {most} is wanted here."));
    }

    public bool Flag(string name) => find(name) is { } value && (
        isTyped && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : !isTyped && value.GetString() is "true" or "false" ? value.ValueEquals("true")
        : Wrong<bool>(name, "true or false is wanted here."));

    public DateTimeOffset? Time(string name) =>
        Text(name, Limits.NameLength) is not { } text ? null : Rfc3339.TryParse(text, out var time) ? time : Wrong<DateTimeOffset?>(name, "A time is wanted here, such as 2030-01-01T00:00:00Z.");

    public TaskState? State(string name)
    {
        if (find(name) is not { } value) return null;

        return TaskStates.Read(value) is { } state ? state : TaskStates.IsUnspecified(value) ? null : Wrong<TaskState?>(name, "A state of a task is wanted here, such as TASK_STATE_WORKING.");
    }

    private T? Wrong<T>(string name, string message)
    {
        findings.Violate($"/{name}", "", message);
        return default;
    }
}

/// <summary>What is asked of a task, or of all; members that do not belong to the method are null.</summary>
internal sealed record TaskAsked(string AgentId, string TaskId, int? History, TasksAsked? List = null)
{
    public static TaskAsked One(string agentId, Given given) => new(agentId, given.Text("id", Limits.IdLength, required: true) ?? "", given.Integer("historyLength", 0, int.MaxValue));

    public static TaskAsked All(string agentId, Given given) => new(agentId, "", given.Integer("historyLength", 0, int.MaxValue), new(
        given.Text("contextId", A2aLimits.IdLength),
        given.State("status"),
        given.Integer("pageSize", 1, A2aLimits.PageMost) ?? A2aLimits.PageDefault,
        given.Text("pageToken", A2aLimits.PageTokenLength),
        given.Time("statusTimestampAfter"),
        given.Flag("includeArtifacts")));
}

internal sealed record TasksAsked(string? ContextId, TaskState? State, int PageSize, string? PageToken, DateTimeOffset? Since, bool HasArtifacts)
{
    public bool Is(TaskStory story) =>
        story is { IsThere: true, IsTooLong: false } && (ContextId is null || ContextId == story.ContextId) && (State is null || State == story.State) && (Since is null || story.At >= Since);
}

/// <summary>How a request came: what its answer depends on besides.</summary>
/// <param name="RpcId">The id of a request of JSON-RPC, as it was written; null: it is none.</param>
/// <param name="HasSequence">The extension is asked for.</param>
/// <param name="After">The event behind which a stream goes on; null: none was received.</param>
internal sealed record Binding(string? RpcId, bool HasSequence, string Version, string? After)
{
    private const string VersionHeader = "A2A-Version";

    public bool IsSpoken => Version == "1.0" || Version.StartsWith("1.0.", StringComparison.Ordinal);

    /// <summary>Of JSON-RPC, what stands before a result or an error; of others nothing.</summary>
    public void WriteHead(Utf8JsonWriter writer)
    {
        if (RpcId is null) return;

        writer.WriteString("jsonrpc", "2.0");
        writer.WritePropertyName("id");
        writer.WriteRawValue(RpcId);
    }

    public static Binding Of(HttpRequest request, string? rpcId) => new(
        rpcId,
        Sequence.IsWanted(request),
        (request.Headers[VersionHeader] is { Count: > 0 } header ? header.ToString() : request.Query[VersionHeader].ToString()).Trim(),
        request.Headers[EventStream.LastEventId] is { Count: > 0 } last ? last.ToString() : null);
}

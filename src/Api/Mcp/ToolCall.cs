using System.Buffers;
using System.Text;
using System.Text.Json;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Web;
using Microsoft.Extensions.Primitives;

namespace Agora.Api.Mcp;

/// <summary>
/// What a model asks for, as the route takes it: ids of the path, the query, the body. Arguments that mean the same are the same call, byte for byte: their order, white space, spelling of numbers and
/// spelling of strings tell nothing, and a null is as good as nothing.
/// </summary>
/// <param name="IsAgain">Once more, though it is done.</param>
internal sealed record ToolCall(AgentTool Tool, IReadOnlyList<(string Name, string Value)> Ids, IReadOnlyDictionary<string, StringValues> Query, ReadOnlyMemory<byte> Body, bool IsAgain)
{
    private const string KeyPrefix = "mcp-";

    public static ToolCall Of(AgentTool tool, IDictionary<string, JsonElement>? arguments)
    {
        var given = (arguments ?? new Dictionary<string, JsonElement>()).Where(one => one.Value.ValueKind != JsonValueKind.Null).OrderBy(one => one.Key, StringComparer.Ordinal).ToList();
        var again = tool.Changes ? given.Find(one => one.Key == AgentTool.Again) : default;
        if (again.Key is not null && again.Value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            _ = given.Remove(again);
        }

        var ids = tool.Operation.Sheet.Ids.Select(name => (name, Text(given.Find(one => one.Key == name).Value))).ToList();
        _ = given.RemoveAll(one => tool.Operation.Sheet.Ids.Contains(one.Key, StringComparer.Ordinal));
        return new(
            tool,
            ids,
            tool.Operation.IsRead ? Parameters(given) : QueryFields.None,
            tool.Operation.IsRead || given.Count == 0 ? default : Canonical(given),
            again.Value.ValueKind == JsonValueKind.True);
    }

    /// <summary>A tool of an upstream: the run of its service, with the arguments as its input. So whichever way it is asked for, it is one and the same call.</summary>
    /// <param name="own">Arguments that are run_service's own; the tool has none of these names.</param>
    public static ToolCall OfService(AgentTool run, string serviceId, IDictionary<string, JsonElement>? arguments, IReadOnlyList<string> own)
    {
        var input = new Dictionary<string, JsonElement>(arguments ?? new Dictionary<string, JsonElement>(), StringComparer.Ordinal);
        var given = new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["service_id"] = JsonSerializer.SerializeToElement(serviceId) };
        foreach (var name in own)
        {
            if (input.Remove(name, out var value))
            {
                given[name] = value;
            }
        }

        given["input"] = JsonSerializer.SerializeToElement(input);
        return Of(run, given);
    }

    /// <summary>
    /// The Idempotency-Key of one attempt at it: whoever calls the same meets at the same key, whichever process it reaches. A round is what one <c>again</c> begins; within a round
    /// one attempt follows another only when that has failed.
    /// </summary>
    public string Key(DerivedKeys keys, string sessionId, int round, int attempt) =>
        $"{KeyPrefix}{keys.Of(Encoding.UTF8.GetBytes($"{sessionId}\n{Tool.Name}\n{round}\n{attempt}\n{string.Join('\n', Ids.Select(id => id.Value))}\n"), Body)}";

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined => "",
        JsonValueKind.String => value.GetString()!,
        _ => value.GetRawText(),
    };

    private static Dictionary<string, StringValues> Parameters(List<KeyValuePair<string, JsonElement>> given)
    {
        var query = new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in given)
        {
            query[name] = StringValues.Concat(query.GetValueOrDefault(name), Text(value));
        }

        return query;
    }

    private static ReadOnlyMemory<byte> Canonical(List<KeyValuePair<string, JsonElement>> members)
    {
        var buffer = new ArrayBufferWriter<byte>(1_024);
        using var writer = new Utf8JsonWriter(buffer, ApiJson.WriterOptions);
        writer.WriteStartObject();
        foreach (var (name, value) in members)
        {
            writer.WritePropertyName(name);
            CanonicalJson.Write(writer, value);
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }
}

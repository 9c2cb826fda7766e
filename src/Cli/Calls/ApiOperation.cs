using System.Text.Json;

namespace Agora.Cli.Calls;

/// <summary>A value that an operation reads: of the path, the query or the body.</summary>
/// <param name="Schema">As the server's document has it.</param>
internal sealed record ApiValue(string Name, JsonElement Schema, bool IsRequired)
{
    public string Meaning => Schema.TryGetProperty("description", out var said) ? said.GetString()! : "";

    public IReadOnlyList<string> Choices => Schema.TryGetProperty("enum", out var values) ? [.. values.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.String).Select(one => one.GetString()!)] : [];

    /// <summary>Null: JSON of any kind.</summary>
    public string? Type => !Schema.TryGetProperty("type", out var type) ? null
        : type.ValueKind == JsonValueKind.String ? type.GetString()
        : type.EnumerateArray().Select(one => one.GetString()).FirstOrDefault(one => one != "null");
}

/// <summary>An operation as the server's OpenAPI document declares it: from it follow the command, its options and its help.</summary>
/// <param name="Name">As it is called here: with dashes.</param>
/// <param name="Scheme">Of its credential.</param>
/// <param name="TakesKey">An Idempotency-Key; where <paramref name="MovesMoney"/>, it wants one.</param>
internal sealed record ApiOperation(
    string Name, string Method, string Path, string Summary, string Group, string Scheme, IReadOnlyList<ApiValue> Ids, IReadOnlyList<ApiValue> Query, IReadOnlyList<ApiValue> Members,
    bool HasBody, bool TakesKey, bool TakesReason, bool MovesMoney, bool ListsAll)
{
    public const string KeyHeader = "Idempotency-Key";
    public const string ReasonHeader = "Agora-Reason";

    public bool IsRead => Method == "GET";

    public static IReadOnlyList<ApiOperation> All(JsonElement document) =>
    [
        .. document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(operation => Of(path.Name, operation.Name.ToUpperInvariant(), operation.Value))),
    ];

    private static ApiOperation Of(string path, string method, JsonElement declared)
    {
        var parameters = declared.TryGetProperty("parameters", out var all) ? all.EnumerateArray().ToList() : [];
        var body = declared.TryGetProperty("requestBody", out var given) ? given.GetProperty("content").GetProperty("application/json").GetProperty("schema") : (JsonElement?)null;
        var key = parameters.FirstOrDefault(one => Text(one, "name") == KeyHeader);
        return new(
            Text(declared, "operationId").Replace('_', '-'), method, path, Text(declared, "summary"), Text(declared.GetProperty("tags")[0]), declared.GetProperty("security")[0].EnumerateObject().First().Name,
            In(parameters, "path"), [.. In(parameters, "query").Where(one => one.Name is not ("schemas" or "next_actions"))], body is { } schema ? MembersOf(schema) : [], body is not null,
            key.ValueKind != JsonValueKind.Undefined, parameters.Exists(one => Text(one, "name") == ReasonHeader),
            key.ValueKind != JsonValueKind.Undefined && (key.GetProperty("required").GetBoolean() || Text(declared, "operationId") == "run_service"),
            declared.GetProperty("responses").EnumerateObject().Any(one => one.Value.TryGetProperty("content", out var content) && content.TryGetProperty("application/x-ndjson", out _)));
    }

    private static IReadOnlyList<ApiValue> In(List<JsonElement> parameters, string place) =>
        [.. parameters.Where(one => Text(one, "in") == place).Select(one => new ApiValue(Text(one, "name"), one.GetProperty("schema"), one.GetProperty("required").GetBoolean()))];

    private static IReadOnlyList<ApiValue> MembersOf(JsonElement schema)
    {
        var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(Text).ToHashSet(StringComparer.Ordinal) : [];
        return schema.TryGetProperty("properties", out var members) ? [.. members.EnumerateObject().Select(member => new ApiValue(member.Name, member.Value, required.Contains(member.Name)))] : [];
    }

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var text) ? text.GetString()! : "";

    private static string Text(JsonElement element) => element.GetString()!;
}

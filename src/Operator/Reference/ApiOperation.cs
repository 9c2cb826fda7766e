using System.Text.Json;

namespace Agora.Operator.Reference;

/// <summary>A reply that is no refusal.</summary>
/// <param name="Shape">What its <c>data</c> is, by name; null: it has none.</param>
/// <param name="Types">In which it comes, by <c>Accept</c>.</param>
public sealed record ApiReply(string Status, string Meaning, string? Shape, IReadOnlyList<string> Types);

/// <summary>One operation of the document.</summary>
/// <param name="Description">Which roles may call it; empty: the credential alone says.</param>
/// <param name="Schemes">Credentials of which one is enough.</param>
/// <param name="Body">Empty: it has none.</param>
/// <param name="BodyTypes">Media types of its body, the one that is meant for it first.</param>
/// <param name="BodyExample">As JSON; null: it has none.</param>
/// <param name="Codes">With what it may refuse, by status.</param>
public sealed record ApiOperation(
    string Id,
    string Tag,
    string Method,
    string Path,
    string Summary,
    string Description,
    IReadOnlyList<string> Schemes,
    IReadOnlyList<ApiParameter> Parameters,
    IReadOnlyList<SchemaRow> Body,
    IReadOnlyList<string> BodyTypes,
    JsonElement? BodyExample,
    IReadOnlyList<ApiReply> Replies,
    IReadOnlyList<(string Status, string Code)> Codes)
{
    /// <summary>All that there is of it to be found by.</summary>
    public string Searched { get; } = string.Join(' ', [Id, Method, Path, Summary, .. Parameters.SelectMany(static one => (string[])[one.Name, one.Meaning]), .. Body.SelectMany(static row => (string[])[row.Path, row.Meaning]), .. Codes.Select(static one => one.Code)]);

    private const string Json = "application/json";

    public static ApiOperation Read(string path, string method, JsonElement described, JsonElement responses)
    {
        var contents = described.TryGetProperty("requestBody", out var body) ? body.GetProperty("content").EnumerateObject().ToList() : [];
        var answers = described.GetProperty("responses").EnumerateObject().ToList();
        return new(
            Text(described, "operationId"),
            described.GetProperty("tags")[0].GetString()!,
            method.ToUpperInvariant(),
            path,
            Text(described, "summary"),
            described.TryGetProperty("description", out var description) ? description.GetString()! : "",
            [.. described.GetProperty("security").EnumerateArray().SelectMany(static one => one.EnumerateObject()).Select(static scheme => scheme.Name)],
            [.. described.GetProperty("parameters").EnumerateArray().Select(ApiParameter.Read)],
            contents is [var content, ..] ? [.. SchemaRows.Of(content.Value.GetProperty("schema"))] : [],
            [.. contents.Select(static one => one.Name)],
            contents is [var first, ..] ? first.Value.GetProperty("example") : null,
            [.. answers.Where(static answer => !answer.Value.TryGetProperty("$ref", out _)).Select(static answer => ReplyOf(answer.Name, answer.Value))],
            [.. answers.Where(static answer => answer.Value.TryGetProperty("$ref", out _)).SelectMany(answer => CodesOf(answer.Value, responses).Select(code => (answer.Name, code)))]);
    }

    private static ApiReply ReplyOf(string status, JsonElement answer)
    {
        var contents = answer.TryGetProperty("content", out var content) ? content.EnumerateObject().ToList() : [];
        var envelope = contents.Find(static one => one.Name == Json).Value;
        var shape = envelope.ValueKind == JsonValueKind.Object && envelope.GetProperty("schema").TryGetProperty("properties", out var members) ? SchemaRows.ShapeOf(members.GetProperty("data")) : null;
        return new(status, Text(answer, "description"), shape, [.. contents.Select(static one => one.Name)]);
    }

    private static IEnumerable<string> CodesOf(JsonElement reference, JsonElement responses) =>
        responses.GetProperty(SchemaRows.NameOf(Text(reference, "$ref"))).GetProperty("content").GetProperty(Json).GetProperty("examples").EnumerateObject().Select(static example => example.Name);

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}

/// <summary>What a path, a query or a header may say.</summary>
/// <param name="Place">path, query or header.</param>
public sealed record ApiParameter(string Name, string Place, bool IsRequired, string Type, string Bounds, string Meaning)
{
    public static ApiParameter Read(JsonElement parameter)
    {
        var schema = parameter.GetProperty("schema");
        return new(parameter.GetProperty("name").GetString()!, parameter.GetProperty("in").GetString()!, parameter.GetProperty("required").GetBoolean(), SchemaWords.Type(schema), SchemaWords.Bounds(schema), SchemaWords.Meaning(schema));
    }
}

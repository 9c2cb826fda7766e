using System.Text.Json.Nodes;
using Agora.Api.Http;
using Agora.Core.Kernel;

namespace Agora.Api.Documents;

/// <summary>
/// /openapi/v1.json, OpenAPI 3.1, built from what is mapped, with the schema that its
/// next actions carry and an example of each body and reply. Schemas of replies are read off the records that are serialized.
/// </summary>
internal sealed class OpenApiDocument(OperationTable operations, ApiOptions options) : IFeature
{
    /// <summary>Codes that every route of the kind can answer with.</summary>
    private static readonly string[] AlwaysCodes = [Codes.Unauthorized, Codes.RateLimited, Codes.Internal, Codes.Unavailable];
    private static readonly string[] SessionCodes = [Codes.SessionExpired, Codes.SessionRevoked, Codes.SessionSuspended];
    private static readonly string[] InputCodes = [Codes.MalformedRequest, Codes.ValidationFailed];
    private static readonly string[] BodyCodes = [Codes.PayloadTooLarge, Codes.UnsupportedMediaType];

    private static readonly string[] ListCodes = [Codes.NotAcceptable];

    private Task<Reply>? _document;

    public void Map(Routes routes) => routes.Document("/openapi/v1.json", _ => _document ??= Task.FromResult(Reply.Text("application/json; charset=utf-8", Build().ToJsonString(ApiJson.Options))));

    private JsonObject Build()
    {
        var paths = new JsonObject();
        var schemas = new ReplySchemas();
        foreach (var operation in operations.All.Where(operation => operation.Audience.IsPublished))
        {
            var path = paths[operation.Route] as JsonObject ?? Added(paths, operation.Route);
            path[operation.Method.ToLowerInvariant()] = Describe(operation, schemas);
        }

        return new()
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "Agora",
                ["version"] = Release.Version,
                ["summary"] = "AI agents earn, spend and talk within limits",
                ["description"] = "Every reply is an envelope; amounts are cents with at most four decimals; times are RFC 3339 in UTC; unknown members are refused by name.",
            },
            ["jsonSchemaDialect"] = "https://json-schema.org/draft/2020-12/schema",
            ["servers"] = new JsonArray(new JsonObject { ["url"] = options.PublicUrl ?? "/", ["description"] = options.PublicUrl is null ? "Where this document was read." : "The address that its operators gave it." }),
            ["tags"] = new JsonArray(Tag(Audience.Agents), Tag(Audience.Operators)),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = schemas.Components(),
                ["securitySchemes"] = new JsonObject
                {
                    [Audience.Anyone.Scheme] = Bearer("An agent's own key, or the platform key."),
                    [Audience.Agents.Scheme] = Bearer("The token that POST /agent/auth gave."),
                    [Audience.Operators.Scheme] = Bearer("An operator's key."),
                },
            },
        };
    }

    private static JsonObject Describe(Operation operation, ReplySchemas schemas)
    {
        var described = new JsonObject
        {
            ["operationId"] = operation.Name,
            ["summary"] = operation.Summary,
            ["tags"] = new JsonArray(operation.Audience.Name),
            ["security"] = new JsonArray(new JsonObject { [operation.Audience.Scheme] = new JsonArray() }),
            ["parameters"] = new JsonArray([.. OpenApiParameters.Of(operation)]),
            ["responses"] = Responses(operation, schemas),
        };
        var body = operation.BodySchema();
        if (body is not null)
        {
            described["requestBody"] = new JsonObject
            {
                ["required"] = body["required"] is JsonArray { Count: > 0 },
                ["content"] = new JsonObject(operation.MediaTypes.Select(type => KeyValuePair.Create<string, JsonNode?>(type, Content(body, JsonNode.Parse(operation.BodyExample!)!)))),
            };
        }

        return described;
    }

    private static JsonObject Responses(Operation operation, ReplySchemas schemas)
    {
        var envelope = new JsonObject { ["status"] = "success", [RequestIds.Member] = RequestIds.Example, ["data"] = JsonNode.Parse(operation.DataExample), ["next_actions"] = new JsonArray() };
        var responses = new JsonObject { [Text(operation.Status)] = With(operation.AnswerHeaders, Answer("Success", schemas.Success(operation.Data), envelope)) };
        if (operation.Headers.Contains(Preconditions.IfNoneMatchOfRead))
        {
            responses["304"] = With(operation.AnswerHeaders, new() { ["description"] = "It still has an ETag that the request names" });
        }

        if (operation.MayGoOn)
        {
            responses["202"] = Answer("It is under way, or waits for the user's approval; get_run tells what comes of a run", schemas.Success(operation.Data), envelope.DeepClone());
        }

        if (operation.IsList)
        {
            var content = responses[Text(operation.Status)]!["content"]!;
            foreach (var form in ListForms.Others) content[form] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "string", ["description"] = "All that matches, not one page." } };
        }

        string[] codes =
        [
            .. AlwaysCodes, .. operation.Codes,
            .. operation.Audience == Audience.Agents ? SessionCodes : [],
            .. operation.Sheet.Parameters.All.Count > 0 || !operation.IsRead || operation.Route.Contains('{', StringComparison.Ordinal) ? InputCodes : [],
            .. !operation.IsRead ? BodyCodes : [],
            .. operation.IsList ? ListCodes : [],
        ];
        foreach (var group in codes.Distinct().GroupBy(Codes.StatusOf).OrderBy(group => group.Key))
        {
            var names = string.Join(", ", group);
            responses[Text(group.Key)] = Answer(names, schemas.Error(), Error(group.First()));
        }

        return responses;
    }

    private static JsonObject Error(string code) => new()
    {
        ["status"] = "error",
        [RequestIds.Member] = RequestIds.Example,
        ["error"] = new JsonObject
        {
            ["code"] = code,
            ["message"] = "A sentence that says what to do.",
            ["details"] = code == Codes.ValidationFailed ? new JsonArray(new JsonObject { ["path"] = "/name", ["keyword"] = "required", ["message"] = "This member is required." }) : null,
            ["retry_allowed"] = Refusals.MayRetry(new(code, "")),
            ["retry"] = Refusals.Name(Codes.RetryOf(code)),
            ["retry_after_seconds"] = null,
            ["next_actions"] = new JsonArray(),
        },
    };

    private static JsonObject Answer(string description, JsonObject schema, JsonNode example) =>
        new() { ["description"] = description, ["content"] = new JsonObject { [Body.JsonType] = Content(schema, example) } };

    private static JsonObject With(IReadOnlyList<Member> headers, JsonObject answer)
    {
        if (headers.Count > 0)
        {
            answer["headers"] = new JsonObject(headers.Select(header => KeyValuePair.Create<string, JsonNode?>(header.Name, new JsonObject { ["schema"] = header.Schema() })));
        }

        return answer;
    }

    private static JsonObject Content(JsonNode schema, JsonNode example) => new() { ["schema"] = schema.DeepClone(), ["example"] = example };

    private static JsonObject Bearer(string description) => new() { ["type"] = "http", ["scheme"] = "bearer", ["description"] = description };

    private static JsonObject Tag(Audience audience) => new() { ["name"] = audience.Name, ["description"] = audience.Description };

    private static JsonObject Added(JsonObject paths, string route)
    {
        var path = new JsonObject();
        paths[route] = path;
        return path;
    }

    private static string Text(int status) => status.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Application.Language;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Access;
using Agora.Web;

namespace Agora.Api.Documents;

/// <summary>
/// /openapi/v1.json, OpenAPI 3.1, built from what is mapped, with the schema that its
/// next actions carry and an example of each body and reply. Schemas of replies are read off the records that are serialized.
/// </summary>
internal sealed class OpenApiDocument(OperationTable operations, ApiOptions options) : IFeature, IApiDocument
{
    public IReadOnlyList<(string Code, string Text)> Errors => [.. ErrorPages.All.Select(static page => (page.Code, page.Text))];

    public string? Error(string code, string language) => ErrorPages.Find(code) is { } page ? (language == Words.Japanese.Language ? page.In(Words.Japanese) : page).Text : null;

    public void Map(Routes routes) => routes
        .Document("/openapi.json", static _ => Task.FromResult(Reply.Moved("/openapi/v1.json")))
        .Document("/openapi/v1.json", new KeptDocument(Build));

    public JsonElement Read() => JsonSerializer.SerializeToElement(Build(), ApiJson.Options);

    private JsonObject Build()
    {
        var paths = new JsonObject();
        var (schemas, responses) = (new ReplySchemas(), new OpenApiResponses());
        foreach (var operation in operations.All.Where(operation => operation.Audience is { IsPublished: true, IsPlain: false }))
        {
            var path = paths[operation.Route] as JsonObject ?? Added(paths, operation.Route);
            path[operation.Method.ToLowerInvariant()] = Describe(operation, schemas, responses);
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
            ["tags"] = new JsonArray(Tag(Audience.Agents), Tag(Audience.Peers), Tag(Audience.Operators)),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = schemas.Components(),
                ["responses"] = responses.Shared(),
                ["headers"] = OpenApiHeaders.Components(),
                ["examples"] = OpenApiResponses.Examples(),
                ["securitySchemes"] = new JsonObject
                {
                    [Audience.Anyone.Scheme] = Bearer("An agent's own key, the platform key, or a platform's token of an issuer that is believed."),
                    [Audience.Agents.Scheme] = Bearer("The token that POST /agent/auth gave."),
                    [Audience.SignedScheme] = new JsonObject
                    {
                        ["type"] = "apiKey",
                        ["in"] = "header",
                        ["name"] = "Signature",
                        ["description"] = $"HTTP Message Signatures (RFC 9421, Ed25519) by the key of the agent's card, with Signature-Input, the tag {SignedRequests.Tag} and, where there is a body, Content-Digest (RFC 9530). The header {SignedRequests.SessionHeader} names the agent's session, within which the request is then made.",
                    },
                    [Audience.Operators.Scheme] = Bearer("An operator's key, or a token of an issuer that is believed; what each role may is in docs/roles.md."),
                },
            },
        };
    }

    private static JsonObject Describe(Operation operation, ReplySchemas schemas, OpenApiResponses responses)
    {
        var described = new JsonObject
        {
            ["operationId"] = operation.Name,
            ["summary"] = operation.Summary,
            ["tags"] = new JsonArray(operation.Audience.Name),
            ["security"] = new JsonArray([.. operation.Audience.Credentials.Select(scheme => new JsonObject { [scheme] = new JsonArray() })]),
            ["parameters"] = new JsonArray([.. OpenApiParameters.Of(operation)]),
            ["responses"] = responses.Of(operation, schemas),
        };
        if (operation.Audience == Audience.Operators)
        {
            described["description"] = WhoMay(operation);
        }

        var body = operation.BodySchema();
        if (body is not null)
        {
            described["requestBody"] = new JsonObject
            {
                ["required"] = operation.WantsBody || body["required"] is JsonArray { Count: > 0 } || body["oneOf"] is not null,
                ["content"] = new JsonObject(operation.MediaTypes.Select(type => KeyValuePair.Create<string, JsonNode?>(type, Content(body, JsonNode.Parse(operation.BodyExample!)!)))),
            };
        }

        return described;
    }

    /// <summary>The scheme says whose key it is; which of those keys, no part of the format says.</summary>
    private static string WhoMay(Operation operation) =>
        $"The least role is {operation.Least.Text()}{(operation.Owners == Role.None ? "" : $", or {operation.Owners.Text()} about what is its own")}.";

    public static JsonObject Content(JsonNode schema, JsonNode example) => new() { ["schema"] = schema.DeepClone(), ["example"] = example };

    private static JsonObject Bearer(string description) => new() { ["type"] = "http", ["scheme"] = "bearer", ["description"] = description };

    private static JsonObject Tag(Audience audience) => new() { ["name"] = audience.Name, ["description"] = audience.Description };

    private static JsonObject Added(JsonObject paths, string route)
    {
        var path = new JsonObject();
        paths[route] = path;
        return path;
    }
}

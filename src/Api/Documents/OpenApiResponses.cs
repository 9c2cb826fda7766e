using System.Globalization;
using System.Text.Json.Nodes;
using Agora.Api.Conversations;
using Agora.Application.Operations;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Documents;

/// <summary>What an operation answers: its reply, and a refusal for each status, with an example of each code from the code's page. Refusals are shared by name.</summary>
internal sealed class OpenApiResponses
{
    /// <summary>Codes that every route of the kind can answer with.</summary>
    private static readonly string[] AlwaysCodes = [Codes.Unauthorized, Codes.NotAcceptable, Codes.ValidationFailed, Codes.RateLimited, Codes.Internal, Codes.Unavailable];
    private static readonly string[] SessionCodes = [Codes.SessionExpired, Codes.SessionRevoked, Codes.SessionSuspended, Codes.TestReset];
    private static readonly string[] KeyCodes = [Codes.IdempotencyConflict, Codes.IdempotencyInFlight];
    private static readonly string[] BodyCodes = [Codes.PayloadTooLarge, Codes.UnsupportedMediaType];

    private readonly SortedDictionary<string, JsonObject> _shared = new(StringComparer.Ordinal);

    public JsonObject Shared() => new(_shared.Select(one => KeyValuePair.Create<string, JsonNode?>(one.Key, one.Value)));

    /// <summary>A refusal of each code, in both forms.</summary>
    public static JsonObject Examples() => new(ErrorPages.All.SelectMany(page => new[]
    {
        KeyValuePair.Create<string, JsonNode?>(page.Code, new JsonObject { ["summary"] = page.Title, ["value"] = page.Example() }),
        KeyValuePair.Create<string, JsonNode?>(ProblemName(page.Code), new JsonObject { ["summary"] = page.Title, ["value"] = Problem.Of(page) }),
    }));

    public JsonObject Of(Operation operation, ReplySchemas schemas)
    {
        var envelope = new JsonObject { ["status"] = "success", [RequestIds.Member] = RequestIds.Example, ["data"] = JsonNode.Parse(operation.DataExample), ["next_actions"] = new JsonArray() };
        var responses = new JsonObject
        {
            [Text(operation.Status)] = Answer("Success", OpenApiHeaders.OfSuccess(operation), new() { [MediaTypes.Json] = OpenApiDocument.Content(schemas.Success(operation.Data), envelope) }),
        };
        if (operation.Headers.Contains(InboxProtocols.Parameter))
        {
            responses["101"] = Answer("A WebSocket in the protocol that was chosen: docs/sockets.md", OpenApiHeaders.OfSuccess(operation), content: null);
        }

        if (operation.Headers.Contains(Preconditions.IfNoneMatchOfRead))
        {
            responses["304"] = Answer("It still has an ETag that the request names", OpenApiHeaders.OfSuccess(operation), content: null);
        }

        if (operation.MayGoOn)
        {
            responses["202"] = Answer(
                "It is under way, or waits for the user's approval; get_run tells what comes of a run", OpenApiHeaders.OfAccepted(operation),
                new() { [MediaTypes.Json] = OpenApiDocument.Content(schemas.Success(operation.Data), envelope.DeepClone()) });
        }

        foreach (var form in operation.Forms.Skip(1))
        {
            responses[Text(operation.Status)]!["content"]![form] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "string", ["description"] = operation.IsList ? "All that matches, not one page." : operation.HasEvents ? "Server-sent events, as it happens: the data of each is an entry, its id the cursor behind it." : "The same page, with a row of names first." } };
        }

        foreach (var group in CodesOf(operation).Distinct().GroupBy(Codes.StatusOf).OrderBy(group => group.Key))
        {
            responses[Text(group.Key)] = Refused([.. group.Order(StringComparer.Ordinal)], operation);
        }

        return responses;
    }

    public static IEnumerable<string> CodesOf(Operation operation) =>
    [
        .. AlwaysCodes, .. operation.Codes,
        .. operation.Audience.OfAgents || operation.Audience.IsPlain ? SessionCodes : [],
        .. operation.Audience.OfAgents ? [Codes.SignatureRefused] : (string[])[],
        .. operation.Audience == Audience.Peers ? [Codes.ScopeViolation, Codes.Forbidden] : (string[])[],
        .. operation.Audience == Audience.Operators ? [Codes.Forbidden] : operation.Audience == Audience.Anyone ? [Codes.TestReset, Codes.SignatureRefused] : (string[])[],
        .. operation.OfInstallation || operation.Owners != Role.None ? [Codes.NotFound] : (string[])[],
        .. !operation.IsRead || operation.Sheet.Ids.Count > 0 || operation.Headers.Count > 0 ? [Codes.MalformedRequest] : (string[])[],
        .. !operation.IsRead ? BodyCodes : [],
        .. operation.TakesKey ? KeyCodes : [],
    ];

    private JsonObject Refused(IReadOnlyList<string> codes, Operation operation)
    {
        var headers = OpenApiHeaders.OfRefusal(operation, codes);
        var name = $"{operation.Audience.Scheme}.{string.Join('.', codes)}{(operation.TakesKey ? ".keyed" : "")}{(headers.ContainsKey(AnswerHeaders.PaymentWanted.Name) ? ".x402" : "")}";
        if (!_shared.ContainsKey(name))
        {
            _shared.Add(name, Answer(
                string.Join(" ", codes.Select(code => $"{code}: {ErrorPages.Of(code).Title}")),
                headers,
                new() { [MediaTypes.Json] = Refusal(ReplySchemas.Error(), codes, static code => code), [Problem.ContentType] = Refusal(ReplySchemas.ProblemDetails(), codes, ProblemName) }));
        }

        return new() { ["$ref"] = $"#/components/responses/{name}" };
    }

    private static JsonObject Refusal(JsonObject schema, IReadOnlyList<string> codes, Func<string, string> example) => new()
    {
        ["schema"] = schema,
        ["examples"] = new JsonObject(codes.Select(code => KeyValuePair.Create<string, JsonNode?>(code, new JsonObject { ["$ref"] = $"#/components/examples/{example(code)}" }))),
    };

    private static JsonObject Answer(string description, JsonObject headers, JsonObject? content)
    {
        var answer = new JsonObject { ["description"] = description, ["headers"] = headers };
        if (content is not null)
        {
            answer["content"] = content;
        }

        return answer;
    }

    private static string ProblemName(string code) => $"{code}.problem";

    private static string Text(int status) => status.ToString(CultureInfo.InvariantCulture);
}

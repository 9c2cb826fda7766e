using System.Text.Json.Nodes;
using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Documents;

/// <summary>Which answer has which of the <see cref="AnswerHeaders"/>.</summary>
internal static class OpenApiHeaders
{
    public static JsonObject Components() => new(AnswerHeaders.All.Select(header => KeyValuePair.Create<string, JsonNode?>(header.Name, Described(header.Schema()))));

    public static JsonObject OfSuccess(Operation operation) =>
        Set([.. Always(operation), .. operation.AnswerHeaders, .. GoesOn(operation) ? [AnswerHeaders.Link] : (Member[])[], .. IsRun(operation) ? [AnswerHeaders.PaymentMade, AnswerHeaders.PaymentMadeFormerly] : (Member[])[]]);

    public static JsonObject OfAccepted(Operation operation) => Set([.. Always(operation), .. operation.AnswerHeaders, AnswerHeaders.Location, AnswerHeaders.RetryAfter, AnswerHeaders.Applied]);

    public static JsonObject OfRefusal(Operation operation, IReadOnlyList<string> codes) => Set(
    [
        .. Always(operation),
        .. codes.Any(code => Codes.RetryOf(code) == RetryWith.SameKey || code is Codes.UpstreamFailed or Codes.UpstreamTimeout) ? [AnswerHeaders.RetryAfter] : (Member[])[],
        .. codes.Any(code => Codes.StatusOf(code) == 401) ? [AnswerHeaders.Challenge] : (Member[])[],
        .. codes.Contains(Codes.SignatureRefused) ? [AnswerHeaders.SignatureWanted] : (Member[])[],
        .. codes.Contains(Codes.PaymentRequired) && IsRun(operation) ? [AnswerHeaders.PaymentWanted, AnswerHeaders.PaymentMade, AnswerHeaders.PaymentMadeFormerly] : (Member[])[],
    ]);

    private static IEnumerable<Member> Always(Operation operation) =>
    [
        AnswerHeaders.RequestId, AnswerHeaders.Version, AnswerHeaders.Language, AnswerHeaders.Mode,
        .. operation.TakesKey ? [AnswerHeaders.Replayed] : (Member[])[],
        .. operation.Audience.OfAgents ? AnswerHeaders.OfSession : [],
    ];

    private static bool GoesOn(Operation operation) => operation.Sheet.Parameters.All.Any(parameter => parameter.Name == "cursor");

    private static bool IsRun(Operation operation) => operation.Headers.Any(header => header.Name == PaymentHeader.Signature);

    private static JsonObject Set(IEnumerable<Member> headers) =>
        new(headers.Select(header => KeyValuePair.Create<string, JsonNode?>(header.Name, new JsonObject { ["$ref"] = $"#/components/headers/{header.Name}" })));

    private static JsonObject Described(JsonObject schema)
    {
        var meaning = (string)schema["description"]!;
        _ = schema.Remove("description");
        return new() { ["description"] = meaning, ["schema"] = schema };
    }
}

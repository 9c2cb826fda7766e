using System.Text.Json.Nodes;
using Agora.Api.Http;
using Agora.Core.Kernel;
using Microsoft.Net.Http.Headers;

namespace Agora.Api.Documents;

/// <summary>Headers of answers: which of them which answer has, and what each means.</summary>
internal static class OpenApiHeaders
{
    private static readonly Member RequestId = Of(RequestIds.Header, "Names this request, as request_id in the body and the log do: the caller's own, where it sent one of this form.", static () => Schemas.Id);
    private static readonly Member Version = Of(Release.Header, "The release that answers, as info.version is.");
    private static readonly Member Language = Of(HeaderNames.ContentLanguage, "Of messages and descriptions, where Accept-Language asked for another than English.", static () => Schemas.OneOf(["ja"]));
    private static readonly Member RetryAfter = Of(HeaderNames.RetryAfter, "Seconds, not before which it is asked again, where that is known.", Count);
    private static readonly Member Location = Of(HeaderNames.Location, "Where to look for what comes of it.", static () => new() { ["type"] = "string", ["format"] = "uri-reference" });
    private static readonly Member Applied = Of("Preference-Applied", "What of Prefer was heard (RFC 7240).");
    private static readonly Member Replayed = Of("Idempotent-Replayed", "true: the stored outcome of an earlier request with this Idempotency-Key. Absent: it is not.", static () => Schemas.OneOf(["true"]));
    private static readonly Member Challenge = Of(HeaderNames.WWWAuthenticate, "How to authenticate.", static () => Schemas.OneOf(["Bearer"]));
    private static readonly Member RateLimit = Of("RateLimit-Limit", "Requests a minute that the session may make.", Count);
    private static readonly Member RateLeft = Of("RateLimit-Remaining", "Of these, what is left of this minute.", Count);
    private static readonly Member RateReset = Of("RateLimit-Reset", "Seconds until the next minute begins.", Count);
    private static readonly Member Budget = Of("Agora-Budget-Remaining-Cents", "Cents that can still be spent: the least of what session, sessions above, grant and user have left.", static () => new() { ["type"] = "number", ["multipleOf"] = 0.0001m });
    private static readonly Member Warning = Of("Agora-Budget-Warning", "The limits that the run's budget_warnings name, with commas between them. Absent: none is nearly used up.");
    private static readonly Member PaymentWanted = Of("PAYMENT-REQUIRED", "How the run can be paid by x402, base64, where payments by x402 are taken.");
    private static readonly Member PaymentMade = Of("PAYMENT-RESPONSE", "How the payment by x402 ended, base64; of a payment of version 1 it is X-PAYMENT-RESPONSE.");

    private static readonly Member[] All =
        [RequestId, Version, Language, RetryAfter, Location, Applied, Replayed, Challenge, RateLimit, RateLeft, RateReset, Budget, Warning, PaymentWanted, PaymentMade, Preconditions.Etag];

    public static JsonObject Components() => new(All.Select(header => KeyValuePair.Create<string, JsonNode?>(header.Name, Described(header.Schema()))));

    public static JsonObject OfSuccess(Operation operation) => Set([.. Always(operation), .. operation.AnswerHeaders, .. IsRun(operation) ? [Warning, PaymentMade] : (Member[])[]]);

    public static JsonObject OfAccepted(Operation operation) => Set([.. Always(operation), Location, RetryAfter, Applied]);

    public static JsonObject OfRefusal(Operation operation, IReadOnlyList<string> codes) => Set(
    [
        .. Always(operation),
        .. codes.Any(code => Codes.RetryOf(code) == RetryWith.SameKey) ? [RetryAfter] : (Member[])[],
        .. codes.Any(code => Codes.StatusOf(code) == 401) ? [Challenge] : (Member[])[],
        .. codes.Contains(Codes.PaymentRequired) && operation.Audience == Audience.Agents ? [PaymentWanted] : (Member[])[],
    ]);

    private static IEnumerable<Member> Always(Operation operation) =>
    [
        RequestId, Version, Language,
        .. operation.TakesKey ? [Replayed] : (Member[])[],
        .. operation.Audience == Audience.Agents ? [RateLimit, RateLeft, RateReset, Budget] : (Member[])[],
    ];

    private static bool IsRun(Operation operation) => operation.Headers.Any(header => header.Name == PaymentHeader.Signature);

    private static JsonObject Set(IEnumerable<Member> headers) =>
        new(headers.Select(header => KeyValuePair.Create<string, JsonNode?>(header.Name, new JsonObject { ["$ref"] = $"#/components/headers/{header.Name}" })));

    private static JsonObject Described(JsonObject schema)
    {
        var meaning = (string)schema["description"]!;
        _ = schema.Remove("description");
        return new() { ["description"] = meaning, ["schema"] = schema };
    }

    private static JsonObject Count() => new() { ["type"] = "integer", ["minimum"] = 0 };

    private static Member Of(string name, string meaning, Func<JsonObject>? schema = null) => new(name, () => Schemas.Meaning(schema?.Invoke() ?? new() { ["type"] = "string" }, meaning));
}

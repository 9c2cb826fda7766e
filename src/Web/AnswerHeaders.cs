using System.Text.Json.Nodes;
using Agora.Application.Operations;
using Agora.X402;
using Microsoft.Net.Http.Headers;

namespace Agora.Web;

/// <summary>Headers of answers, and what each means. Scripts of other origins may read all of them.</summary>
internal static class AnswerHeaders
{
    public static readonly Member RequestId = Of(RequestIds.Header, "Names this request, as request_id in the body and the log do: the caller's own, where it sent one of this form.", static () => Schemas.Id);
    public static readonly Member Version = Of(Release.Header, "The release that answers, as info.version is.");
    public static readonly Member Language = Of(HeaderNames.ContentLanguage, "Of messages and descriptions, where Accept-Language asked for another than English.", static () => Schemas.OneOf(["ja"]));
    public static readonly Member Mode = Of(TestMode.Header, "test: of a tenant for tests, whose money is none. Absent: it is not.", static () => Schemas.OneOf([TestMode.Test]));
    public static readonly Member RetryAfter = Of(HeaderNames.RetryAfter, "Seconds, not before which it is asked again, where that is known.", Count);
    public static readonly Member Location = Of(HeaderNames.Location, "Where to look for what comes of it.", static () => new() { ["type"] = "string", ["format"] = "uri-reference" });
    public static readonly Member Link = Of(HeaderNames.Link, "Where the list goes on (RFC 8288), with rel=next and the same filters: a reference from the root of this API, with next_cursor in it. Absent: the list ends here.");
    public static readonly Member Applied = Of("Preference-Applied", "What of Prefer was heard (RFC 7240).");
    public static readonly Member Replayed = Of("Idempotent-Replayed", "true: the stored outcome of an earlier request with this Idempotency-Key. Absent: it is not.", static () => Schemas.OneOf(["true"]));
    public static readonly Member Challenge = Of(HeaderNames.WWWAuthenticate, "How to authenticate.", static () => Schemas.OneOf(["Bearer"]));
    public static readonly Member SignatureWanted = Of(SignedRequests.WantedHeader, "What a signature of the request would have to cover (RFC 9421 section 5.1), in place of a bearer token.");
    public static readonly Member Warning = Of("Agora-Budget-Warning", "The limits that the run's budget_warnings name, with commas between them. Absent: none is nearly used up.");
    public static readonly Member CacheStatus = Of("Cache-Status", "The answer to an equal request is the answer (RFC 9211): it was there, or was waited for. Absent: the service was called.");
    public static readonly Member Age = Of(HeaderNames.Age, "Of such an answer: how many seconds old it is.", Count);
    public static readonly Member Moved = Of("Agora-Moved", "Where a session of an older chat belongs.", static () => Schemas.OneOf(["old", "new"]));
    public static readonly Member PaymentWanted = Of("PAYMENT-REQUIRED", "How the run can be paid by x402, where payments by x402 are taken.", Payment);
    public static readonly Member PaymentMade = Of("PAYMENT-RESPONSE", "How the payment by x402 of version 2 ended.", Payment);
    public static readonly Member PaymentMadeFormerly = Of("X-PAYMENT-RESPONSE", "How the payment by x402 of version 1 ended.", Payment);

    /// <summary>Of answers that belong to a session.</summary>
    public static readonly IReadOnlyList<Member> OfSession =
    [
        Of("RateLimit-Limit", "Requests a minute that the session may make.", Count),
        Of("RateLimit-Remaining", "Of these, what is left of this minute.", Count),
        Of("RateLimit-Reset", "Seconds until the next minute begins.", Count),
        Of("Agora-Budget-Remaining-Cents", "Cents that can still be spent: the least of what session, sessions above, grant and user have left.", static () => Schemas.Cents),
    ];

    public static readonly IReadOnlyList<Member> All =
        [RequestId, Version, Language, Mode, RetryAfter, Location, Link, Applied, Replayed, Challenge, SignatureWanted, .. OfSession, Warning, CacheStatus, Age, Moved, PaymentWanted, PaymentMade, PaymentMadeFormerly, Preconditions.Etag];

    private static JsonObject Count() => new() { ["type"] = "integer", ["minimum"] = 0, ["maximum"] = int.MaxValue };

    private static JsonObject Payment() => new() { ["type"] = "string", ["contentEncoding"] = "base64", ["maxLength"] = X402Limits.HeaderLength };

    private static Member Of(string name, string meaning, Func<JsonObject>? schema = null) => new(name, () => Schemas.Meaning(schema?.Invoke() ?? new() { ["type"] = "string" }, meaning));
}

using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Agora.Api.Http;

/// <summary>
/// What scripts of the origins that are set may do (the Fetch standard's CORS): call every route with a credential that they hold themselves, and read our headers. Cookies are none of it. No origin is set
/// of itself; then no header is said, and browsers refuse.
/// </summary>
internal static class Origins
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete];

    private static readonly string[] Heard =
        [HeaderNames.Authorization, HeaderNames.ContentType, HeaderNames.Accept, HeaderNames.AcceptLanguage, HeaderNames.IfMatch, HeaderNames.IfNoneMatch, "Prefer", IdempotencyKeys.Header, Reasons.Header, RequestIds.Header, PaymentHeader.Signature, PaymentHeader.XPayment, .. SignedRequests.Heard, .. Mcp.Revisions.Heard, .. Streams.StreamHeaders.Heard];

    private static readonly string[] Said = [.. AnswerHeaders.All.Select(header => header.Name), HeaderNames.Allow, .. Streams.StreamHeaders.Said];

    /// <summary>A browser asks again after this.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    public static void Allow(CorsPolicyBuilder policy, IReadOnlyList<string> origins) =>
        policy.WithOrigins([.. origins]).WithMethods(Methods).WithHeaders(Heard).WithExposedHeaders(Said).SetPreflightMaxAge(Remembered);
}

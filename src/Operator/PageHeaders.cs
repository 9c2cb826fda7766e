using Microsoft.AspNetCore.Http;

namespace Agora.Operator;

/// <summary>What pages say to browsers, beside what every reply does: nothing is loaded from elsewhere, nothing runs that stands in a page, no other site frames one.</summary>
internal static class PageHeaders
{
    private const string Policy =
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static void Set(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers["Referrer-Policy"] = "same-origin"; // with none at all, forms would come from nowhere
        headers["X-Robots-Tag"] = "noindex, nofollow";
        headers.Vary = "Accept-Language, Cookie";
    }
}

using Microsoft.AspNetCore.Http;

namespace Agora.Web;

/// <summary>
/// What every reply says of itself, and to browsers and caches, whoever wrote it: routes, pages, the framework, an error. Set before anything else has the
/// request, so that none can be without it; who means something else (a key set that may be cached, a page with a form) says so after it.
/// </summary>
internal static class EdgeHeaders
{
    private const string NothingLoads = "default-src 'none'; frame-ancestors 'none'";
    private const string OneYear = "max-age=31536000";

    public static void Set(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers[RequestIds.Header] = http.TraceIdentifier;
        headers[Release.Header] = Release.Version;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = NothingLoads;
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        if (http.Request.IsHttps)
        {
            headers.StrictTransportSecurity = OneYear;
        }
    }
}

using System.Diagnostics;
using Agora.Application.Operations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Agora.Web;

/// <summary>The web server's own span of a request, named as its route is: a path may hold what opens something, and has ids without end.</summary>
internal static class RequestSpan
{
    public static void Name(HttpContext http)
    {
        if (http.Features.Get<IHttpActivityFeature>()?.Activity is not { IsAllDataRequested: true } span) return;

        if (http.GetEndpoint()?.Metadata.GetMetadata<Operation>() is { } operation)
        {
            span.DisplayName = operation.Endpoint;
            span.SetTag("http.route", operation.Route);
        }

        span.SetTag("http.request.method", http.Request.Method).SetTag("http.response.status_code", http.Response.StatusCode);
        if (http.Response.StatusCode >= StatusCodes.Status500InternalServerError)
        {
            span.SetStatus(ActivityStatusCode.Error);
        }
    }
}

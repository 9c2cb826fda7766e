using Agora.Application.Operations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Agora.Web;

/// <summary>A request's route for the log: its method and pattern, such as <c>PUT /admin/users/{user_id}</c>. Never its path, which has ids without end and may hold what opens something.</summary>
internal static class RouteNames
{
    public static string Of(HttpContext http) => http.GetEndpoint() switch
    {
        { } endpoint when endpoint.Metadata.GetMetadata<Operation>() is { } operation => operation.Endpoint,
        RouteEndpoint { RoutePattern.RawText: { } pattern } => $"{http.Request.Method} /{pattern.TrimStart('/')}",
        _ => $"{http.Request.Method} of no route",
    };
}

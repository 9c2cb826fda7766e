using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Agora.Web;

/// <summary>
/// A path has one spelling. Routing compares without regard to case, and what stands in front (nginx) does not: a rule there that keeps
/// <c>/metrics</c> from the world would let <c>/METRICS</c> through to the same route. Another spelling is no route here, so 404.
/// </summary>
internal static class ExactRoutes
{
    public static IApplicationBuilder UseExactRoutes(this IApplicationBuilder app) => app.Use(static next => http =>
    {
        if (http.GetEndpoint() is RouteEndpoint found && !IsSpelled(found.RoutePattern, http.Request.Path.Value ?? ""))
        {
            http.SetEndpoint(null);
        }

        return next(http);
    });

    /// <summary>The path is known to match but for case: only the literals are compared, in order, without an allocation.</summary>
    internal static bool IsSpelled(RoutePattern pattern, ReadOnlySpan<char> path)
    {
        var segments = pattern.PathSegments;
        for (var i = 0; i < segments.Count; i++)
        {
            path = path is ['/', ..] ? path[1..] : path;
            var end = path.IndexOf('/');
            var segment = end < 0 ? path : path[..end];
            if (segments[i] is { IsSimple: true, Parts: [RoutePatternLiteralPart literal] } && !segment.SequenceEqual(literal.Content)) return false;

            path = end < 0 ? [] : path[end..];
        }

        return true;
    }
}

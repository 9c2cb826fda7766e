using Agora.Core.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Web;

/// <summary>A listener for metrics alone.</summary>
internal static class MetricsListener
{
    private static readonly Rejection NotHere = new(Codes.NotFound, "This port serves /metrics, /healthz and /readyz only.");

    /// <summary>Where metrics have a listener of their own, they are there and nowhere else, and nothing else is there but the probes.</summary>
    public static IApplicationBuilder UseMetricsListener(this IApplicationBuilder app) => app.ApplicationServices.GetRequiredService<ApiOptions>().MetricsPort is not { } port ? app : app.Use(next => http =>
    {
        var path = http.Request.Path.Value;
        if (path is "/healthz" or "/readyz" || (path == "/metrics") == (http.Connection.LocalPort == port)) return next(http);

        if (http.Connection.LocalPort == port) return app.ApplicationServices.GetRequiredService<ReplyWriter>().Write(http, Reply.Refused(NotHere));

        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    });
}

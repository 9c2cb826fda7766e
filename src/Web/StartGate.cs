using Agora.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Agora.Web;

/// <summary>A web server may listen before its process has all it needs: until the host has started, only what says so is answered.</summary>
internal sealed class StartGate(RequestDelegate next, IHostApplicationLifetime lifetime)
{
    private static readonly string[] Open = ["/healthz", "/readyz", "/metrics"];

    public Task InvokeAsync(HttpContext http) =>
        lifetime.ApplicationStarted.IsCancellationRequested || Open.Contains(http.Request.Path.Value)
            ? next(http)
            : throw new OperatingException(new(FailureKind.Unavailable));
}

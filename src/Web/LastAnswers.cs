using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Agora.Web;

/// <summary>Once the process is told to end, each connection ends with the answer to its next request, and the client knows by it that nothing was lost.</summary>
internal sealed class LastAnswers(RequestDelegate next, IHostApplicationLifetime lifetime)
{
    public Task InvokeAsync(HttpContext http)
    {
        // HTTP/2 has a frame of its own for this, which the web server sends.
        if (lifetime.ApplicationStopping.IsCancellationRequested && HttpProtocol.IsHttp11(http.Request.Protocol))
        {
            http.Response.OnStarting(
                static response =>
                {
                    ((HttpResponse)response).Headers.Connection = "close";
                    return Task.CompletedTask;
                },
                http.Response);
        }

        return next(http);
    }
}

using Agora.Api.Http;
using Agora.Core.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Documents;

/// <summary>/healthz says that the process answers, /readyz that it can serve: its journal can be written and nothing else is in the way.</summary>
internal static class Health
{
    public static Task Live(HttpContext http) => Reply.Ok(new HealthData("live")).Write(http);

    public static async Task Ready(HttpContext http)
    {
        var why = await http.RequestServices.GetRequiredService<ApiOptions>().NotReady(http.RequestAborted);
        var reply = why is null ? Reply.Ok(new HealthData("ready")) : Reply.Refused(new(Codes.Unavailable, why, RetryAfterSeconds: 1, Retry: true));
        await reply.Write(http);
    }

    private sealed record HealthData(string State);
}

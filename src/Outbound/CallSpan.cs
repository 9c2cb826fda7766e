using System.Diagnostics;

namespace Agora.Outbound;

/// <summary>The span of one attempt. What is called is told whose child its own spans are. Of the address it has the host alone: paths may hold what opens something.</summary>
internal static class CallSpan
{
    private static readonly ActivitySource Source = new("Agora.Outbound");

    /// <summary>Null: nobody listens, or the call belongs to no trace.</summary>
    public static Activity? Begin(OutboundCall call)
    {
        if (!Source.HasListeners() || !ActivityContext.TryParse(call.Traceparent, traceState: null, isRemote: false, out var parent)) return null;

        var method = call.TakesBack ? "DELETE" : call.Body is null ? "GET" : "POST";
        return Source.StartActivity(method, ActivityKind.Client, parent)
            ?.SetTag("http.request.method", method).SetTag("server.address", call.Endpoint.Host).SetTag("server.port", call.Endpoint.Port);
    }

    public static void End(Activity? span, OutboundResult result)
    {
        switch (result)
        {
            case OutboundResult.Succeeded succeeded:
                span?.SetTag("http.response.status_code", succeeded.Status);
                break;
            case OutboundResult.Failed failed:
                span?.SetTag("http.response.status_code", failed.Status).SetTag("error.type", failed.Kind.ToString()).SetStatus(ActivityStatusCode.Error);
                break;
        }
    }
}

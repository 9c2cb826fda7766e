using System.Diagnostics;
using System.Diagnostics.Metrics;
using Agora.Api.Http;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Metrics;

/// <summary>Meter "Agora.Api". Tags come from the route table and the table of codes only, never from a request: their number is bounded.</summary>
internal static class ApiMetrics
{
    private static readonly Meter Meter = new("Agora.Api");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("agora.api.request.duration", "s", "From the first byte to the last, by operation and status");
    private static readonly Counter<long> Rejections = Meter.CreateCounter<long>("agora.api.rejections", "{request}", "Refusals by code");

    public static void Answered(HttpContext http, TimeSpan took)
    {
        var tags = new TagList
        {
            { "operation", http.GetEndpoint()?.Metadata.GetMetadata<Operation>()?.Name ?? "none" },
            { "status", http.Response.StatusCode },
        };
        Duration.Record(took.TotalSeconds, tags);
    }

    public static void Refused(string code) => Rejections.Add(1, new KeyValuePair<string, object?>("code", code));
}

using System.Diagnostics.Metrics;

namespace Agora.Api.Metrics;

/// <summary>Meter "Agora.Api". Tags come from the route table and the table of codes only, never from a request: their number is bounded.</summary>
internal static class ApiMetrics
{
    private static readonly Meter Meter = new("Agora.Api");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("agora.api.request.duration", "s", "From the first byte to the last, by operation and status");
    private static readonly Counter<long> Rejections = Meter.CreateCounter<long>("agora.api.rejections", "{request}", "Refusals by code");

    /// <summary>A tag is an object: one of each status is made before, not one a request.</summary>
    private static readonly object[] Statuses = [.. Enumerable.Range(0, 600).Select(status => (object)status)];

    /// <param name="operation">Null: none was asked for.</param>
    public static void Answered(string? operation, int status, TimeSpan took) => Duration.Record(
        took.TotalSeconds, new("operation", operation ?? "none"), new("status", status < Statuses.Length ? Statuses[status] : status));

    public static void Refused(string code) => Rejections.Add(1, new KeyValuePair<string, object?>("code", code));
}

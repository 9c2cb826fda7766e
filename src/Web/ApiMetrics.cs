using System.Diagnostics.Metrics;
using Agora.Core.Nodes;

namespace Agora.Web;

/// <summary>Meter "Agora.Api". Tags come from the route table and the table of codes only, never from a request: their number is bounded.</summary>
internal static class ApiMetrics
{
    private static readonly KeyValuePair<string, object?> Served = new("outcome", "served");
    private static readonly KeyValuePair<string, object?> Failed = new("outcome", "failed");
    private static readonly Meter Meter = new("Agora.Api");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("agora.api.request.duration", "s", "From the first byte to the last, by operation and status");
    private static readonly Counter<long> Rejections = Meter.CreateCounter<long>("agora.api.rejections", "{request}", "Refusals by code");

    private static readonly Counter<long> CapsNear = Meter.CreateCounter<long>("agora.caps.near", "{cap}", "Caps of which 80 % were spent or held when a run's price was held, by limit");

    private static readonly Counter<long> Requests = Meter.CreateCounter<long>("agora.api.requests", "{request}", "Requests by whether we failed them: 500 and 503 are ours, all else is served");

    private static readonly Counter<long> WrongSecondFactors = Meter.CreateCounter<long>("agora.sign_in.second_factor.wrong", "{code}", "Wrong codes of second factors behind a right password");

    private static readonly Counter<long> LockedSecondFactors = Meter.CreateCounter<long>("agora.sign_in.second_factor.locked", "{person}", "Second factors that were locked after too many wrong codes in a row");

    private static readonly ObservableGauge<int> Build = Meter.CreateObservableGauge("agora.build.info", static () => new Measurement<int>(1, new KeyValuePair<string, object?>("version", Release.Build)), description: "Always 1; the label says which build this is");

    /// <summary>A tag is an object: one of each status is made before, not one a request.</summary>
    private static readonly object[] Statuses = [.. Enumerable.Range(0, 600).Select(status => (object)status)];

    /// <param name="operation">Null: none was asked for.</param>
    public static void Answered(string? operation, int status, TimeSpan took) => Duration.Record(
        took.TotalSeconds, new("operation", operation ?? "none"), new("status", status < Statuses.Length ? Statuses[status] : status));

    /// <summary>Once, when it is listened to: a series that appears with its first failure has no rise that an alert could see.</summary>
    public static void Begin()
    {
        _ = Build;
        WrongSecondFactors.Add(0);
        LockedSecondFactors.Add(0);
        Requests.Add(0, Served);
        Requests.Add(0, Failed);
        foreach (var code in Refusals.AllCodes)
        {
            Rejections.Add(0, new KeyValuePair<string, object?>("code", code));
        }

        foreach (var limit in NearLimit.All)
        {
            CapsNear.Add(0, new KeyValuePair<string, object?>("limit", limit));
        }
    }

    /// <param name="near">Of a run that has just ended; null: none.</param>
    public static void Near(IReadOnlyList<NearLimit>? near)
    {
        if (near is null) return;

        foreach (var cap in near)
        {
            CapsNear.Add(1, new KeyValuePair<string, object?>("limit", cap.Limit));
        }
    }

    public static void WrongSecondFactor() => WrongSecondFactors.Add(1);

    public static void LockedSecondFactor() => LockedSecondFactors.Add(1);

    public static void Counted(int status) => Requests.Add(1, status is 500 or 503 ? Failed : Served);

    public static void Refused(string code) => Rejections.Add(1, new KeyValuePair<string, object?>("code", code));
}

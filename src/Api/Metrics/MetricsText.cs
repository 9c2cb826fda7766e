using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Metrics;

/// <summary>
/// /metrics in Prometheus' text format 0.0.4, from every meter whose name begins with <c>Agora.</c>. Series are bounded by
/// <see cref="MostSeries"/>: a tag that took its value from a request would otherwise fill the memory; what is beyond is counted and dropped.
/// </summary>
internal sealed class MetricsText : IDisposable
{
    public const int MostSeries = 10_000;
    private const string Prefix = "Agora.";

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<(Instrument Instrument, string Labels), Series> _series = new();
    private long _dropped;

    public MetricsText()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith(Prefix, StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<byte>((i, v, tags, _) => Record(i, v, tags));
        _listener.SetMeasurementEventCallback<short>((i, v, tags, _) => Record(i, v, tags));
        _listener.SetMeasurementEventCallback<int>((i, v, tags, _) => Record(i, v, tags));
        _listener.SetMeasurementEventCallback<long>((i, v, tags, _) => Record(i, v, tags));
        _listener.SetMeasurementEventCallback<float>((i, v, tags, _) => Record(i, v, tags));
        _listener.SetMeasurementEventCallback<double>((i, v, tags, _) => Record(i, v, tags));
        _listener.SetMeasurementEventCallback<decimal>((i, v, tags, _) => Record(i, (double)v, tags));
        _listener.Start();
    }

    public static Task Write(HttpContext http)
    {
        http.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return http.Response.WriteAsync(http.RequestServices.GetRequiredService<MetricsText>().Render(), http.RequestAborted);
    }

    public string Render()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var family in _series.GroupBy(s => s.Key.Instrument.Name, StringComparer.Ordinal).OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            var instrument = family.First().Key.Instrument;
            var name = Name(instrument);
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {Help(instrument)}\n# TYPE {name} {TypeOf(instrument)}\n");
            foreach (var ((_, labels), series) in family.OrderBy(s => s.Key.Labels, StringComparer.Ordinal))
            {
                series.Render(text, name, labels);
            }
        }

        return text.Append(CultureInfo.InvariantCulture, $"# HELP agora_metrics_dropped_total Measurements beyond the bound of series\n# TYPE agora_metrics_dropped_total counter\nagora_metrics_dropped_total {Interlocked.Read(ref _dropped)}\n").ToString();
    }

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = (instrument, Labels(tags));
        if (!_series.TryGetValue(key, out var series))
        {
            if (_series.Count >= MostSeries)
            {
                Interlocked.Increment(ref _dropped);
                return;
            }

            series = _series.GetOrAdd(key, static k => Series.For(k.Instrument));
        }

        series.Record(value);
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
        {
            return "";
        }

        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            var escaped = Convert.ToString(value, CultureInfo.InvariantCulture)!.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            text.Append(text.Length == 0 ? "" : ",").Append(Sanitized(name)).Append("=\"").Append(escaped).Append('"');
        }

        return text.ToString();
    }

    /// <summary>Unit and <c>_total</c> are parts of a name there.</summary>
    private static string Name(Instrument instrument)
    {
        var name = Sanitized(instrument.Name);
        name = instrument.Unit is "s" or "By" ? $"{name}_{(instrument.Unit == "s" ? "seconds" : "bytes")}" : name;
        return TypeOf(instrument) == "counter" ? $"{name}_total" : name;
    }

    private static string Sanitized(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

    private static string Help(Instrument instrument) => (instrument.Description ?? instrument.Name).ReplaceLineEndings(" ").Replace("\\", @"\\", StringComparison.Ordinal);

    private static string TypeOf(Instrument instrument)
    {
        var type = instrument.GetType().GetGenericTypeDefinition();
        return type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? "counter" : type == typeof(Histogram<>) ? "histogram" : "gauge";
    }
}

using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Agora.Web;

namespace Agora.Api.Metrics;

/// <summary>
/// /metrics in Prometheus' text format 0.0.4, from every meter whose name begins with <c>Agora.</c>, and the runtime's own. Series are bounded by
/// <see cref="MostSeries"/>: a tag that took its value from a request would otherwise fill the memory; what is beyond is counted and dropped.
/// </summary>
internal sealed class MetricsText : IFeature, IDisposable
{
    public const int MostSeries = 10_000;
    private const string Prefix = "Agora.";
    private const string Runtime = "System.Runtime"; // .NET's own: memory, collections, threads, exceptions

    private readonly MeterListener _listener = new();
    private readonly ConcurrentBag<Family> _families = [];
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, LabelledSeries>> _byName = new(StringComparer.Ordinal);
    private long _count;
    private long _dropped;

    public MetricsText()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith(Prefix, StringComparison.Ordinal) || instrument.Meter.Name == Runtime)
            {
                // What is observed says all of it each time, so it has a series of its own; what is counted adds up.
                var family = new Family(instrument, instrument.IsObservable ? new(StringComparer.Ordinal) : _byName.GetOrAdd(instrument.Name, static _ => new(StringComparer.Ordinal)));
                _families.Add(family);
                listener.EnableMeasurementEvents(instrument, family);
            }
        };
        _listener.SetMeasurementEventCallback<byte>((_, v, tags, family) => Record((Family)family!, v, tags));
        _listener.SetMeasurementEventCallback<short>((_, v, tags, family) => Record((Family)family!, v, tags));
        _listener.SetMeasurementEventCallback<int>((_, v, tags, family) => Record((Family)family!, v, tags));
        _listener.SetMeasurementEventCallback<long>((_, v, tags, family) => Record((Family)family!, v, tags));
        _listener.SetMeasurementEventCallback<float>((_, v, tags, family) => Record((Family)family!, v, tags));
        _listener.SetMeasurementEventCallback<double>((_, v, tags, family) => Record((Family)family!, v, tags));
        _listener.SetMeasurementEventCallback<decimal>((_, v, tags, family) => Record((Family)family!, (double)v, tags));
        _listener.Start();
        ApiMetrics.Begin();
    }

    public void Map(Routes routes) => routes.Document("/metrics", _ => Task.FromResult(Reply.Text("text/plain; version=0.0.4; charset=utf-8", Render())));

    public string Render()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var family in _families.Where(f => f.Series.Any()).GroupBy(f => f.Instrument.Name, StringComparer.Ordinal).OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            var instrument = family.First().Instrument;
            var name = Name(instrument);
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {Help(instrument)}\n# TYPE {name} {TypeOf(instrument)}\n");
            foreach (var same in family.SelectMany(f => f.Series).Distinct().GroupBy(s => s.Labels, StringComparer.Ordinal).OrderBy(s => s.Key, StringComparer.Ordinal))
            {
                same.MaxBy(static one => one.Series.Observed)!.Series.Render(text, name, same.Key); // where several see the same, the largest is said
            }
        }

        return text.Append(CultureInfo.InvariantCulture, $"# HELP agora_metrics_dropped_total Measurements beyond the bound of series\n# TYPE agora_metrics_dropped_total counter\nagora_metrics_dropped_total {Interlocked.Read(ref _dropped)}\n").ToString();
    }

    public void Dispose() => _listener.Dispose();

    private void Record(Family family, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (!family.TryFind(tags, out var found))
        {
            if (Interlocked.Increment(ref _count) > MostSeries)
            {
                Interlocked.Decrement(ref _count);
                Interlocked.Increment(ref _dropped);
                return;
            }

            found = family.Add(tags, Labels(tags));
        }

        found.Series.Record(value);
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty) return "";

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

using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Agora.Api.Metrics;

/// <summary>One time series: what a counter, gauge or histogram has come to for one set of labels.</summary>
internal abstract class Series
{
    public static Series For(Instrument instrument)
    {
        var type = instrument.GetType().GetGenericTypeDefinition();
        return type == typeof(Histogram<>) ? new Distribution(instrument.Unit == "s" ? Distribution.Seconds : Distribution.Counts)
            : type == typeof(Counter<>) || type == typeof(UpDownCounter<>) ? new Sum()
            : new Last();
    }

    /// <summary>What is observed, by which those of several observers are told apart; 0: it is counted.</summary>
    public virtual double Observed => 0;

    public abstract void Record(double value);

    public abstract void Render(StringBuilder text, string name, string labels);

    private static void Line(StringBuilder text, string name, string labels, double value) =>
        text.Append(name).Append(labels.Length == 0 ? "" : $"{{{labels}}}").Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');

    /// <summary>Measurements are changes.</summary>
    private sealed class Sum : Series
    {
        private readonly Lock _lock = new();
        private double _sum;

        public override void Record(double value)
        {
            lock (_lock)
            {
                _sum += value;
            }
        }

        public override void Render(StringBuilder text, string name, string labels) => Line(text, name, labels, Volatile.Read(ref _sum));
    }

    /// <summary>Measurements are the value itself: gauges, and what is observed.</summary>
    private sealed class Last : Series
    {
        private double _last;

        public override double Observed => Volatile.Read(ref _last);

        public override void Record(double value) => Volatile.Write(ref _last, value);

        public override void Render(StringBuilder text, string name, string labels) => Line(text, name, labels, Observed);
    }

    private sealed class Distribution(double[] bounds) : Series
    {
        public static readonly double[] Seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.25, 0.5, 1, 2.5, 5, 10, 20];
        public static readonly double[] Counts = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

        private readonly Lock _lock = new();
        private readonly long[] _counts = new long[bounds.Length + 1];
        private double _sum;

        public override void Record(double value)
        {
            var at = 0;
            while (at < bounds.Length && !(value <= bounds[at]))
            {
                at++;
            }

            lock (_lock)
            {
                _counts[at]++;
                _sum += value;
            }
        }

        public override void Render(StringBuilder text, string name, string labels)
        {
            long[] counts;
            double sum;
            lock (_lock)
            {
                (counts, sum) = ([.. _counts], _sum);
            }

            var (below, and) = (0L, labels.Length == 0 ? "" : ",");
            for (var i = 0; i < counts.Length; i++)
            {
                below += counts[i];
                var bound = i < bounds.Length ? bounds[i].ToString("R", CultureInfo.InvariantCulture) : "+Inf";
                Line(text, $"{name}_bucket", $"{labels}{and}le=\"{bound}\"", below);
            }

            Line(text, $"{name}_sum", labels, sum);
            Line(text, $"{name}_count", labels, below);
        }
    }
}

using System.Diagnostics.Metrics;
using Agora.Core.Kernel;

namespace Agora.Api.Admin.Activity;

/// <summary>
/// What this process has done, by the minute, for <see cref="Limits.ActivityMinutes"/>: for a chart that is there without anything that collects metrics. It listens to the meters that /metrics shows, keeps numbers
/// only, and forgets all of it when the process ends; what has to last is counted by the day in the store.
/// </summary>
internal sealed class ActivityRecorder : IDisposable
{
    private const string RunOperation = "run_service";
    private const string SayOperation = "say";
    private static readonly double[] Bounds = [.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 30];

    private readonly MeterListener _listener = new();
    private readonly Slot[] _slots = [.. Enumerable.Range(0, Limits.ActivityMinutes).Select(static _ => new Slot())];
    private readonly TimeProvider _time;

    public ActivityRecorder(TimeProvider time)
    {
        (_time, Since) = (time, time.GetUtcNow());
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name is "agora.runs" or "agora.api.rejections" or "agora.api.request.duration")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, count, tags, _) => Count(instrument.Name, count, tags));
        _listener.SetMeasurementEventCallback<double>((_, seconds, tags, _) => Answered(seconds, tags));
        _listener.Start();
    }

    /// <summary>From when on it has counted.</summary>
    public DateTimeOffset Since { get; }

    /// <summary>Minutes that are over, and the one that goes on, oldest first, as many together as are asked for.</summary>
    /// <param name="points">At most as many.</param>
    /// <param name="minutes">Of each.</param>
    public IReadOnlyList<ActivityPoint> Points(int points, int minutes)
    {
        var now = Minute(_time.GetUtcNow());
        var last = now - (now % minutes);
        return [.. Enumerable.Range(0, points).Select(back => last - ((points - 1L - back) * minutes)).Select(first => Point(first, minutes))];
    }

    /// <summary>Refusals of the last minutes by their code, the most frequent first.</summary>
    public IReadOnlyList<(string Code, long Count)> Refused(int minutes)
    {
        var now = Minute(_time.GetUtcNow());
        var sums = new long[Web.Refusals.AllCodes.Count];
        foreach (var slot in Slots(now - minutes + 1, minutes))
        {
            for (var i = 0; i < sums.Length; i++) sums[i] += Interlocked.Read(ref slot.Refused[i]);
        }

        return [.. sums.Index().Where(static code => code.Item > 0).OrderByDescending(static code => code.Item).Select(static code => (Web.Refusals.AllCodes[code.Index], code.Item))];
    }

    public void Dispose() => _listener.Dispose();

    private static long Minute(DateTimeOffset at) => at.ToUnixTimeSeconds() / 60;

    private IEnumerable<Slot> Slots(long first, int minutes) => Enumerable.Range(0, minutes).Select(n => (Minute: first + n, Slot: _slots[(first + n) % _slots.Length])).Where(static one => Volatile.Read(ref one.Slot.Minute) == one.Minute).Select(static one => one.Slot);

    private ActivityPoint Point(long first, int minutes)
    {
        var (runs, failed, refused, messages, requests, took) = (0L, 0L, 0L, 0L, 0L, new long[Bounds.Length + 1]);
        foreach (var slot in Slots(first, minutes))
        {
            messages += Interlocked.Read(ref slot.Messages);
            (runs, failed, requests) = (runs + Interlocked.Read(ref slot.Runs), failed + Interlocked.Read(ref slot.Failed), requests + Interlocked.Read(ref slot.Requests));
            for (var i = 0; i < slot.Refused.Length; i++) refused += Interlocked.Read(ref slot.Refused[i]);
            for (var i = 0; i < took.Length; i++) took[i] += Interlocked.Read(ref slot.Took[i]);
        }

        return new(DateTimeOffset.FromUnixTimeSeconds(first * 60), runs, failed, refused, messages, requests, Quantile(took, .5), Quantile(took, .95));
    }

    // Within a bucket as if all were spread evenly; beyond the last bound, that bound.
    private static double? Quantile(long[] took, double of)
    {
        var (wanted, seen) = (took.Sum() * of, 0L);
        if (wanted == 0) return null;

        for (var i = 0; i < Bounds.Length; i++)
        {
            if (seen + took[i] >= wanted)
            {
                var below = i == 0 ? 0 : Bounds[i - 1];
                return Math.Round((below + ((Bounds[i] - below) * (wanted - seen) / took[i])) * 1_000, 1);
            }

            seen += took[i];
        }

        return Bounds[^1] * 1_000;
    }

    private void Count(string instrument, long count, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var slot = Now();
        foreach (var (name, value) in tags)
        {
            if (name == "outcome" && instrument == "agora.runs")
            {
                Interlocked.Add(ref value is "succeeded" or "cached" ? ref slot.Runs : ref slot.Failed, count);
            }
            else if (name == "code" && value is string code && Slot.IndexOf(code) is >= 0 and var index)
            {
                Interlocked.Add(ref slot.Refused[index], count);
            }
        }
    }

    private void Answered(double seconds, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var slot = Now();
        Interlocked.Increment(ref slot.Requests);
        var (says, isSaid) = (false, false);
        foreach (var (name, value) in tags)
        {
            says |= name == "operation" && value is SayOperation;
            isSaid |= name == "status" && value is 201;
            if (name == "operation" && value is RunOperation)
            {
                var at = 0;
                while (at < Bounds.Length && seconds > Bounds[at]) at++;
                Interlocked.Increment(ref slot.Took[at]);
            }
        }

        if (says && isSaid)
        {
            Interlocked.Increment(ref slot.Messages);
        }
    }

    private Slot Now()
    {
        var minute = Minute(_time.GetUtcNow());
        var slot = _slots[minute % _slots.Length];
        if (Volatile.Read(ref slot.Minute) != minute)
        {
            slot.Begin(minute);
        }

        return slot;
    }

    private sealed class Slot
    {
        private readonly Lock _gate = new();

        public long Minute = -1;
        public long Runs;
        public long Failed;
        public long Messages;
        public long Requests;
        public readonly long[] Refused = new long[Web.Refusals.AllCodes.Count];
        public readonly long[] Took = new long[Bounds.Length + 1];

        public static int IndexOf(string code)
        {
            for (var i = 0; i < Web.Refusals.AllCodes.Count; i++)
            {
                if (Web.Refusals.AllCodes[i] == code) return i;
            }

            return -1;
        }

        /// <summary>Forgets what was a day ago.</summary>
        public void Begin(long minute)
        {
            lock (_gate)
            {
                if (Minute == minute) return;

                (Runs, Failed, Messages, Requests) = (0, 0, 0, 0);
                Array.Clear(Refused);
                Array.Clear(Took);
                Volatile.Write(ref Minute, minute);
            }
        }
    }
}

/// <summary>What a process did within some minutes.</summary>
/// <param name="P50Ms">Of runs, from the first byte to the last; null: there was none.</param>
internal sealed record ActivityPoint(DateTimeOffset At, long Runs, long Failed, long Refused, long Messages, long Requests, double? P50Ms, double? P95Ms);

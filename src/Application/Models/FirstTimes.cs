using Agora.Core.Kernel;

namespace Agora.Application.Models;

/// <summary>
/// How soon models have begun their answers here of late, each by the median: one answer that is late sends nobody elsewhere, and what is long ago says nothing of now. Each process knows what it has measured itself.
/// </summary>
internal sealed class FirstTimes(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Tenant, string Model), Measured> _models = [];

    public void Add(string tenant, string model, int firstMs)
    {
        lock (_lock)
        {
            if (!_models.TryGetValue((tenant, model), out var measured))
            {
                if (_models.Count == Limits.FirstTimesOfModels)
                {
                    _models.Remove(_models.MinBy(static known => known.Value.Last).Key);
                }

                _models[(tenant, model)] = measured = new();
            }

            measured.Add(time.GetTimestamp(), firstMs);
        }
    }

    /// <summary>Null: nothing was measured of late.</summary>
    public int? Of(string tenant, string model)
    {
        lock (_lock)
        {
            return _models.GetValueOrDefault((tenant, model))?.Median(time);
        }
    }

    private sealed class Measured
    {
        private readonly Queue<(long At, int Ms)> _times = new(Limits.FirstTimesKept);

        public long Last { get; private set; }

        public void Add(long at, int ms)
        {
            if (_times.Count == Limits.FirstTimesKept)
            {
                _times.Dequeue();
            }

            _times.Enqueue((at, ms));
            Last = at;
        }

        /// <summary>Of two in the middle the longer.</summary>
        public int? Median(TimeProvider time)
        {
            while (_times.TryPeek(out var oldest) && time.GetElapsedTime(oldest.At) > Limits.FirstTimeKept)
            {
                _times.Dequeue();
            }

            return _times.Count == 0 ? null : _times.Select(static one => one.Ms).Order().ElementAt(_times.Count / 2);
        }
    }
}

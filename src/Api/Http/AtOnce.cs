using System.Collections.Concurrent;

namespace Agora.Api.Http;

/// <summary>What a tenant has going on at once, and what all have, where each holds something until it ends.</summary>
internal sealed class AtOnce(int ofTenant, int ofAll = int.MaxValue)
{
    private readonly ConcurrentDictionary<string, Count> _tenants = new(StringComparer.Ordinal);
    private readonly Count _all = new();

    /// <returns>To be disposed at its end; null: there are too many.</returns>
    public IDisposable? Begin(string tenant)
    {
        var own = _tenants.GetOrAdd(tenant, static _ => new());
        if (!own.Add(ofTenant)) return null;
        if (_all.Add(ofAll)) return new Going(own, _all);

        own.Take();
        return null;
    }

    private sealed class Count
    {
        private int _now;

        public bool Add(int most)
        {
            if (Interlocked.Increment(ref _now) <= most) return true;

            Take();
            return false;
        }

        public void Take() => Interlocked.Decrement(ref _now);
    }

    private sealed class Going(Count own, Count all) : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0)
            {
                own.Take();
                all.Take();
            }
        }
    }
}

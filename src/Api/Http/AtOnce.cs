namespace Agora.Api.Http;

/// <summary>What a tenant, or whatever else has a name, has going on at once, and what all have, where each holds something until it ends. Of a name that has nothing going on nothing is known.</summary>
internal sealed class AtOnce(int ofTenant, int ofAll = int.MaxValue)
{
    private readonly Dictionary<string, int> _tenants = new(StringComparer.Ordinal);
    private readonly Lock _one = new();
    private int _all;

    /// <returns>To be disposed at its end; null: there are too many.</returns>
    public IDisposable? Begin(string tenant)
    {
        lock (_one)
        {
            var own = _tenants.GetValueOrDefault(tenant);
            if (own >= ofTenant || _all >= ofAll) return null;

            (_tenants[tenant], _all) = (own + 1, _all + 1);
            return new Going(this, tenant);
        }
    }

    private void End(string tenant)
    {
        lock (_one)
        {
            _all--;
            if (--_tenants[tenant] == 0)
            {
                _tenants.Remove(tenant);
            }
        }
    }

    private sealed class Going(AtOnce all, string tenant) : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0)
            {
                all.End(tenant);
            }
        }
    }
}

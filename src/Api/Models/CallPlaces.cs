using Agora.Api.Http;
using Agora.Core.Kernel;

namespace Agora.Api.Models;

/// <summary>
/// How many calls of models are under way here at once, and how much their requests have of the memory: each keeps its place until its answer is read. No session has more than a share of the memory, and no tenant more than a half, so
/// nobody takes it from all others.
/// </summary>
internal sealed class CallPlaces(
    int calls = Limits.ModelCallsOpen,
    int callsOfAll = Limits.ModelCallsOpenOfAll,
    long bytesOfSession = Limits.ModelRequestBytesOfSession,
    long bytesOfTenant = Limits.ModelRequestBytesOfTenant,
    long bytesOfAll = Limits.ModelRequestBytesOfAll)
{
    private readonly AtOnce _calls = new(calls, callsOfAll);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _bytes = new(StringComparer.Ordinal);

    /// <returns>To be disposed of at its end; null: there is no place.</returns>
    public IDisposable? Begin(string tenant, string session, long bytes)
    {
        (string Of, long Most)[] shares = [("", bytesOfAll), (tenant, bytesOfTenant), ($"{tenant}/{session}", bytesOfSession)];
        lock (_lock)
        {
            if (shares.Any(share => _bytes.GetValueOrDefault(share.Of) + bytes > share.Most) || _calls.Begin(tenant) is not { } call) return null;

            foreach (var (of, _) in shares) _bytes[of] = _bytes.GetValueOrDefault(of) + bytes;
            return new Place(this, call, [.. shares.Select(static share => share.Of)], bytes);
        }
    }

    private void Give(string[] shares, long bytes)
    {
        lock (_lock)
        {
            foreach (var of in shares)
            {
                if ((_bytes[of] -= bytes) == 0)
                {
                    _bytes.Remove(of);
                }
            }
        }
    }

    private sealed class Place(CallPlaces places, IDisposable call, string[] shares, long bytes) : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) != 0) return;

            places.Give(shares, bytes);
            call.Dispose();
        }
    }
}

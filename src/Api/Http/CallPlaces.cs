using Agora.Core.Kernel;

namespace Agora.Api.Http;

/// <summary>
/// How many calls that need much of the memory, such as those of models, are under way here at once, and how much they have of it: each keeps its place as long as it does. No session has more than a share, and no tenant more than a half, so
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
    public Place? Begin(string tenant, string session, long bytes)
    {
        (string Of, long Most)[] shares = [("", bytesOfAll), (tenant, bytesOfTenant), ($"{tenant}/{session}", bytesOfSession)];
        lock (_lock)
        {
            if (!Take(shares, bytes)) return null;
            if (_calls.Begin(tenant) is { } call) return new Place(this, call, shares, bytes);

            Give(shares, bytes);
            return null;
        }
    }

    private bool Take((string Of, long Most)[] shares, long bytes)
    {
        if (shares.Any(share => _bytes.GetValueOrDefault(share.Of) + bytes > share.Most)) return false;

        foreach (var (of, _) in shares) _bytes[of] = _bytes.GetValueOrDefault(of) + bytes;
        return true;
    }

    private void Give((string Of, long Most)[] shares, long bytes)
    {
        foreach (var (of, _) in shares)
        {
            // Of a request without a body nothing is counted: another's end may have taken the entry away.
            if (_bytes.GetValueOrDefault(of) - bytes is > 0 and var left)
            {
                _bytes[of] = left;
            }
            else
            {
                _bytes.Remove(of);
            }
        }
    }

    /// <summary>Of one call.</summary>
    public sealed class Place(CallPlaces places, IDisposable call, (string Of, long Most)[] shares, long bytes) : IDisposable
    {
        private bool _isOver;

        /// <summary>More was wanted than there was room for: what is read for the call is not all of it.</summary>
        public bool IsFull { get; private set; }

        /// <summary>It turns out to need more.</summary>
        /// <returns>False: there is no room, and it stays as it is.</returns>
        public bool Grow(long more)
        {
            lock (places._lock)
            {
                if (_isOver || !places.Take(shares, more))
                {
                    IsFull = true;
                    return false;
                }

                bytes += more;
                return true;
            }
        }

        public void Dispose()
        {
            lock (places._lock)
            {
                if (_isOver) return;

                _isOver = true;
                places.Give(shares, bytes);
            }

            call.Dispose();
        }
    }
}

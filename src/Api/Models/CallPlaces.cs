using Agora.Api.Http;
using Agora.Core.Kernel;

namespace Agora.Api.Models;

/// <summary>How many calls of models are under way here at once, and how much their requests have of the memory: each keeps its place until its answer is read.</summary>
internal sealed class CallPlaces
{
    private readonly AtOnce _calls = new(Limits.ModelCallsOpen, Limits.ModelCallsOpenOfAll);
    private long _bytes;

    /// <returns>To be disposed of at its end; null: there is no place.</returns>
    public IDisposable? Begin(string tenant, int bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) > Limits.ModelRequestBytesOfAll || _calls.Begin(tenant) is not { } call)
        {
            Interlocked.Add(ref _bytes, -bytes);
            return null;
        }

        return new Place(this, call, bytes);
    }

    private sealed class Place(CallPlaces places, IDisposable call, int bytes) : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) != 0) return;

            Interlocked.Add(ref places._bytes, -bytes);
            call.Dispose();
        }
    }
}

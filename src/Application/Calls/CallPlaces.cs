using Agora.Core.Kernel;
using Agora.Grains.Kernel;

namespace Agora.Application.Calls;

/// <summary>
/// Bounds the number and the bytes of calls that need much memory, such as calls of models. A call keeps its place until it ends.
/// </summary>
internal sealed class CallPlaces(
    int calls = Limits.ModelCallsOpen,
    int callsOfAll = Limits.ModelCallsOpenOfAll,
    long bytesOfSession = Limits.ModelRequestBytesOfSession,
    long bytesOfTenant = Limits.ModelRequestBytesOfTenant,
    long bytesOfAll = Limits.ModelRequestBytesOfAll)
{
    private readonly FairPlaces _calls = new(callsOfAll, ofTenant: calls);
    private readonly FairPlaces _bytes = new(bytesOfAll, ofTenant: bytesOfTenant, ofSession: bytesOfSession, within: HeldBytes.Places);

    /// <returns>Dispose it when the call ends. Null if there is no place.</returns>
    public Place? Begin(PlaceOwner owner, long bytes)
    {
        if (_calls.Take(owner) is not { } call) return null;
        if (_bytes.Take(owner, bytes) is { } held) return new Place(call, held);

        call.Dispose();
        return null;
    }

    /// <summary>Of one call.</summary>
    public sealed class Place(FairPlaces.Place call, FairPlaces.Place bytes) : IDisposable
    {
        /// <summary>More was wanted than there was room for: what is read for the call is not all of it.</summary>
        public bool IsFull { get; private set; }

        /// <summary>It turns out to need more.</summary>
        /// <returns>False: there is no room, and it stays as it is.</returns>
        public bool Grow(long more)
        {
            var grows = bytes.Grow(more);
            IsFull |= !grows;
            return grows;
        }

        public void Dispose()
        {
            bytes.Dispose();
            call.Dispose();
        }
    }
}

using Agora.Core.Kernel;
using Agora.Grains.Kernel;

namespace Agora.Web;

/// <summary>Bytes of request bodies that are being read, bounded per session, per tenant and in total; all unknown callers count as one tenant. A short body is not counted, because the web server's buffer of its connection holds it.</summary>
internal sealed class BodyPlaces
{
    private readonly FairPlaces _bytes = new(Limits.LongBodyBytesOfAll, ofTenant: Limits.LongBodyBytesOfTenant, ofSession: Limits.LongBodyBytesOfSession, within: HeldBytes.Places);

    public static bool AreWanted(long bytes) => bytes > Limits.SmallBodyBytes;

    /// <returns>Dispose it when the body has been read. Null if there is no room.</returns>
    public FairPlaces.Place? Begin(PlaceOwner owner, long bytes) => _bytes.Take(owner, bytes);
}

using Agora.Core.Kernel;
using Agora.Grains.Kernel;

namespace Agora.Api.Http;

/// <summary>Bodies of requests that are being read, by their bytes: of one session, of one tenant, of all callers that are not known, and of all together. A short body is not counted: the web server's buffer of its connection holds it.</summary>
internal sealed class BodyPlaces
{
    private readonly FairPlaces _bytes = new(Limits.LongBodyBytesOfAll, ofTenant: Limits.LongBodyBytesOfTenant, ofSession: Limits.LongBodyBytesOfSession, within: HeldBytes.Places);

    public static bool AreWanted(long bytes) => bytes > Limits.SmallBodyBytes;

    /// <returns>Dispose it when the body is read. Null: there is no room.</returns>
    public FairPlaces.Place? Begin(PlaceOwner owner, long bytes) => _bytes.Take(owner, bytes);
}

using Agora.Core.Kernel;
using Agora.Grains.Kernel;

namespace Agora.Web.Lists;

/// <summary>Lists that are being sent whole: each keeps a page in memory until its reader has taken it, so a tenant has a few at once.</summary>
internal sealed class WholeLists
{
    private readonly FairPlaces _sent = new(Limits.WholeListsAtOnceOfAll, ofTenant: Limits.WholeListsAtOnce);

    /// <returns>The refusal if too many lists are being sent; null if the call has its place.</returns>
    public Rejection? Refusal(OperatorCall call) => call.Take(_sent, RequestOwners.Of(call.Actor), Codes.Unavailable);
}

using Agora.Api.Flow;
using Agora.Core.Agents;
using Agora.Core.Kernel;

namespace Agora.Api.Http;

/// <summary>What can be done where a credential is refused. Whoever signs may have no key that it could send as a bearer.</summary>
internal static class SignedActions
{
    public static IReadOnlyList<NextAction> After(Request request, Operation operation, Rejection refused) => !SignedRequests.IsMeant(request) ? [Actions.Authenticate]
        : (refused.Code, refused.FactOf(SignatureRejection.Fault)) switch
        {
            (Codes.SignatureRefused, SignedFaults.NoSessionHere or SignedFaults.OthersSession) => [Actions.AuthenticateSigned],
            (Codes.SignatureRefused, SignatureRejection.UnknownKey or SignatureRejection.RevokedKey) => [Actions.Start],
            (Codes.SignatureRefused or Codes.Unavailable or Codes.RateLimited, _) => Anew(request, operation),
            (Codes.PayloadTooLarge, _) => [],
            _ => [Actions.AuthenticateSigned],
        };

    /// <summary>A protocol of others has no next actions, and what names nothing cannot be asked for again.</summary>
    private static IReadOnlyList<NextAction> Anew(Request request, Operation operation)
    {
        if (operation.IsForeign) return [];

        var ids = operation.Sheet.Ids.Select(request.PathValue).ToList();
        return ids.TrueForAll(id => DisplayText.IsId(id)) ? [Actions.SignAnew(operation, ids)] : [];
    }
}

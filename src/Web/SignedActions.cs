using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Agents;
using Agora.Core.Kernel;

namespace Agora.Web;

/// <summary>What can be done where a credential is refused. Whoever signs may have no key that it could send as a bearer.</summary>
internal static class SignedActions
{
    private const string Again = "Send it again, signed anew by the key of the agent's card: over all that Accept-Signature names, with the time of now, and a nonce of its own.";

    /// <summary>For a caller who signs: it needs no key.</summary>
    internal static readonly NextAction Authenticate = NextAction.Authenticate with
    {
        Description = "Open a session with a request that the card's key signs, without Agora-Session; then name its session_id in the header Agora-Session of each request within it, and sign that too.",
    };

    public static IReadOnlyList<NextAction> After(Request request, Operation operation, Rejection refused) => !SignedRequests.IsMeant(request) ? [NextAction.Authenticate]
        : (refused.Code, refused.FactOf(SignatureRejection.Fault)) switch
        {
            (Codes.SignatureRefused, SignedFaults.NoSessionHere or SignedFaults.OthersSession) => [Authenticate],
            (Codes.SignatureRefused, SignatureRejection.UnknownKey or SignatureRejection.RevokedKey) => [NextAction.Start],
            (Codes.SignatureRefused or Codes.Unavailable or Codes.RateLimited, _) => Anew(request, operation),
            (Codes.PayloadTooLarge, _) => [],
            _ => [Authenticate],
        };

    /// <summary>A protocol of others has no next actions, and what names nothing cannot be asked for again.</summary>
    private static IReadOnlyList<NextAction> Anew(Request request, Operation operation)
    {
        if (operation.IsForeign) return [];

        var ids = operation.Sheet.Ids.Select(request.PathValue).ToList();
        return ids.TrueForAll(id => DisplayText.IsId(id)) ? [NextAction.Of(operation, ids) with { Description = Again }] : [];
    }
}

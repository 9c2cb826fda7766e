using Agora.Application.Calls;
using Agora.Application.Sessions;
using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Mcp;

/// <summary>Whose calls they are.</summary>
/// <param name="Token">The session's own credential; null: the request is signed within it.</param>
internal record Bearer(SessionOf Session, string? Token);

/// <summary>
/// Who may come in: a session by its token, or signed for by its agent, and an agent by its own key, which opens a session for it. Of a token and a key only the form is looked at here; whether
/// it still opens anything its stream says, with the first call. A signature is good for one request, so that one is admitted here, and its calls ask whether the card still stands.
/// </summary>
internal sealed class Bearers(SessionTokens tokens, AgentKeys keys, KeySessions sessions, SessionOwners owners, SignedRequests signed)
{
    private static readonly RequiredCredential Required = new("A session's token, or an agent's own key that is bound to a user, is required: Authorization: Bearer …");

    /// <summary>Checks the credential. If it is good, the request's places count for its caller from here on.</summary>
    public async Task<Rejection?> Refusal(Request request) => !SignedRequests.IsMeant(request) ? await Misformed(request)
        : SignedRequests.IsInSession(request) ? (await signed.Verify(request, Limits.McpMessageBytes)).Refused : SignedFaults.SessionWanted;

    private async Task<Rejection?> Misformed(Request request)
    {
        var presented = request.Bearer.ToString();
        var (session, refusal) = tokens.Read(presented);
        if (session is not null)
        {
            request.Owner = await owners.Of(session);
            return null;
        }

        if (refusal!.Code == Codes.SessionExpired) return refusal;
        if (keys.Read(presented) is not { } claimed) return Required.For(presented);

        // A key of the old form has no code that proves it, so its places count for the address until it has opened a session here.
        if (claimed.IsProven || sessions.IsOpen(presented))
        {
            request.Owner = PlaceOwners.Of(claimed.Tenant, claimed.AgentId);
        }

        return null;
    }

    /// <summary>Whose services it is about: as the credential says, which nobody else can have written. Null: an old key, of which that has yet to be looked up.</summary>
    public Tenant? TenantOf(ParentRequest parent)
    {
        if (parent.Signer is { } signer) return signer.Tenant;

        return tokens.Read(parent.Bearer).Session?.Tenant ?? keys.Read(parent.Bearer)?.Tenant;
    }

    /// <summary>What the call makes in the session that the bearer has, or that is signed for; a key's that is over is followed by another.</summary>
    public async Task<Reply> In(ParentRequest parent, Func<Bearer, Task<Reply>> call, CancellationToken cancel)
    {
        if (parent.Signer is { } signer) return await call(new(new(signer.Tenant, signer.SessionId!), null));

        if (tokens.Read(parent.Bearer).Session is { } session) return await call(new(session, parent.Bearer));

        Bearer? over = null;
        while (true)
        {
            var (bearer, refused) = await sessions.Open(parent, over, cancel);
            var reply = refused ?? await call(bearer!);
            if (refused is not null || !reply.IsOver || bearer == over) return reply;

            over = bearer;
        }
    }
}

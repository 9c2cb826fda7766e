using Agora.Application.Operations;
using Agora.Application.Sessions;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Sessions;

/// <inheritdoc cref="AgentSignIn"/>
internal sealed class AuthEndpoints(AgentSignIn signIn, SessionTokens tokens) : IFeature
{
    public static readonly Operation<AuthRequest> Auth = new(Audience.Anyone, OperationNames.Authenticate, "POST /agent/auth", "Open a session for an agent and a user, within the user's grant")
    {
        GivesSecret = true,
        Advice = "Open a session with the agent's key as bearer credential; send the token that comes back as bearer credential from then on.",
        Read = AuthRequest.Read,
        SubjectFirst = static _ => true,
        Data = typeof(AuthData),
        AnswerHeaders = AnswerHeaders.OfSession,
        Status = StatusCodes.Status201Created,
        Codes = [Codes.GrantExceeded, Codes.NotFound, Codes.SessionSuspended, Codes.ValidationFailed, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        BodyExample = """{"agent_id":"agent-1","user_id":"user-1","scopes":{"allowed_categories":["text"],"budget_limit_cents":100},"expires_in_seconds":3600}""",
        DataExample = """{"session_id":"0198c0de","token":"agt_0198c0de.1893456000.c2lnbmF0dXJl","agent_id":"agent-1","user_id":"user-1","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["text"],"allowed_consents":["*"],"allowed_payees":[],"allowed_peers":[],"model_limits":null,"ask_when_spent":false,"budget_limit_cents":100},"budget":{"limit_cents":100,"spent_cents":0,"reserved_cents":0,"remaining_cents":100},"created_at":"2029-12-31T23:00:00.000000Z","expires_at":"2030-01-01T00:00:00.000000Z"}""",
    };

    public void Map(Routes routes) => routes.Map(Auth, Open);

    private async Task<Reply> Open(KeyCall call, AuthRequest request) => (await signIn.Open(call.Caller(request.KeyKept), request, call.Cancel)).Reply(opened => Reply.Created(AuthData.Of(opened, tokens.Mint(call.Tenant, opened.SessionId, opened.ExpiresAt))));
}

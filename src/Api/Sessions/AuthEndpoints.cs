using Agora.Application.Calls;
using Agora.Application.Flow;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Sessions;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Grains.Clocks;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Sessions;

/// <summary>
/// Sessions are opened by an agent's own key, for that agent only, and by the platform key, whose holder
/// vouches for any agent and user. What the session may do is decided by the user's stream, within its grant.
/// </summary>
internal sealed class AuthEndpoints(IEntities entities, SessionTokens tokens, StoredAgents stored, ActingAgents acting, Guide guide, ApiOptions options, TenantTimes times) : IFeature
{
    private static readonly Rejection AnotherAgent = new(Codes.Unauthorized, "The key belongs to another agent than agent_id.");
    private static readonly Rejection AnotherUser = new(Codes.Unauthorized, "The key is bound to another user than user_id.");

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

    public async Task<Reply> Open(KeyCall call, AuthRequest request)
    {
        var holder = call.Holder;
        if (request.AgentId is not null && holder.AgentId is not null && request.AgentId != holder.AgentId) return Reply.Refused(AnotherAgent);
        if (request.UserId is not null && holder.UserId is not null && request.UserId != holder.UserId) return Reply.Refused(AnotherUser);
        if (call.Findings.Refusal is { } refusal) return Reply.Refused(refusal);

        var agent = holder.IsSet ? await stored.Find(call.Tenant, request.AgentId!, call.Cancel) : null;
        if (agent is { Stopped: true }) return Reply.Refused(UserRejection.Stopped);
        if (!holder.Vouches && !await stored.IsUser(call.Tenant, request.UserId!, call.Cancel)) return Reply.Refused(UserRejection.NotFound);

        var kept = TimeSpan.FromSeconds(request.ExpiresInSeconds) + Limits.ClientKeyKept;
        var open = new UserCommand.OpenSession(
            request.AgentId!, request.Scopes, request.BudgetLimitMicros, Within(holder, request.ExpiresInSeconds), holder.Vouches, holder.KeyId, agent?.Revision ?? holder.AgentRevision,
            request.EndOldest, options.Policy.Rate);
        var answer = await entities.In(call.Tenant).User(request.UserId!).Send(open, call.Context(kept));
        return answer.Rejection is { } rejection ? Reply.Refused(rejection)
            : await Refusal(call, request.AgentId!) is { } taken ? Reply.Refused(taken)
            : await Opened(call, answer.As<SessionOpened>(), answer.Replayed);
    }

    /// <summary>
    /// Looked at once more, now that the session is in the table by which it would be told: a key that was revoked, or an agent that was stopped, while it was
    /// being opened gets no token for it.
    /// </summary>
    private async Task<Rejection?> Refusal(KeyCall call, string agentId) =>
        !call.Holder.IsSet ? await call.Refusal() : await acting.Recorded(call.Tenant, agentId, call.Cancel) ? UserRejection.Stopped : null;

    /// <summary>No session outlives the key that opens it.</summary>
    private int Within(KeyHolder holder, int seconds) =>
        holder.ExpiresAt is { } end ? (int)Math.Clamp((end - times.Now(holder.Tenant)).TotalSeconds, 1, seconds) : seconds;

    /// <summary>Of a replay the budget is the session's own as it is now, not as it was.</summary>
    private async Task<Reply> Opened(KeyCall call, SessionOpened opened, bool replayed)
    {
        var session = (await entities.In(call.Tenant).Session(opened.SessionId).Send(new SessionCommand.Peek(), call.Fresh())).Reply as SessionView ?? New(opened);
        var data = new AuthData(
            opened.SessionId,
            tokens.Mint(call.Tenant, opened.SessionId, opened.ExpiresAt),
            opened.AgentId,
            opened.UserId,
            ScopesData.Of(opened.Scopes, opened.BudgetLimitMicros),
            BudgetData.Of(session.Budget),
            session.CreatedAt,
            session.ExpiresAt);
        var reply = Reply.Created(data) with { Replayed = replayed, Allowance = Allowance.Of(session) };
        try
        {
            var flow = await guide.Read(call.Tenant, session);
            return reply with { Allowance = Guide.Of(flow), NextActions = await guide.Begin(flow) };
        }
        catch (OperatingException)
        {
            // The session is open whether or not its user's stream can be asked for advice now.
            return reply with { NextActions = [Actions.FindServices] };
        }
    }

    /// <summary>As it begins: its own stream may learn of it a moment after the user's stream has answered.</summary>
    private SessionView New(SessionOpened opened) => new(
        opened.SessionId,
        opened.AgentId,
        opened.UserId,
        opened.Scopes,
        new Budget(opened.BudgetLimitMicros, 0, 0, opened.BudgetLimitMicros),
        new RateStanding(0, 0),
        opened.CreatedAt,
        opened.ExpiresAt,
        null,
        false,
        null,
        []);
}

/// <summary>A session that is asked for.</summary>
internal sealed record AuthRequest(string? AgentId, string? UserId, RequestedScopes Scopes, long? BudgetLimitMicros, int ExpiresInSeconds, bool EndOldest)
{
    private static readonly int MaxAge = (int)Limits.SessionMaxAge.TotalSeconds;

    public static AuthRequest Read(Call call)
    {
        var body = call.Body;
        var (agent, user) = (body.Id("agent_id", "The agent that acts: the one whose key this is."), body.Id("user_id", "The user it acts for."));
        var scopes = body.Object("scopes", "What the session may do.", required: false);
        var lists = AskedScopes.OfGrant.Read(scopes);
        var budget = scopes?.Cents("budget_limit_cents", "The most that this session's runs may cost; absent: the grant's. Required where the user has no grant.", required: false);
        scopes?.Finish();
        return new(
            agent,
            user,
            lists,
            budget,
            body.Integer("expires_in_seconds", "How long it lives, at most as long as the key that opens it.", 1, MaxAge, absent: MaxAge) ?? MaxAge,
            body.Flag("end_oldest", "Where the agent has as many live sessions for the user as it may: its oldest ends for this one, with all below it.", absent: false) ?? false);
    }
}

using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Contracts;
using Agora.Core.Agents;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Sessions;

/// <summary>
/// POST /agent/auth. Two credentials open sessions: an agent's own key, for that agent only, and the platform key, whose holder
/// vouches for any agent and user. What the session may do is decided by the user's stream, within its grant.
/// </summary>
internal sealed class AuthEndpoints(
    IEntities entities, SessionTokens tokens, AgentKeys keys, StoredAgents stored, Guide guide, WrongKeys wrongKeys, ApiOptions options, TimeProvider time)
{
    private static readonly Rejection Unauthorized = new(Codes.Unauthorized, "An agent's key is required: Authorization: Bearer …");
    private static readonly Rejection TooManyOldKeys = new(Codes.Unavailable, "Too many keys of the old form are being looked up; try again, or have a new key issued.", RetryAfterSeconds: 1, Retry: true);
    private static readonly Rejection AnotherAgent = new(Codes.Unauthorized, "The key belongs to another agent than agent_id.");

    public static readonly Operation Auth = new("auth", "POST", "/agent/auth", "Open a session for an agent and a user, within the user's grant", typeof(AuthData))
    {
        Status = StatusCodes.Status201Created,
        Body = Takes.Members,
        BodySchema = BodySchemas.Auth,
        Codes = [Codes.GrantExceeded, Codes.NotFound, Codes.SessionSuspended, Codes.ValidationFailed, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        BodyExample = """{"agent_id":"agent-1","user_id":"user-1","scopes":{"allowed_categories":["text"],"budget_limit_cents":100},"expires_in_seconds":3600}""",
        DataExample = """{"session_id":"0198c0de","token":"agt_0198c0de.1893456000.c2lnbmF0dXJl","agent_id":"agent-1","user_id":"user-1","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["text"],"allowed_consents":["*"],"allowed_payees":[],"budget_limit_cents":100},"budget":{"limit_cents":100,"spent_cents":0,"reserved_cents":0,"remaining_cents":100},"created_at":"2029-12-31T23:00:00Z","expires_at":"2030-01-01T00:00:00Z"}""",
    };

    /// <param name="Credential">Namespace of its idempotency keys.</param>
    /// <param name="AgentId">The only agent it may speak for; null: any.</param>
    /// <param name="KeyId">What opens the session, so that its end ends the session.</param>
    /// <param name="ExpiresAt">When the key ends, and whatever it opens; null: never.</param>
    /// <param name="AgentRevision">Of an agent's own key: the agent runs, as its stream said.</param>
    private sealed record Caller(string Credential, string? AgentId, string KeyId, DateTimeOffset? ExpiresAt = null, long AgentRevision = 0)
    {
        public bool Vouches => AgentId is null;
    }

    public async Task Guard(HttpContext http)
    {
        var presented = Credentials.Bearer(http.Request).ToString();
        var (caller, refused) = await Identify(presented, http.RequestAborted);
        var reply = caller is not null ? await Open(http, caller, presented)
            : Reply.Refused(Credentials.IsGuess(presented) ? await wrongKeys.Refuse(http, "platform", Unauthorized) : refused!);
        await (reply.Refusal is null ? reply : reply with { NextActions = [Again(reply.Refusal)] }).Write(http, options.Policy.RateLimitPerMinute);
    }

    // Who has no grant must ask; whoever asked for more than a grant allows may leave it to the grant. What no other request would mend is not offered again.
    private static NextAction Again(Rejection refusal) => refusal.Code switch
    {
        Codes.ValidationFailed => Actions.AuthenticateAsking,
        Codes.GrantExceeded => refusal.Facts?.FirstOrDefault(f => f.Name == "exceeded")?.Value switch
        {
            null => Actions.Start,
            Exceeded.MaxLiveSessions => Actions.AuthenticateReplacing,
            _ => Actions.Authenticate,
        },
        Codes.NotFound or Codes.SessionSuspended => Actions.Start,
        _ => Actions.Authenticate,
    };

    /// <summary>A key that cannot be one of ours dies here; what an unproven one claims is looked up before anything comes to life for it.</summary>
    private async Task<(Caller? Caller, Rejection? Refused)> Identify(string presented, CancellationToken cancel)
    {
        if (presented.Length > 0 && options.PlatformKeyHash is { } platform && Credentials.IsKey(presented, platform))
        {
            return (new("platform", null, Openers.Platform), null);
        }

        if (keys.Read(presented) is not { } claimed)
        {
            return (null, Unauthorized);
        }

        if (!claimed.IsProven && await stored.IsKnown(claimed.AgentId, cancel) is not true and var known)
        {
            return (null, known is null ? TooManyOldKeys : Unauthorized);
        }

        var answer = await entities.Agent(claimed.AgentId).Send(new AgentCommand.VerifyKey(Credentials.HexHash(presented)), Fresh(), cancel);
        return answer.Reply is KeyAccepted key
            ? (new($"agent:{claimed.AgentId}:{key.KeyId}", claimed.AgentId, key.KeyId, key.ExpiresAt, key.Revision), null)
            : (null, answer.Rejection!.Code == Codes.Unauthorized ? Unauthorized : answer.Rejection);
    }

    private async Task<Reply> Open(HttpContext http, Caller caller, string presented)
    {
        var findings = new Findings();
        using var body = await Body.Read(http, findings);
        var key = IdempotencyKeys.Read(http.Request, required: false, findings);
        var request = AuthRequest.Read(new(body.Root, "", findings));
        if (findings.Malformed is { } malformed)
        {
            return Reply.Refused(malformed);
        }

        if (request.AgentId is not null && caller.AgentId is not null && request.AgentId != caller.AgentId)
        {
            return Reply.Refused(AnotherAgent);
        }

        if (findings.Refusal is { } refusal)
        {
            return Reply.Refused(refusal);
        }

        var agent = caller.Vouches ? await stored.Find(request.AgentId!, http.RequestAborted) : null;
        if (agent is { Stopped: true })
        {
            return Reply.Refused(UserRejection.Stopped);
        }

        if (!caller.Vouches && !await stored.IsUser(request.UserId!, http.RequestAborted))
        {
            return Reply.Refused(UserRejection.NotFound);
        }

        var kept = TimeSpan.FromSeconds(request.ExpiresInSeconds) + Limits.ClientKeyKept;
        var context = IdempotencyKeys.Context(key, caller.Credential, key is null ? "" : IdempotencyKeys.BodyHash(http.Request, body.Raw), kept, time);
        var open = new UserCommand.OpenSession(
            request.AgentId!, request.Scopes, request.BudgetLimitMicros, Within(caller, request.ExpiresInSeconds), caller.Vouches, caller.KeyId, agent?.Revision ?? caller.AgentRevision,
            request.EndOldest, options.Policy.Rate);
        var answer = await entities.User(request.UserId!).Send(open, context);
        return answer.Rejection is { } rejection ? Reply.Refused(rejection)
            : await IsTaken(caller, request.AgentId!, presented, http.RequestAborted) is { } taken ? Reply.Refused(taken)
            : await Opened((SessionOpened)answer.Reply!, answer.Replayed);
    }

    /// <summary>No session outlives the key that opens it.</summary>
    private int Within(Caller caller, int seconds) =>
        caller.ExpiresAt is { } end ? (int)Math.Clamp((end - time.GetUtcNow()).TotalSeconds, 1, seconds) : seconds;

    /// <summary>
    /// Looked at once more, now that the session is in the table by which it would be told: a key that was revoked, or an agent that was stopped, while it was
    /// being opened gets no token for it.
    /// </summary>
    private async Task<Rejection?> IsTaken(Caller caller, string agentId, string presented, CancellationToken cancel) => caller.Vouches
        ? await stored.Find(agentId, cancel) is { Stopped: true } ? UserRejection.Stopped : null
        : (await Identify(presented, cancel)).Refused;

    /// <summary>Of a replay the budget is the session's own as it is now, not as it was.</summary>
    private async Task<Reply> Opened(SessionOpened opened, bool replayed)
    {
        var session = (await entities.Session(opened.SessionId).Send(new SessionCommand.Peek(), Fresh())).Reply as SessionView ?? New(opened);
        var data = new AuthData(
            opened.SessionId,
            tokens.Mint(opened.SessionId, opened.ExpiresAt),
            opened.AgentId,
            opened.UserId,
            ScopesData.Of(opened.Scopes, opened.BudgetLimitMicros),
            BudgetData.Of(session.Budget),
            session.CreatedAt,
            session.ExpiresAt);
        var reply = Reply.Created(data) with { Replayed = replayed, Allowance = Allowance.Of(session) };
        try
        {
            var flow = await guide.Read(session);
            return reply with { Allowance = Allowance.Of(flow), NextActions = await guide.Begin(flow) };
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

    private CommandContext Fresh() => IdempotencyKeys.Context(null, "", "", default, time);
}

internal sealed record AuthRequest(string? AgentId, string? UserId, RequestedScopes Scopes, long? BudgetLimitMicros, int ExpiresInSeconds, bool EndOldest)
{
    public static AuthRequest Read(Fields body)
    {
        var scopes = body.Object("scopes", required: false);
        var request = new AuthRequest(
            body.Id("agent_id"),
            body.Id("user_id"),
            Lists(scopes),
            scopes?.Cents("budget_limit_cents", required: false),
            body.Integer("expires_in_seconds", 1, (int)Limits.SessionMaxAge.TotalSeconds) ?? (int)Limits.SessionMaxAge.TotalSeconds,
            body.Flag("end_oldest") ?? false);
        scopes?.Finish();
        body.Finish();
        return request;
    }

    public static RequestedScopes Lists(Fields? scopes) => new(
        scopes?.Words("allowed_task_types", required: false),
        scopes?.Words("allowed_data_types", required: false),
        scopes?.Words("allowed_categories", required: false),
        scopes?.Words("allowed_consents", required: false),
        scopes?.Words("allowed_payees", required: false));
}

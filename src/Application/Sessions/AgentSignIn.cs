using Agora.Application.Calls;
using Agora.Application.Flow;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Grains.Clocks;

namespace Agora.Application.Sessions;

/// <summary>
/// Opens sessions: by an agent's own key for that agent only, and by the platform key, whose holder vouches for any agent and user. What the session may do is decided by the user's stream, within its grant.
/// </summary>
internal sealed class AgentSignIn(IEntities entities, StoredAgents stored, ActingAgents acting, Guide guide, TenantTimes times)
{
    private static readonly Rejection AnotherAgent = new(Codes.Unauthorized, "The key belongs to another agent than agent_id.");
    private static readonly Rejection AnotherUser = new(Codes.Unauthorized, "The key is bound to another user than user_id.");

    public async Task<Result<OpenedSession>> Open(KeyCaller caller, AuthRequest request, CancellationToken cancel)
    {
        var holder = caller.Holder;
        if (request.AgentId is not null && holder.AgentId is not null && request.AgentId != holder.AgentId) return Refused(AnotherAgent);
        if (request.UserId is not null && holder.UserId is not null && request.UserId != holder.UserId) return Refused(AnotherUser);
        if (caller.Wrong is { } wrong) return Refused(wrong);

        var agent = holder.IsSet ? await stored.Find(caller.Tenant, request.AgentId!, cancel) : null;
        if (agent is { Stopped: true }) return Refused(UserRejection.Stopped);
        if (!holder.Vouches && !await stored.IsUser(caller.Tenant, request.UserId!, cancel)) return Refused(UserRejection.NotFound);

        var open = new UserCommand.OpenSession(
            request.AgentId!, request.Scopes, request.BudgetLimitMicros, Within(holder, request.ExpiresInSeconds), holder.Vouches, holder.KeyId, agent?.Revision ?? holder.AgentRevision,
            request.EndOldest, caller.Rate);
        var answer = await entities.In(caller.Tenant).User(request.UserId!).Send(open, caller.Context, CancellationToken.None);
        return answer.Rejection is { } rejection ? Refused(rejection)
            : await Refusal(caller, request.AgentId!, cancel) is { } taken ? Refused(taken)
            : await Opened(caller, answer.As<SessionOpened>()) with { Replayed = answer.Replayed };
    }

    /// <summary>
    /// Looked at once more, now that the session is in the table by which it would be told: a key that was revoked, or an agent that was stopped, while it was
    /// being opened gets no token for it.
    /// </summary>
    private async Task<Rejection?> Refusal(KeyCaller caller, string agentId, CancellationToken cancel) =>
        !caller.Holder.IsSet ? await caller.Look() : await acting.Recorded(caller.Tenant, agentId, cancel) ? UserRejection.Stopped : null;

    /// <summary>No session outlives the key that opens it.</summary>
    private int Within(KeyHolder holder, int seconds) =>
        holder.ExpiresAt is { } end ? (int)Math.Clamp((end - times.Now(holder.Tenant)).TotalSeconds, 1, seconds) : seconds;

    /// <summary>Of a replay the budget is the session's own as it is now, not as it was.</summary>
    private async Task<Result<OpenedSession>> Opened(KeyCaller caller, SessionOpened opened)
    {
        var context = Commands.Fresh(times.Of(caller.Tenant));
        var session = await entities.In(caller.Tenant).Session(opened.SessionId).Peek(context) ?? New(opened);
        var result = new OpenedSession(opened, session);
        try
        {
            var flow = await guide.Read(caller.Tenant, session);
            return Result.Of(result, new(Guide.Of(flow), await guide.Begin(flow)));
        }
        catch (OperatingException)
        {
            // The session is open whether or not its user's stream can be asked for advice now.
            return Result.Of(result, new(Allowance.Of(session), [Actions.FindServices]));
        }
    }

    /// <summary>As it begins: its own stream may learn of it a moment after the user's stream has answered.</summary>
    private static SessionView New(SessionOpened opened) => new(
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

    private static Result<OpenedSession> Refused(Rejection rejection) => Result.Refused<OpenedSession>(rejection);
}

/// <summary>A session that was opened.</summary>
/// <param name="Now">The session as it is now.</param>
internal sealed record OpenedSession(SessionOpened Opened, SessionView Now)
{
    public string SessionId => Opened.SessionId;

    /// <summary>When the session ends, and its token with it.</summary>
    public DateTimeOffset ExpiresAt => Opened.ExpiresAt;
}

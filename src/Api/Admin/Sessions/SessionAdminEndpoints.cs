using Agora.Api.Runs;
using Agora.Api.Sessions;
using Agora.Application.Calls;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Journal;
using Agora.Web;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Sessions;

/// <summary>Sessions as operators see them; suspension acts on the session's pair of agent and user.</summary>
internal sealed class SessionAdminEndpoints(IEntities entities, TableReader tables, OperatorLists lists, IPersonalTexts texts) : IFeature
{
    public static readonly Operation<string> Get = new(Audience.Operators, "get_session", "GET /admin/sessions/{session_id}", "A session as it is now")
    {
        Owners = Role.User,
        Read = static call => call.Id("session_id"),
        Data = typeof(SessionData),
        Codes = [Codes.NotFound],
        DataExample = """{"session_id":"0198c0de","agent_id":"agent-1","user_id":"user-1","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"allowed_payees":[],"allowed_peers":[],"model_limits":null,"ask_when_spent":false,"budget_limit_cents":100},"budget":{"limit_cents":100,"spent_cents":0,"reserved_cents":0,"remaining_cents":100},"created_at":"2029-12-31T23:00:00.000000Z","expires_at":"2030-01-01T00:00:00.000000Z","revoked_at":null,"suspended":false,"resume_at":null,"runs":[],"parent_session_id":null,"depth":1,"key_id":"0198c0dd","links":{"user":"/admin/users/user-1","agent":"/admin/agents/agent-1","spending":"/admin/sessions/0198c0de/spending","sessions":"/admin/sessions?parent_session_id=0198c0de","runs":"/admin/runs?session_id=0198c0de","payments":"/admin/payments?session_id=0198c0de","completions":"/admin/completions?session_id=0198c0de","approvals":"/admin/approvals?session_id=0198c0de","refusals":"/admin/refusals?session_id=0198c0de","audit":"/admin/audit?session_id=0198c0de","acts":"/admin/acts?target_id=0198c0de"}}""",
    };

    public static readonly Operation<SessionAct> Suspend = new(Audience.Operators, "suspend_session", "POST /admin/sessions/{session_id}/suspend", "Suspend the session's agent for its user, until resumed")
    {
        Read = SessionAct.Read,
        Data = typeof(StandingData),
        Codes = AdminFlow.Mutation,
        BodyExample = """{"reason":"Unusual spending"}""",
        DataExample = """{"session_id":"0198c0de","agent_id":"agent-1","user_id":"user-1","suspended":true,"user_paused":false}""",
    };

    public static readonly Operation<SessionAct> Resume = Suspend with
    {
        Name = "resume_session",
        Endpoint = "POST /admin/sessions/{session_id}/resume",
        Summary = "Resume the session's agent for its user",
        BodyExample = """{"reason":"Checked with the user"}""",
        DataExample = """{"session_id":"0198c0de","agent_id":"agent-1","user_id":"user-1","suspended":false,"user_paused":false}""",
    };

    public static readonly Operation<ListRequest> List = new(Audience.Operators, "list_sessions", "GET /admin/sessions", "Sessions, newest first")
    {
        ListsIds = ["session_id"],
        Owners = Role.Principal | Role.User,
        Read = static call => ListRequest.Read(call, Narrow, hasOffset: true),
        IsList = true,
        Data = typeof(SessionsData),
        DataExample = """{"sessions":[{"session_id":"0198c0de","agent_id":"agent-1","user_id":"user-1","budget_limit_cents":100,"created_at":"2029-12-31T23:00:00.000000Z","expires_at":"2030-01-01T00:00:00.000000Z","closed_at":null,"parent_session_id":null,"depth":1}],"offset":0,"total_count":1,"total_count_unknown":null,"limit":50,"has_more":false,"next_cursor":null,"empty_because":null}""",
    };

    public static readonly Operation<SessionAct> End = new(Audience.Operators, "end_any_session", "POST /admin/sessions/{session_id}/end", "End a session, whoever holds it, and all below it")
    {
        Owners = Role.User,
        Read = SessionAct.Read,
        Data = typeof(EndedSessionData),
        Codes = AdminFlow.Mutation,
        BodyExample = """{"reason":"The token was leaked"}""",
        DataExample = """{"session_id":"0198c0de","agent_id":"agent-1","user_id":"user-1","ended_at":"2030-01-01T00:00:00.000000Z"}""",
    };

    private static readonly ListSource<SessionSummaryData> Sessions = new(
        new ListTable(UserTables.Sessions, "created_at", "parent_session_id", "user_id", "agent_id"), SessionSummaryData.Of, ListReasons.NoSessions);

    public void Map(Routes routes) => routes.Map(Get, GetSession).Map(Suspend, SuspendSession).Map(Resume, ResumeSession).Map(End, EndSession).Map(List, ListSessions);

    private async Task<Reply> GetSession(OperatorCall call, string sessionId) =>
        await Find(call, sessionId) is { } session ? Reply.Ok(SessionData.Of(session, await Web.Lists.Links.ToAgent(tables.In(call.Tenant), session.AgentId, call.Cancel))) : Reply.Refused(SessionRejection.NotFound);

    private Task<Reply> SuspendSession(OperatorCall call, SessionAct act) => ChangeStanding(call, act, (agentId, reason) => new UserCommand.Suspend(agentId, reason));

    private Task<Reply> ResumeSession(OperatorCall call, SessionAct act) => ChangeStanding(call, act, (agentId, reason) => new UserCommand.Resume(agentId, reason));

    /// <summary>Decided by the session itself, so from its answer on it does nothing any more; those below refuse to pay from that moment, and are told.</summary>
    private async Task<Reply> EndSession(OperatorCall call, SessionAct act)
    {
        var (sessionId, reason) = act;
        return await Find(call, sessionId) is { } session
            ? await call.Send<LeafCommand, SessionEnded>(
                entities.In(call.Tenant).Session(sessionId),
                new SessionCommand.EndByOperator(End.Endpoint, call.Context.Actor!, await call.Because(session.UserId, reason, texts) ?? ""),
                ended => new EndedSessionData(sessionId, session.AgentId, session.UserId, ended.RevokedAt))
            : Reply.Refused(SessionRejection.NotFound);
    }

    private static void Narrow(Filters filters) => filters
        .Id("user_id", "Only of this user.").Id("agent_id", "Only of this agent.").Id("parent_session_id", "Only those that this session delegated to.")
        .State("live: it may act; closed: it was ended; expired: its time ran out.", ["live", "closed", "expired"]).Times("created_at");

    private Task<Reply> ListSessions(OperatorCall call, ListRequest asked)
    {
        var now = call.Now.ToMicros();
        asked.Filters.Narrow(asked.Filters["state"] switch
        {
            "live" => [new("closed_at", Comparison.Equal, null), new("expires_at", Comparison.GreaterThan, now)],
            "closed" => [new("closed_at", Comparison.NotEqual, null)],
            "expired" => [new("closed_at", Comparison.Equal, null), new("expires_at", Comparison.AtMost, now)],
            _ => [],
        });
        return lists.Answer(call, List, asked, Sessions, sessions => new SessionsData(sessions, asked.Offset ?? 0));
    }

    private async Task<Reply> ChangeStanding(OperatorCall call, SessionAct act, Func<string, string, UserCommand> command)
    {
        var (sessionId, reason) = act;
        return await Find(call, sessionId) is { } session
            ? await call.Send<UserCommand, Standing>(
                entities.In(call.Tenant).User(session.UserId),
                command(session.AgentId, await call.Because(session.UserId, reason, texts) ?? ""),
                async (standing, _) => Reply.Ok(await Shown(call, session, standing)))
            : Reply.Refused(SessionRejection.NotFound);
    }

    /// <summary>The pair may act again, and the session may not: its user is paused, or somebody above it is suspended. Of a replay it is as it is now.</summary>
    private async Task<StandingData> Shown(OperatorCall call, SessionView before, Standing standing)
    {
        var now = await Find(call, before.SessionId) ?? before;
        var user = (await entities.In(call.Tenant).User(before.UserId).Send(new UserCommand.Get(), call.Fresh())).Reply as UserView;
        return new(before.SessionId, before.AgentId, before.UserId, standing.Suspended || now.Suspended, user is { Paused: true });
    }

    private async Task<SessionView?> Find(OperatorCall call, string sessionId) =>
        await entities.In(call.Tenant).Session(sessionId).Peek(call.Fresh());
}

/// <summary>What an operator does to a session, and why.</summary>
internal sealed record SessionAct(string SessionId, string Reason)
{
    public static SessionAct Read(Call call) => new(call.Id("session_id"), AdminFlow.Reason(call));
}

/// <param name="KeyId">The agent's key that opened it, or the session at its root; "platform": the platform key. Null: it is older than that is kept.</param>
internal sealed record SessionData(
    string SessionId,
    string AgentId,
    string UserId,
    ScopesData Scopes,
    BudgetData Budget,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? RevokedAt,
    bool Suspended,
    DateTimeOffset? ResumeAt,
    IReadOnlyList<RunSummaryData> Runs,
    string? ParentSessionId,
    int Depth,
    string? KeyId,
    IReadOnlyDictionary<string, string> Links)
{
    public static SessionData Of(SessionView view, string? agent) => new(
        view.SessionId,
        view.AgentId,
        view.UserId,
        ScopesData.Of(view.Scopes, view.Budget.LimitMicros),
        BudgetData.Of(view.Budget),
        view.CreatedAt,
        view.ExpiresAt,
        view.RevokedAt,
        view.Suspended,
        view.ResumeAt,
        [.. view.Runs.Select(RunSummaryData.Of)],
        view.ParentSessionId,
        view.Depth,
        view.KeyId,
        Web.Lists.Links.Of(
        [
            ("user", Web.Lists.Links.To("users", view.UserId)), ("agent", agent), ("parent", Web.Lists.Links.To("sessions", view.ParentSessionId)), ("spending", $"/admin/sessions/{view.SessionId}/spending"),
            .. Web.Lists.Links.Lists("parent_session_id", view.SessionId, "sessions"), .. Web.Lists.Links.Lists("session_id", view.SessionId, "runs", "payments", "completions", "approvals", "refusals", "audit"), Web.Lists.Links.Acts(view.SessionId),
        ]));
}

internal sealed record EndedSessionData(string SessionId, string AgentId, string UserId, DateTimeOffset EndedAt);

/// <param name="Suspended">The session does nothing: its agent is suspended for its user or stopped, one above it is, or its user is paused.</param>
internal sealed record StandingData(string SessionId, string AgentId, string UserId, bool Suspended, bool UserPaused);

internal sealed record SessionsData(IReadOnlyList<SessionSummaryData> Sessions, int Offset) : ListData;

internal sealed record SessionSummaryData(
    string SessionId,
    string AgentId,
    string UserId,
    Cents BudgetLimitCents,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? ClosedAt,
    string? ParentSessionId,
    long Depth)
{
    public static SessionSummaryData Of(NamedRow row) => new(
        row.Text("session_id"), row.Text("agent_id"), row.Text("user_id"), new(row.Number("budget_limit_micros")), row.Time("created_at"), row.Time("expires_at"), row.OptionalTime("closed_at"),
        row.OptionalText("parent_session_id"), row.Number("depth"));
}

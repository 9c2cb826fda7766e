using Agora.Api.Http;
using Agora.Api.Sessions;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Api.Admin.Users;

/// <summary>Users, their grants to agents, and the end of their personal data.</summary>
internal sealed class UserEndpoints(IEntities entities, TableReader tables, IPersonalTexts texts) : IFeature
{
    public static readonly Operation<UserRequest> Put = new(Audience.Operators, "put_user", "PUT /admin/users/{user_id}", "Put a user: attributes and caps")
    {
        Read = UserRequest.Read,
        Data = typeof(UserData),
        Codes = AdminFlow.Mutation,
        BodyExample = """{"attributes":{"country":"DE","interests":["books","music"]},"time_zone":"Europe/Berlin","daily_cap_cents":500}""",
        DataExample = """{"user_id":"user-1","attributes":{"country":["DE"],"interests":["books","music"]},"time_zone":"Europe/Berlin","daily_cap_cents":500,"monthly_cap_cents":null,"grants":[],"erased":false,"paused":false}""",
    };

    public static readonly Operation<GrantRequest> PutGrant = new(Audience.Operators, "put_grant", "PUT /admin/users/{user_id}/grants/{agent_id}", "Put what a user lets an agent do")
    {
        Read = GrantRequest.Read,
        Data = typeof(GrantData),
        Codes = AdminFlow.Mutation,
        BodyExample = """{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["text"],"allowed_consents":["data_sharing"],"allowed_payees":[],"budget_limit_cents":100},"total_limit_cents":1000,"require_approval_above_cents":50}""",
        DataExample = """{"user_id":"user-1","agent_id":"agent-1","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["text"],"allowed_consents":["data_sharing"],"allowed_payees":[],"budget_limit_cents":100},"total_limit_cents":1000,"max_live_sessions":5,"expires_at":null,"require_approval_above_cents":50}""",
    };

    public static readonly Operation<(string UserId, string AgentId)> EndGrant = new(Audience.Operators, "end_grant", "DELETE /admin/users/{user_id}/grants/{agent_id}", "End what a user lets an agent do, and every session under it")
    {
        Read = static call => (call.Id("user_id"), call.Id("agent_id")),
        Data = typeof(EndedGrantData),
        Codes = AdminFlow.Mutation,
        DataExample = """{"user_id":"user-1","agent_id":"agent-1","ended_at":"2030-01-01T00:00:00Z"}""",
    };

    public static readonly Operation<(string UserId, string Reason)> Pause = new(Audience.Operators, "pause_user", "POST /admin/users/{user_id}/pause", "Pause a user: no agent acts for the user until resumed")
    {
        Read = static call => (call.Id("user_id"), AdminFlow.Reason(call)),
        Data = typeof(UserStandingData),
        Codes = AdminFlow.Mutation,
        BodyExample = """{"reason":"The user asked for it"}""",
        DataExample = """{"user_id":"user-1","paused":true}""",
    };

    public static readonly Operation<(string UserId, string Reason)> Resume = Pause with
    {
        Name = "resume_user",
        Endpoint = "POST /admin/users/{user_id}/resume",
        Summary = "Resume a paused user: live sessions go on",
        BodyExample = """{"reason":"The user is back"}""",
        DataExample = """{"user_id":"user-1","paused":false}""",
    };

    public static readonly Operation<string> Erase = new(Audience.Operators, "erase_user", "DELETE /admin/users/{user_id}/personal-data", "Destroy the key of a user's personal data, and end all of the user's sessions")
    {
        Read = static call => call.Id("user_id"),
        Data = typeof(ErasedData),
        Codes = AdminFlow.Mutation,
        DataExample = """{"user_id":"user-1","erased_at":"2030-01-01T00:00:00Z"}""",
    };

    public static readonly Operation<(string UserId, string ConsentId)> Withdraw = new(Audience.Operators, "withdraw_users_consent", "DELETE /admin/users/{user_id}/consents/{consent_id}", "Withdraw a consent for its user, whichever agent gave it")
    {
        Read = static call => (call.Id("user_id"), call.Id("consent_id")),
        Data = typeof(WithdrawnData),
        Codes = AdminFlow.Mutation,
        DataExample = """{"consent_id":"c-1","campaign_id":"survey","withdrawn_at":"2030-01-01T00:00:00Z"}""",
    };

    public static readonly Operation<Page> List = new(Audience.Operators, "list_users", "GET /admin/users", "List users")
    {
        Read = static call => call.Query.Page(),
        Data = typeof(UsersData),
        DataExample = """{"users":[{"user_id":"user-1","daily_cap_cents":500,"monthly_cap_cents":null,"erased":false,"paused":false,"updated_at":"2030-01-01T00:00:00Z"}],"total_count":1,"offset":0,"limit":50}""",
    };

    public void Map(Routes routes) => routes
        .Map(Put, PutUser).Map(PutGrant, PutUserGrant).Map(EndGrant, EndUserGrant)
        .Map(Pause, PauseUser).Map(Resume, ResumeUser).Map(Erase, EraseUser).Map(Withdraw, WithdrawUsersConsent).Map(List, ListUsers);

    private Task<Reply> PutUser(OperatorCall call, UserRequest put) => call.Send<UserCommand, UserView>(
        entities.In(call.Tenant).User(put.UserId), new UserCommand.PutUser(Personal.Of(put.Profile), put.DailyCapMicros, put.MonthlyCapMicros), UserData.Of);

    private Task<Reply> PutUserGrant(OperatorCall call, GrantRequest put) => call.Send<UserCommand, GrantView>(
        entities.In(call.Tenant).User(put.UserId), new UserCommand.PutGrant(put.AgentId, put.Grant), view => GrantData.Of(put.UserId, view));

    private Task<Reply> EndUserGrant(OperatorCall call, (string UserId, string AgentId) end) => call.Send<UserCommand, GrantEnded>(
        entities.In(call.Tenant).User(end.UserId), new UserCommand.EndGrant(end.AgentId), ended => new EndedGrantData(end.UserId, ended.AgentId, ended.EndedAt));

    private Task<Reply> PauseUser(OperatorCall call, (string UserId, string Reason) pause) => Stand(call, pause, reason => new UserCommand.Pause(reason));

    private Task<Reply> ResumeUser(OperatorCall call, (string UserId, string Reason) resume) => Stand(call, resume, reason => new UserCommand.Unpause(reason));

    private async Task<Reply> Stand(OperatorCall call, (string UserId, string Reason) act, Func<string, UserCommand> command) => await call.Send<UserCommand, UserStanding>(
        entities.In(call.Tenant).User(act.UserId), command(await texts.Seal(call.Tenant, act.UserId, act.Reason, call.Cancel) ?? ""), standing => new UserStandingData(standing.UserId, standing.Paused));

    private Task<Reply> EraseUser(OperatorCall call, string userId) => call.Send<UserCommand, UserErased>(
        entities.In(call.Tenant).User(userId), new UserCommand.EraseData(), erased => new ErasedData(erased.UserId, erased.ErasedAt));

    private Task<Reply> WithdrawUsersConsent(OperatorCall call, (string UserId, string ConsentId) withdraw) => call.Send<UserCommand, ConsentWithdrawn>(
        entities.In(call.Tenant).User(withdraw.UserId), new UserCommand.WithdrawConsent(withdraw.ConsentId), withdrawn => new WithdrawnData(withdrawn.ConsentId, withdrawn.CampaignId, withdrawn.WithdrawnAt));

    private Task<Reply> ListUsers(OperatorCall call, Page page) => AdminFlow.Listed(
        call, page, tables, UserTables.Users, "user_id", UserSummaryData.Of, (users, total) => new UsersData(users, total, page.Offset, page.Limit));
}

/// <param name="Attributes">Null after the personal data were erased.</param>
internal sealed record UserData(
    string UserId,
    IReadOnlyDictionary<string, IReadOnlyList<string>>? Attributes,
    string? TimeZone,
    Cents? DailyCapCents,
    Cents? MonthlyCapCents,
    IReadOnlyList<GrantData> Grants,
    bool Erased,
    bool Paused)
{
    public static UserData Of(UserView view)
    {
        var profile = view.Profile?.Read<Profile>();
        return new(
            view.UserId,
            profile?.Attributes.ToDictionary(a => a.Name, a => a.Values, StringComparer.Ordinal),
            profile?.TimeZone,
            Amount(view.DailyCapMicros),
            Amount(view.MonthlyCapMicros),
            [.. view.Grants.Select(grant => GrantData.Of(view.UserId, grant))],
            view.Erased,
            view.Paused);
    }

    public static Cents? Amount(long? micros) => micros is { } amount ? new Cents(amount) : null;
}

internal sealed record GrantData(string UserId, string AgentId, ScopesData Scopes, Cents? TotalLimitCents, int MaxLiveSessions, DateTimeOffset? ExpiresAt, Cents? RequireApprovalAboveCents)
{
    public static GrantData Of(string userId, GrantView view) => new(
        userId, view.AgentId, ScopesData.Of(view.Grant.Scopes, view.Grant.BudgetLimitMicros), UserData.Amount(view.Grant.TotalLimitMicros), view.Grant.MaxLiveSessions, view.Grant.ExpiresAt,
        UserData.Amount(view.Grant.ApprovalAboveMicros));
}

internal sealed record EndedGrantData(string UserId, string AgentId, DateTimeOffset EndedAt);

internal sealed record UserStandingData(string UserId, bool Paused);

internal sealed record ErasedData(string UserId, DateTimeOffset ErasedAt);

internal sealed record UsersData(IReadOnlyList<UserSummaryData> Users, long TotalCount, int Offset, int Limit);

internal sealed record UserSummaryData(string UserId, Cents? DailyCapCents, Cents? MonthlyCapCents, bool Erased, bool Paused, DateTimeOffset UpdatedAt)
{
    public static UserSummaryData Of(NamedRow row) => new(
        row.Text("user_id"), UserData.Amount(row.OptionalNumber("daily_cap_micros")), UserData.Amount(row.OptionalNumber("monthly_cap_micros")), row.Number("erased") != 0, row.Number("paused") != 0, row.Time("updated_at"));
}

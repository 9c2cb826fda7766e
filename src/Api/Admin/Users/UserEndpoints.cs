using System.Text.Json.Nodes;
using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Api.Sessions;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Api.Admin.Users;

/// <summary>Users, their grants to agents, and the end of their personal data.</summary>
internal sealed class UserEndpoints(IEntities entities, TableReader tables, IPersonalTexts texts)
{
    public static readonly Operation Put = new("put_user", "PUT", "/admin/users/{user_id}", "Put a user: attributes and caps", typeof(UserData))
    {
        Body = Takes.Members,
        BodySchema = BodySchemas.Closed([], new()
        {
            ["attributes"] = new JsonObject
            {
                ["type"] = "object",
                ["maxProperties"] = Limits.Attributes,
                ["additionalProperties"] = new JsonObject { ["anyOf"] = new JsonArray(BodySchemas.Text(Limits.NameLength), BodySchemas.List(BodySchemas.Text(Limits.NameLength), Limits.AttributeValues)) },
                ["description"] = "What campaigns' targeting sees.",
            },
            ["time_zone"] = BodySchemas.Text(64),
            ["daily_cap_cents"] = BodySchemas.Cents("The most that all of the user's runs may cost a day."),
            ["monthly_cap_cents"] = BodySchemas.Cents("The most that all of the user's runs may cost a month."),
        }),
        Codes = AdminFlow.Mutation,
        BodyExample = """{"attributes":{"country":"DE","interests":["books","music"]},"time_zone":"Europe/Berlin","daily_cap_cents":500}""",
        DataExample = """{"user_id":"user-1","attributes":{"country":["DE"],"interests":["books","music"]},"time_zone":"Europe/Berlin","daily_cap_cents":500,"monthly_cap_cents":null,"grants":[],"erased":false,"paused":false}""",
    };

    public static readonly Operation PutGrant = new("put_grant", "PUT", "/admin/users/{user_id}/grants/{agent_id}", "Put what a user lets an agent do", typeof(GrantData))
    {
        Body = Takes.Members,
        BodySchema = BodySchemas.Closed(["scopes"], new()
        {
            ["scopes"] = BodySchemas.Closed(["budget_limit_cents"], new()
            {
                ["allowed_task_types"] = BodySchemas.Words("Absent or empty: none; [\"*\"]: all."),
                ["allowed_data_types"] = BodySchemas.Words("Absent or empty: none; [\"*\"]: all."),
                ["allowed_categories"] = BodySchemas.Words("Absent or empty: none; [\"*\"]: all."),
                ["allowed_consents"] = BodySchemas.Words("Absent: data_sharing, where any data type is allowed; empty: none; [\"*\"]: all."),
                ["allowed_payees"] = BodySchemas.Words("Wallets that the agent may pay. Absent or empty: none; [\"*\"]: all."),
                ["budget_limit_cents"] = BodySchemas.Cents("The most that one session's runs may cost."),
            }),
            ["total_limit_cents"] = BodySchemas.Cents("The most that all sessions of this grant may cost together; absent: no such limit."),
            ["require_approval_above_cents"] = BodySchemas.Cents("A run or payment that may cost more waits until the user approves it; absent: none does."),
            ["max_live_sessions"] = BodySchemas.Integer(1, Limits.MaxLiveSessions, Limits.LiveSessionsDefault),
            ["expires_at"] = BodySchemas.Time("When the grant ends; absent: never."),
        }),
        Codes = AdminFlow.Mutation,
        BodyExample = """{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["text"],"allowed_consents":["data_sharing"],"allowed_payees":[],"budget_limit_cents":100},"total_limit_cents":1000,"require_approval_above_cents":50}""",
        DataExample = """{"user_id":"user-1","agent_id":"agent-1","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["text"],"allowed_consents":["data_sharing"],"allowed_payees":[],"budget_limit_cents":100},"total_limit_cents":1000,"max_live_sessions":5,"expires_at":null,"require_approval_above_cents":50}""",
    };

    public static readonly Operation EndGrant = new(
        "end_grant", "DELETE", "/admin/users/{user_id}/grants/{agent_id}", "End what a user lets an agent do, and every session under it", typeof(EndedGrantData))
    {
        Body = Takes.Empty,
        Codes = AdminFlow.Mutation,
        DataExample = """{"user_id":"user-1","agent_id":"agent-1","ended_at":"2030-01-01T00:00:00Z"}""",
    };

    public static readonly Operation Pause = new("pause_user", "POST", "/admin/users/{user_id}/pause", "Pause a user: no agent acts for the user until resumed", typeof(UserStandingData))
    {
        Body = Takes.Members,
        BodySchema = AdminFlow.ReasonSchema,
        Codes = AdminFlow.Mutation,
        BodyExample = """{"reason":"The user asked for it"}""",
        DataExample = """{"user_id":"user-1","paused":true}""",
    };

    public static readonly Operation Resume = Pause with
    {
        Name = "resume_user",
        Route = "/admin/users/{user_id}/resume",
        Summary = "Resume a paused user: live sessions go on",
        BodyExample = """{"reason":"The user is back"}""",
        DataExample = """{"user_id":"user-1","paused":false}""",
    };

    public static readonly Operation Erase = new("erase_user", "DELETE", "/admin/users/{user_id}/personal-data", "Destroy the key of a user's personal data, and end all of the user's sessions", typeof(ErasedData))
    {
        Body = Takes.Empty,
        Codes = AdminFlow.Mutation,
        DataExample = """{"user_id":"user-1","erased_at":"2030-01-01T00:00:00Z"}""",
    };

    public static readonly Operation Withdraw = new(
        "withdraw_users_consent", "DELETE", "/admin/users/{user_id}/consents/{consent_id}", "Withdraw a consent for its user, whichever agent gave it", typeof(WithdrawnData))
    {
        Body = Takes.Empty,
        Codes = AdminFlow.Mutation,
        DataExample = """{"consent_id":"c-1","campaign_id":"survey","withdrawn_at":"2030-01-01T00:00:00Z"}""",
    };

    public static readonly Operation List = new("list_users", "GET", "/admin/users", "List users", typeof(UsersData))
    {
        Query = ["offset", "limit"],
        DataExample = """{"users":[{"user_id":"user-1","daily_cap_cents":500,"monthly_cap_cents":null,"erased":false,"paused":false,"updated_at":"2030-01-01T00:00:00Z"}],"total_count":1,"offset":0,"limit":50}""",
    };

    public async Task<Reply> PutUser(OperatorCall call)
    {
        var userId = call.PathId("user_id");
        var request = UserRequest.Read(call.Body, call.Findings);
        return call.Findings.Refusal is not null
            ? Reply.Invalid(call.Findings)
            : await call.Send<UserCommand, UserView>(
                entities.User(userId), new UserCommand.PutUser(Personal.Of(request.Profile), request.DailyCapMicros, request.MonthlyCapMicros), (view, _) => Reply.Ok(UserData.Of(view)));
    }

    public async Task<Reply> PutUserGrant(OperatorCall call)
    {
        var (userId, agentId) = (call.PathId("user_id"), call.PathId("agent_id"));
        var grant = GrantRequest.Read(call.Body);
        return call.Findings.Refusal is not null
            ? Reply.Invalid(call.Findings)
            : await call.Send<UserCommand, GrantView>(entities.User(userId), new UserCommand.PutGrant(agentId, grant), (view, _) => Reply.Ok(GrantData.Of(userId, view)));
    }

    public async Task<Reply> EndUserGrant(OperatorCall call)
    {
        var (userId, agentId) = (call.PathId("user_id"), call.PathId("agent_id"));
        call.Body.Finish();
        return call.Findings.Refusal is not null
            ? Reply.Invalid(call.Findings)
            : await call.Send<UserCommand, GrantEnded>(entities.User(userId), new UserCommand.EndGrant(agentId), (ended, _) => Reply.Ok(new EndedGrantData(userId, ended.AgentId, ended.EndedAt)));
    }

    public Task<Reply> PauseUser(OperatorCall call) => Stand(call, reason => new UserCommand.Pause(reason));

    public Task<Reply> ResumeUser(OperatorCall call) => Stand(call, reason => new UserCommand.Unpause(reason));

    private async Task<Reply> Stand(OperatorCall call, Func<string, UserCommand> command)
    {
        var userId = call.PathId("user_id");
        var reason = call.Body.Text("reason", Limits.ReasonLength);
        call.Body.Finish();
        return call.Findings.Refusal is not null
            ? Reply.Invalid(call.Findings)
            : await call.Send<UserCommand, UserStanding>(entities.User(userId), command(await texts.Seal(userId, reason, call.Http.RequestAborted) ?? ""), (standing, _) => Reply.Ok(new UserStandingData(standing.UserId, standing.Paused)));
    }

    public async Task<Reply> EraseUser(OperatorCall call)
    {
        var userId = call.PathId("user_id");
        call.Body.Finish();
        return call.Findings.Refusal is not null
            ? Reply.Invalid(call.Findings)
            : await call.Send<UserCommand, UserErased>(entities.User(userId), new UserCommand.EraseData(), (erased, _) => Reply.Ok(new ErasedData(erased.UserId, erased.ErasedAt)));
    }

    public async Task<Reply> WithdrawUsersConsent(OperatorCall call)
    {
        var (userId, consentId) = (call.PathId("user_id"), call.PathId("consent_id"));
        call.Body.Finish();
        return call.Findings.Refusal is not null
            ? Reply.Invalid(call.Findings)
            : await call.Send<UserCommand, ConsentWithdrawn>(
                entities.User(userId), new UserCommand.WithdrawConsent(consentId), (withdrawn, _) => Reply.Ok(new WithdrawnData(withdrawn.ConsentId, withdrawn.CampaignId, withdrawn.WithdrawnAt)));
    }

    public Task<Reply> ListUsers(OperatorCall call) => AdminFlow.Listed(
        call, tables, UserTables.Users, "user_id", UserSummaryData.Of, (users, total, page) => new UsersData(users, total, page.Offset, page.Limit));
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

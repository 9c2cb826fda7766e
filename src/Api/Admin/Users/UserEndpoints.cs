using Agora.Api.Sessions;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Web;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Users;

/// <summary>Users, their grants to agents, and the end of their personal data.</summary>
internal sealed class UserEndpoints(IEntities entities, TableReader tables, IPersonalTexts texts) : IFeature
{
    public static readonly Operation<UserRequest> Put = new(Audience.Operators, "put_user", "PUT /admin/users/{user_id}", "Put a user: attributes and caps")
    {
        Read = UserRequest.Read,
        Data = typeof(UserData),
        Codes = AdminFlow.Edit,
        Headers = Preconditions.OfChange,
        AnswerHeaders = [Preconditions.Etag],
        BodyExample = """{"attributes":{"country":"DE","interests":["books","music"]},"time_zone":"Europe/Berlin","daily_cap_cents":500,"per_service":{"summary":{"daily_cap_cents":100}}}""",
        DataExample = """{"user_id":"user-1","attributes":{"country":["DE"],"interests":["books","music"]},"time_zone":"Europe/Berlin","daily_cap_cents":500,"monthly_cap_cents":null,"grants":[],"erased":false,"paused":false,"per_service":{"summary":{"daily_cap_cents":100,"monthly_cap_cents":null}},"per_category":{},"raise":null}""",
    };

    public static readonly Operation<string> Get = Edits.Read(Put, "get_user", "A user as it is now, with what was spent today and this month", static call => call.Id("user_id")) with { Owners = Role.User };

    public static readonly Operation<Change<string>> Patch = Edits.Merge(Put, "patch_user", "Change a user: what is not named stays", static call => call.Id("user_id"), """{"attributes":{"country":"NO"},"monthly_cap_cents":2000}""");

    public static readonly Operation<GrantRequest> PutGrant = new(Audience.Operators, "put_grant", "PUT /admin/users/{user_id}/grants/{agent_id}", "Put what a user lets an agent do")
    {
        Read = GrantRequest.Read,
        Data = typeof(GrantData),
        Codes = AdminFlow.Edit,
        Headers = Preconditions.OfChange,
        AnswerHeaders = [Preconditions.Etag],
        BodyExample = """{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["text"],"allowed_consents":["data_sharing"],"allowed_payees":[],"allowed_peers":[],"budget_limit_cents":100},"total_limit_cents":1000,"require_approval_above_cents":50}""",
        DataExample = """{"user_id":"user-1","agent_id":"agent-1","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["text"],"allowed_consents":["data_sharing"],"allowed_payees":[],"allowed_peers":[],"model_limits":null,"ask_when_spent":false,"budget_limit_cents":100},"total_limit_cents":1000,"max_live_sessions":5,"expires_at":null,"require_approval_above_cents":50,"raise":null}""",
    };

    public static readonly Operation<(string UserId, string AgentId)> GetGrant = Edits.Read(PutGrant, "get_grant", "What a user lets an agent do, and what it has spent", GrantId) with { Owners = Role.User };

    public static readonly Operation<Change<(string UserId, string AgentId)>> PatchGrant = Edits.Merge(PutGrant, "patch_grant", "Change what a user lets an agent do: what is not named stays", GrantId, """{"scopes":{"budget_limit_cents":200},"expires_at":null}""");

    public static readonly Operation<(string UserId, string AgentId)> EndGrant = new(Audience.Operators, "end_grant", "DELETE /admin/users/{user_id}/grants/{agent_id}", "End what a user lets an agent do, and every session under it")
    {
        Owners = Role.User,
        Read = GrantId,
        Data = typeof(EndedGrantData),
        Codes = AdminFlow.Edit,
        Headers = Preconditions.OfChange,
        DataExample = """{"user_id":"user-1","agent_id":"agent-1","ended_at":"2030-01-01T00:00:00.000000Z"}""",
    };

    public static readonly Operation<(string UserId, string Reason)> Pause = new(Audience.Operators, "pause_user", "POST /admin/users/{user_id}/pause", "Pause a user: no agent acts for the user until resumed")
    {
        Owners = Role.User,
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
        Owners = Role.User,
        Least = Role.Admin,
        Read = static call => call.Id("user_id"),
        Data = typeof(ErasedData),
        Codes = AdminFlow.Mutation,
        DataExample = """{"user_id":"user-1","erased_at":"2030-01-01T00:00:00.000000Z"}""",
    };

    public static readonly Operation<(string UserId, string ConsentId)> Withdraw = new(Audience.Operators, "withdraw_users_consent", "DELETE /admin/users/{user_id}/consents/{consent_id}", "Withdraw a consent for its user, whichever agent gave it")
    {
        Owners = Role.User,
        Read = static call => (call.Id("user_id"), call.Id("consent_id")),
        Data = typeof(WithdrawnData),
        Codes = AdminFlow.Mutation,
        DataExample = """{"consent_id":"c-1","campaign_id":"survey","withdrawn_at":"2030-01-01T00:00:00.000000Z"}""",
    };

    public static readonly Operation<Page> List = new(Audience.Operators, "list_users", "GET /admin/users", "List users")
    {
        ListsIds = ["user_id"],
        Read = static call => call.Query.Page(),
        Data = typeof(UsersData),
        DataExample = """{"users":[{"user_id":"user-1","daily_cap_cents":500,"monthly_cap_cents":null,"erased":false,"paused":false,"updated_at":"2030-01-01T00:00:00.000000Z"}],"total_count":1,"total_count_unknown":null,"offset":0,"limit":50}""",
    };

    private readonly Editing<string, UserRequest, UserCommand, UserView> _users = new()
    {
        Get = Get,
        Put = Put,
        Entity = (tenant, id) => entities.In(tenant).User(id),
        Find = async (call, id) => await Inspect(entities, call, id) is var (seen, refusal) && seen is not null ? new(seen.View, UserData.Of(seen) with { Links = Links.Of([.. Links.Deeds($"user_id={id}"), Links.Acts(id)]) }) : Found<UserView>.No(refusal!),
        IdOf = static put => put.UserId,
        Path = static id => [id],
        Command = static (put, replacing) => new UserCommand.PutUser(Personal.Of(put.Profile), put.DailyCapMicros, put.MonthlyCapMicros, replacing, put.Parts),
        Etag = static view => view.Etag,
        Data = static (_, view) => UserData.Of(view),
    };

    private readonly Editing<(string UserId, string AgentId), GrantRequest, UserCommand, GrantView> _grants = new()
    {
        Get = GetGrant,
        Put = PutGrant,
        Entity = (tenant, id) => entities.In(tenant).User(id.UserId),
        Find = async (call, id) => await Inspect(entities, call, id.UserId) is var (seen, refusal) && seen is null ? Found<GrantView>.No(refusal!)
            : seen.View.Grants.FirstOrDefault(grant => grant.AgentId == id.AgentId) is { } grant ? new(grant, GrantData.Of(seen, grant) with { Links = await GrantLinks(tables.In(call.Tenant), call, id.UserId, id.AgentId) })
            : Found<GrantView>.No(UserRejection.NoSuchGrant),
        IdOf = static put => (put.UserId, put.AgentId),
        Path = static id => [id.UserId, id.AgentId],
        Command = static (put, replacing) => new UserCommand.PutGrant(put.AgentId, put.Grant, replacing),
        Etag = static view => view.Etag,
        Data = static (id, view) => GrantData.Of(id.UserId, view),
        Mends = static (id, refusal) => refusal == UserRejection.NotFound ? NextAction.Of(Put, [id.UserId]) : null,
    };

    private static readonly Rejection PausedByOthers = new(Codes.Forbidden, "An operator paused this user, so an operator resumes it.");

    public void Map(Routes routes) => routes
        .Map(Put, _users.Replace).Map(Get, _users.Read).Map(Patch, _users.Merge)
        .Map(PutGrant, _grants.Replace).Map(GetGrant, _grants.Read).Map(PatchGrant, _grants.Merge).Map(EndGrant, EndUserGrant)
        .Map(Pause, PauseUser).Map(Resume, ResumeUser).Map(Erase, EraseUser).Map(Withdraw, WithdrawUsersConsent).Map(List, ListUsers);

    private static (string UserId, string AgentId) GrantId(Call call) => (call.Id("user_id"), call.Id("agent_id"));

    private static async Task<(UserInspected? Seen, Rejection? Refusal)> Inspect(IEntities entities, OperatorCall call, string userId)
    {
        var answer = await entities.In(call.Tenant).User(userId).Send(new UserCommand.Inspect(), call.Fresh());
        return ((UserInspected?)answer.Reply, answer.Rejection);
    }

    private static async Task<IReadOnlyDictionary<string, string>> GrantLinks(TenantTables own, OperatorCall call, string userId, string agentId) => Links.Of(
        [("user", Links.To("users", userId)), ("agent", await Links.ToAgent(own, agentId, call.Cancel)), .. Links.Deeds($"user_id={userId}&agent_id={agentId}"), ("acts", $"/admin/acts?target_id={userId}&part_id={agentId}")]);

    private async Task<Reply> EndUserGrant(OperatorCall call, (string UserId, string AgentId) end)
    {
        var reply = await call.Send<UserCommand, GrantEnded>(
            entities.In(call.Tenant).User(end.UserId), new UserCommand.EndGrant(end.AgentId, call.If), ended => new EndedGrantData(end.UserId, ended.AgentId, ended.EndedAt));
        return reply.Refusal is { Code: Codes.PreconditionFailed } failed ? _grants.Refused(end, failed) : reply;
    }

    private Task<Reply> PauseUser(OperatorCall call, (string UserId, string Reason) pause) => Stand(call, pause, reason => new UserCommand.Pause(reason));

    /// <summary>A user lifts no pause that somebody else has put.</summary>
    private async Task<Reply> ResumeUser(OperatorCall call, (string UserId, string Reason) resume)
    {
        if (!call.Actor.Roles.Include(Role.Operator) && await PausedBy(call, resume.UserId) is { } other && other != call.Context.Actor)
        {
            return Reply.Refused(PausedByOthers);
        }

        return await Stand(call, resume, reason => new UserCommand.Unpause(reason));
    }

    private async Task<string?> PausedBy(OperatorCall call, string userId) =>
        (await tables.In(call.Tenant).First(ActTables.Acts, [new("at", Descending: true)], [TableReader.Is("target_id", userId), TableReader.Is("operation", Pause.Name)], 1, call.Cancel)) is [var act] ? act.Text("actor") : null;

    private async Task<Reply> Stand(OperatorCall call, (string UserId, string Reason) act, Func<string, UserCommand> command) => await call.Send<UserCommand, UserStanding>(
        entities.In(call.Tenant).User(act.UserId), command(await call.Because(act.UserId, act.Reason, texts) ?? ""), standing => new UserStandingData(standing.UserId, standing.Paused));

    private Task<Reply> EraseUser(OperatorCall call, string userId) => call.Send<UserCommand, UserErased>(
        entities.In(call.Tenant).User(userId), new UserCommand.EraseData(), erased => new ErasedData(erased.UserId, erased.ErasedAt));

    private Task<Reply> WithdrawUsersConsent(OperatorCall call, (string UserId, string ConsentId) withdraw) => call.Send<UserCommand, ConsentWithdrawn>(
        entities.In(call.Tenant).User(withdraw.UserId), new UserCommand.WithdrawConsent(withdraw.ConsentId), withdrawn => new WithdrawnData(withdrawn.ConsentId, withdrawn.CampaignId, withdrawn.WithdrawnAt));

    private Task<Reply> ListUsers(OperatorCall call, Page page) => AdminFlow.Listed(
        call, page, tables, UserTables.Users, "user_id", UserSummaryData.Of, (users, total) => new UsersData(users, total.Number, total.Unknown(call.Words), page.Offset, page.Limit));
}

using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Web;

namespace Agora.Api.Admin.Users;

/// <summary>Caps that are higher until a time: of a user, and of a grant.</summary>
internal sealed class RaiseEndpoints(IEntities entities, IPersonalTexts texts) : IFeature
{
    public static readonly Operation<RaiseRequest> Put = new(Audience.Operators, "put_raise", "PUT /admin/users/{user_id}/raise", "Raise a user's caps until a time")
    {
        Read = RaiseRequest.Read,
        Data = typeof(UserRaiseData),
        Codes = AdminFlow.Edit,
        Headers = Preconditions.OfChange,
        AnswerHeaders = [Preconditions.Etag],
        BodyExample = """{"daily_cap_cents":900,"until":"2030-01-02T00:00:00Z","reason":"The user asked for it, for today"}""",
        DataExample = """{"user_id":"user-1","daily_cap_cents":900,"monthly_cap_cents":null,"until":"2030-01-02T00:00:00.000000Z"}""",
    };

    public static readonly Operation<string> Get = Edits.Read(Put, "get_raise", "What raises a user's caps now", static call => call.Id("user_id"));

    public static readonly Operation<string> End = new(Audience.Operators, "end_raise", "DELETE /admin/users/{user_id}/raise", "End a raise of a user's caps before its time")
    {
        Read = static call => call.Id("user_id"),
        Data = typeof(EndedRaiseData),
        Codes = AdminFlow.Edit,
        Headers = Preconditions.OfChange,
        DataExample = """{"user_id":"user-1"}""",
    };

    public static readonly Operation<GrantRaiseRequest> PutOfGrant = new(
        Audience.Operators, "put_grant_raise", "PUT /admin/users/{user_id}/grants/{agent_id}/raise", "Raise the total of what a user lets an agent spend until a time")
    {
        Read = GrantRaiseRequest.Read,
        Data = typeof(GrantRaiseData),
        Codes = AdminFlow.Edit,
        Headers = Preconditions.OfChange,
        AnswerHeaders = [Preconditions.Etag],
        BodyExample = """{"total_limit_cents":2000,"until":"2030-01-02T00:00:00Z","reason":"The user asked for it, for today"}""",
        DataExample = """{"user_id":"user-1","agent_id":"agent-1","total_limit_cents":2000,"until":"2030-01-02T00:00:00.000000Z"}""",
    };

    public static readonly Operation<(string UserId, string AgentId)> GetOfGrant = Edits.Read(PutOfGrant, "get_grant_raise", "What raises a grant's total now", GrantId);

    public static readonly Operation<(string UserId, string AgentId)> EndOfGrant = new(
        Audience.Operators, "end_grant_raise", "DELETE /admin/users/{user_id}/grants/{agent_id}/raise", "End a raise of a grant's total before its time")
    {
        Read = GrantId,
        Data = typeof(EndedGrantRaiseData),
        Codes = AdminFlow.Edit,
        Headers = Preconditions.OfChange,
        DataExample = """{"user_id":"user-1","agent_id":"agent-1"}""",
    };

    private readonly Editing<string, RaiseRequest, UserCommand, UserView> _caps = new()
    {
        Get = Get,
        Put = Put,
        Entity = (tenant, id) => entities.In(tenant).User(id),
        Find = async (call, id) => await Inspect(entities, call, id) is var (seen, refusal) && seen is null ? Found<UserView>.No(refusal!)
            : seen.Raise is { } raise ? new(seen.View with { Raise = raise }, UserRaiseData.Of(id, raise))
            : Found<UserView>.No(UserRejection.NoRaise),
        IdOf = static put => put.UserId,
        Path = static id => [id],
        Command = static (put, replacing) => new UserCommand.RaiseCaps(put.Raise, replacing.If),
        Etag = static view => view.Raise!.Etag,
        Data = static (id, view) => UserRaiseData.Of(id, view.Raise!),
        Mends = static (id, refusal) => refusal == UserRejection.NotFound ? NextAction.Of(UserEndpoints.Put, [id]) : null,
    };

    private readonly Editing<(string UserId, string AgentId), GrantRaiseRequest, UserCommand, GrantView> _grants = new()
    {
        Get = GetOfGrant,
        Put = PutOfGrant,
        Entity = (tenant, id) => entities.In(tenant).User(id.UserId),
        Find = async (call, id) => await Inspect(entities, call, id.UserId) is var (seen, refusal) && seen is null ? Found<GrantView>.No(refusal!)
            : seen.View.Grants.FirstOrDefault(grant => grant.AgentId == id.AgentId) is not { } view ? Found<GrantView>.No(UserRejection.NoSuchGrant)
            : seen.RaiseOf(id.AgentId) is { } raise ? new(view with { Raise = raise }, GrantRaiseData.Of(id.UserId, id.AgentId, raise))
            : Found<GrantView>.No(UserRejection.NoRaise),
        IdOf = static put => (put.UserId, put.AgentId),
        Path = static id => [id.UserId, id.AgentId],
        Command = static (put, replacing) => new UserCommand.RaiseGrant(put.AgentId, put.Raise, replacing.If),
        Etag = static view => view.Raise!.Etag,
        Data = static (id, view) => GrantRaiseData.Of(id.UserId, id.AgentId, view.Raise!),
        Mends = static (id, refusal) => refusal == UserRejection.NotFound ? NextAction.Of(UserEndpoints.Put, [id.UserId]) : refusal == UserRejection.NoSuchGrant ? NextAction.Of(UserEndpoints.PutGrant, [id.UserId, id.AgentId]) : null,
    };

    public void Map(Routes routes) => routes
        .Map(Put, PutRaise).Map(Get, _caps.Read).Map(End, EndRaise)
        .Map(PutOfGrant, PutGrantRaise).Map(GetOfGrant, _grants.Read).Map(EndOfGrant, EndGrantRaise);

    private static (string UserId, string AgentId) GrantId(Call call) => (call.Id("user_id"), call.Id("agent_id"));

    private static async Task<(UserInspected? Seen, Rejection? Refusal)> Inspect(IEntities entities, OperatorCall call, string userId)
    {
        var answer = await entities.In(call.Tenant).User(userId).Send(new UserCommand.Inspect(), call.Fresh());
        return ((UserInspected?)answer.Reply, answer.Rejection);
    }

    private async Task<Reply> PutRaise(OperatorCall call, RaiseRequest put)
    {
        await call.Because(put.UserId, put.Reason, texts);
        return await _caps.Replace(call, put);
    }

    private async Task<Reply> PutGrantRaise(OperatorCall call, GrantRaiseRequest put)
    {
        await call.Because(put.UserId, put.Reason, texts);
        return await _grants.Replace(call, put);
    }

    private async Task<Reply> EndRaise(OperatorCall call, string userId)
    {
        var reply = await call.Send<UserCommand, UserView>(entities.In(call.Tenant).User(userId), new UserCommand.EndRaise(call.If), _ => new EndedRaiseData(userId));
        return reply.Refusal is { } refusal ? _caps.Refused(userId, refusal) : reply;
    }

    private async Task<Reply> EndGrantRaise(OperatorCall call, (string UserId, string AgentId) id)
    {
        var reply = await call.Send<UserCommand, GrantView>(
            entities.In(call.Tenant).User(id.UserId), new UserCommand.EndGrantRaise(id.AgentId, call.If), _ => new EndedGrantRaiseData(id.UserId, id.AgentId));
        return reply.Refusal is { } refusal ? _grants.Refused(id, refusal) : reply;
    }
}

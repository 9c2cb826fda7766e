using System.Text.Json.Serialization;
using Agora.Application.Catalogue;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Agents;
using Agora.Core.Funds;
using Agora.Web;
using Agora.Web.Lists;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Admin.Agents;

/// <summary>Agents: who is behind them, and their keys. A key is shown once; what is kept is its hash.</summary>
internal sealed class AgentEndpoints(IEntities entities, TableReader tables, AgentKeys keys, Catalogues catalogues, ActingAgents acting) : IFeature
{
    private const string Example = """{"agent_id":"agent-1","owner":"acme","stopped":false,"updated_at":"2030-01-01T00:00:00.000000Z"}""";

    public static readonly Operation<(string AgentId, string? Owner)> Put = new(Audience.Operators, "put_agent", "PUT /admin/agents/{agent_id}", "Put an agent: who is behind it")
    {
        Owners = Role.Principal,
        Read = static call => (call.Id("agent_id"), call.Body.Id("owner", "Who is behind the agent; absent: nobody says.", required: false)),
        Data = typeof(AgentData),
        Codes = AdminFlow.Edit,
        Headers = Preconditions.OfChange,
        AnswerHeaders = [Preconditions.Etag],
        BodyExample = """{"owner":"acme"}""",
        DataExample = Example,
    };

    public static readonly Operation<string> Get = Edits.Read(Put, "get_agent", "An agent as it is now", static call => call.Id("agent_id"));

    public static readonly Operation<Change<string>> Patch = Edits.Merge(Put, "patch_agent", "Change an agent: what is not named stays", static call => call.Id("agent_id"), """{"owner":null}""");

    public static readonly Operation<Page> List = new(Audience.Operators, "list_agents", "GET /admin/agents", "List agents")
    {
        ListsIds = ["agent_id"],
        Owners = Role.Principal,
        ListsOwn = true,
        Read = static call => call.Query.Page(),
        Data = typeof(AgentsData),
        DataExample = $$"""{"agents":[{{Example}}],"total_count":1,"total_count_unknown":null,"offset":0,"limit":50}""",
    };

    public static readonly Operation<KeyRequest> Issue = new(Audience.Operators, "issue_agent_key", "POST /admin/agents/{agent_id}/keys", "Give an agent a key; a replay shows key as null")
    {
        Owners = Role.Principal,
        GivesSecret = true,
        Read = KeyRequest.Read,
        Data = typeof(KeyData),
        Status = StatusCodes.Status201Created,
        Codes = [.. AdminFlow.Mutation, Core.Kernel.Codes.TestOnly],
        BodyExample = """{"expires_at":"2030-01-01T00:00:00Z"}""",
        DataExample = """{"key_id":"0198c0de","key":"agk2_live_default.agent-1.c2VjcmV0.Y29kZQ","test":false,"expires_at":"2030-01-01T00:00:00.000000Z"}""",
    };

    public static readonly Operation<string> Keys = new(Audience.Operators, "list_agent_keys", "GET /admin/agents/{agent_id}/keys", "An agent's keys, newest first, and never their text")
    {
        ListsIds = ["key_id"],
        Owners = Role.Principal,
        Read = static call => call.Id("agent_id"),
        Data = typeof(AgentKeysData),
        Codes = [Core.Kernel.Codes.NotFound],
        DataExample = """{"agent_id":"agent-1","keys":[{"key_id":"0198c0de","fingerprint":"9f86d081884c7d65","created_at":"2029-12-01T00:00:00.000000Z","expires_at":"2030-01-01T00:00:00.000000Z","revoked_at":null,"live":true}],"links":{"agent":"/admin/agents/agent-1","acts":"/admin/acts?target_id=agent-1"}}""",
    };

    public static readonly Operation<(string AgentId, string KeyId)> Revoke = new(Audience.Operators, "revoke_agent_key", "DELETE /admin/agents/{agent_id}/keys/{key_id}", "Revoke an agent's key, and end every session that it opened")
    {
        Owners = Role.Principal,
        Read = static call => (call.Id("agent_id"), call.Id("key_id")),
        Data = typeof(RevokedKeyData),
        Codes = AdminFlow.Mutation,
        DataExample = """{"key_id":"0198c0de","revoked_at":"2030-01-01T00:00:00.000000Z"}""",
    };

    public static readonly Operation<(string AgentId, string Reason)> Stop = new(Audience.Operators, "stop_agent", "POST /admin/agents/{agent_id}/stop", "Stop an agent: it acts for nobody until it is started again")
    {
        Owners = Role.Principal,
        Read = static call => (call.Id("agent_id"), AdminFlow.Reason(call)),
        Data = typeof(AgentData),
        Codes = AdminFlow.Mutation,
        BodyExample = """{"reason":"It answers nonsense"}""",
        DataExample = """{"agent_id":"agent-1","owner":"acme","stopped":true,"updated_at":"2030-01-01T00:00:00.000000Z"}""",
    };

    public static readonly Operation<(string AgentId, string Reason)> Start = Stop with
    {
        Name = "start_agent",
        Endpoint = "POST /admin/agents/{agent_id}/start",
        Summary = "Start a stopped agent: live sessions go on",
        BodyExample = """{"reason":"It was mended"}""",
        DataExample = Example,
    };

    public static readonly Operation<(string AgentId, string Reason)> RevokeCard = Stop with
    {
        Name = "revoke_agent_card",
        Endpoint = "POST /admin/agents/{agent_id}/revoke-card",
        Summary = "Revoke an agent's card for ever: it signs no request any more, and offers no skill",
        Data = typeof(RevokedCardData),
        BodyExample = """{"reason":"Its API key was stolen, and a card put with it"}""",
        DataExample = """{"agent_id":"agent-1","revoked_at":"2030-01-01T00:00:00.000000Z"}""",
    };

    private static readonly Core.Kernel.Rejection IsForTests = Findings.Invalid("/test", "const", "An operator's key for tests gives keys for tests only.");

    private readonly Editing<string, (string AgentId, string? Owner), AgentCommand, AgentView> _edits = new()
    {
        Get = Get,
        Put = Put,
        Entity = (tenant, id) => entities.In(tenant).Agent(id),
        Find = async (call, id) =>
        {
            await acting.RecordIfActed(call.Tenant, id, call.Cancel);
            var wallet = await Links.ToWallet(tables.In(call.Tenant), WalletIds.Agent(id), call.Cancel);
            return Found.Of<AgentView>(
                await entities.In(call.Tenant).Agent(id).Send(new AgentCommand.Get(), call.Fresh()),
                view => AgentData.Of(view) with { Links = Links.Of([.. Links.Deeds($"agent_id={id}"), ("keys", $"/admin/agents/{id}/keys"), ("wallet", wallet), Links.Acts(id), ("grants", $"/admin/acts?operation=put_grant&part_id={id}")]) });
        },
        IdOf = static put => put.AgentId,
        Path = static id => [id],
        Command = static (put, replacing) => new AgentCommand.PutAgent(put.Owner, replacing),
        Etag = static view => view.Etag,
        Data = static (_, view) => AgentData.Of(view),
    };

    public void Map(Routes routes) =>
        routes.Map(Put, _edits.Replace).Map(Get, _edits.Read).Map(Patch, _edits.Merge).Map(List, ListAgents).Map(Stop, StopAgent).Map(Start, StartAgent).Map(RevokeCard, RevokeAgentCard).Map(Keys, ListKeys).Map(Issue, IssueKey).Map(Revoke, RevokeKey);

    private Task<Reply> ListAgents(OperatorCall call, Page page) => AdminFlow.Listed(
        call, page, tables, AgentTables.Agents, "agent_id", AgentData.Of, (agents, total) => new AgentsData(agents, total.Number, total.Unknown(call.Words), page.Offset, page.Limit),
        call.OnlyOf is { } owner ? [TableReader.Is("owner", owner)] : []);

    private Task<Reply> StopAgent(OperatorCall call, (string AgentId, string Reason) stop) => Send(call, stop.AgentId, new AgentCommand.Stop(call.Because(stop.Reason) ?? ""));

    private Task<Reply> StartAgent(OperatorCall call, (string AgentId, string Reason) start) => Send(call, start.AgentId, new AgentCommand.Start(call.Because(start.Reason) ?? ""));

    private Task<Reply> RevokeAgentCard(OperatorCall call, (string AgentId, string Reason) revoke)
    {
        call.Because(revoke.Reason);
        return call.Send<AgentCommand, AgentCard>(entities.In(call.Tenant).Agent(revoke.AgentId), new AgentCommand.RevokeCard(SignedCard.OperatorsWord, null), card =>
        {
            catalogues.Agents(call.Tenant).Put(card);
            return new RevokedCardData(card.AgentId, card.UpdatedAt);
        });
    }

    private Task<Reply> IssueKey(OperatorCall call, KeyRequest request)
    {
        if (request.Test is { } test && test != call.Tenant.IsTest) return Task.FromResult(Reply.Refused(test ? TestMode.Only : IsForTests));

        var key = keys.New(call.Tenant, request.AgentId);
        return call.Send<AgentCommand, KeyIssued>(
            entities.In(call.Tenant).Agent(request.AgentId),
            new AgentCommand.IssueKey(Credentials.HexHash(key), request.ExpiresAt, request.UserId),
            (issued, replayed) => Task.FromResult(Reply.Created(new KeyData(issued.KeyId, replayed ? null : key, call.Tenant.IsTest, issued.ExpiresAt, issued.UserId))));
    }

    private async Task<Reply> ListKeys(OperatorCall call, string agentId)
    {
        await acting.RecordIfActed(call.Tenant, agentId, call.Cancel);
        var answer = await entities.In(call.Tenant).Agent(agentId).Send(new AgentCommand.ListKeys(), call.Fresh());
        return answer.Rejection is { } refusal ? Reply.Refused(refusal) : Reply.Ok(AgentKeysData.Of(answer.As<AgentKeysView>()));
    }

    private Task<Reply> RevokeKey(OperatorCall call, (string AgentId, string KeyId) revoke) => call.Send<AgentCommand, KeyRevoked>(
        entities.In(call.Tenant).Agent(revoke.AgentId), new AgentCommand.RevokeKey(revoke.KeyId), revoked => new RevokedKeyData(revoked.KeyId, revoked.RevokedAt));

    private async Task<Reply> Send(OperatorCall call, string agentId, AgentCommand command)
    {
        await acting.RecordIfActed(call.Tenant, agentId, call.Cancel);
        return await call.Send<AgentCommand, AgentView>(entities.In(call.Tenant).Agent(agentId), command, AgentData.Of);
    }
}

/// <summary>A key that is asked for.</summary>
internal sealed record KeyRequest(string AgentId, DateTimeOffset? ExpiresAt, bool? Test, string? UserId)
{
    public static KeyRequest Read(Call call) => new(
        call.Id("agent_id"),
        call.Body.Time("expires_at", "When the key ends, and every session that it opens; absent: never."),
        call.Body.Flag("test", "Whether a key for tests is meant: it opens what the operator's own key does, and else is refused.", absent: null),
        call.Body.Id("user_id", "The only user for whom the key opens sessions; with it the key itself is a bearer at /mcp. Absent: any user whom it names.", required: false));
}

internal sealed record AgentData(string AgentId, string? Owner, bool Stopped, DateTimeOffset UpdatedAt)
{
    /// <summary>Members that lost their values to a put that did not name them; absent where none did.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Dropped { get; private init; }

    /// <summary>Where it was read: what hangs on it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Links { get; init; }

    public static AgentData Of(AgentView view) => new(view.AgentId, view.Owner, view.Stopped, view.UpdatedAt) { Dropped = view.Dropped };

    public static AgentData Of(NamedRow row) => new(row.Text("agent_id"), row.OptionalText("owner"), row.Number("stopped") != 0, row.Time("updated_at"));
}

internal sealed record AgentsData(IReadOnlyList<AgentData> Agents, long? TotalCount, string? TotalCountUnknown, int Offset, int Limit);

/// <param name="Key">Null in a replay: it was shown once, and cannot be again.</param>
internal sealed record KeyData(string KeyId, string? Key, bool Test, DateTimeOffset? ExpiresAt, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? UserId = null);

/// <param name="Fingerprint">The first 16 characters of the SHA-256 of the key's text, in hex.</param>
internal sealed record AgentKeyData(string KeyId, string Fingerprint, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt, bool Live, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? UserId = null);

internal sealed record AgentKeysData(string AgentId, IReadOnlyList<AgentKeyData> Keys, IReadOnlyDictionary<string, string> Links)
{
    public static AgentKeysData Of(AgentKeysView view) => new(
        view.AgentId,
        [.. view.Keys.Select(key => new AgentKeyData(key.KeyId, key.Fingerprint, key.CreatedAt, key.ExpiresAt, key.RevokedAt, key.Live, key.UserId))],
        Web.Lists.Links.Of(("agent", Web.Lists.Links.To("agents", view.AgentId)), Web.Lists.Links.Acts(view.AgentId)));
}

internal sealed record RevokedCardData(string AgentId, DateTimeOffset RevokedAt);

internal sealed record RevokedKeyData(string KeyId, DateTimeOffset RevokedAt);

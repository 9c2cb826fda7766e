using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Application.Calls;
using Agora.Application.Flow;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Grains.Clocks;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Sessions;

/// <summary>Sub-sessions: opening one for another agent, and the tree below a session.</summary>
internal sealed class DelegationEndpoints(IEntities entities, SessionTokens tokens, StoredAgents stored, ActingAgents acting, Guide guide, TenantTimes times) : IFeature
{
    public static readonly Operation<DelegationRequest> Delegate = new(
        Audience.Agents, OperationNames.Delegate, "POST /agent/session/delegate", "Open a sub-session for another agent, within this session's scopes, budget and time")
    {
        Tool = new("delegate"),
        GivesSecret = true,
        Advice = "Open a sub-session for another agent, within this one; what is left out is as in this session.",
        Read = DelegationRequest.Read,
        Data = typeof(DelegatedData),
        Status = StatusCodes.Status201Created,
        Codes = [Codes.GrantExceeded, Codes.ValidationFailed, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        BodyExample = """{"agent_id":"agent-2","scopes":{"allowed_categories":["text"],"budget_limit_cents":20},"expires_in_seconds":600}""",
        DataExample = """{"session_id":"0198c0df.0198c0de","token":"agt_0198c0df.0198c0de.1893456000.c2lnbmF0dXJl","agent_id":"agent-2","user_id":"user-1","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["text"],"allowed_consents":["*"],"allowed_payees":[],"allowed_peers":[],"model_limits":null,"ask_when_spent":false,"budget_limit_cents":20},"budget":{"limit_cents":20,"spent_cents":0,"reserved_cents":0,"remaining_cents":20},"created_at":"2029-12-31T23:30:00.000000Z","expires_at":"2029-12-31T23:40:00.000000Z","parent_session_id":"0198c0de"}""",
    };

    public static readonly Operation<NoFields> Tree = new(Audience.Agents, OperationNames.SessionTree, "GET /agent/session/tree", "This session and those below it: what each may spend and has spent")
    {
        Tool = new("tree"),
        Advice = "See this session's sub-sessions and what each has spent.",
        Read = NoFields.Read,
        Data = typeof(TreeData),
        DataExample = """{"tree":{"session_id":"0198c0de","agent_id":"agent-1","parent_session_id":null,"depth":1,"state":"live","budget":{"limit_cents":100,"spent_cents":5,"reserved_cents":0,"remaining_cents":95},"expires_at":"2030-01-01T00:00:00.000000Z","children":[],"children_omitted":0},"node_count":1,"truncated":false}""",
    };

    public void Map(Routes routes) => routes.Map(Delegate, DelegateSession).Map(Tree, SessionTree);

    private async Task<Reply> DelegateSession(AgentCall call, DelegationRequest request)
    {
        var answer = await IsStopped(call, request)
            ? await call.Visit(UserRejection.Stopped)
            : await call.Send(new SessionCommand.Delegate(call.Info, request.AgentId ?? "", request.Scopes, request.BudgetLimitMicros, request.ExpiresInSeconds));
        if (answer.Rejection is { } rejection) return await Refused(call, rejection) with { Replayed = answer.Replayed };

        // Once more, now that the sub-session is in the table by which it would be told: an agent that was stopped meanwhile gets no token for it.
        if (await acting.Recorded(call.Tenant, request.AgentId!, call.Cancel)) return await guide.Refuse(call, UserRejection.Stopped);

        var opened = answer.As<SessionOpened>();
        var reply = Reply.Created(await Describe(call.Tenant, opened)) with { Replayed = answer.Replayed };
        return await guide.Continued(call, reply);
    }

    /// <summary>More was asked for than this session can give: what it can give, and what it has given already.</summary>
    private Task<Reply> Refused(AgentCall call, Rejection rejection) => rejection.Code == Codes.GrantExceeded
        ? guide.Guided(call, Reply.Refused(rejection), static flow => Task.FromResult<IReadOnlyList<NextAction>>(flow.CanDelegate ? [Actions.DelegateSession(flow), Actions.SessionTree] : [Actions.SessionTree]))
        : guide.Refuse(call, rejection);

    private Task<Reply> SessionTree(AgentCall call, NoFields _) =>
        guide.Visit(call, async flow => Reply.Ok(await Grow(flow.Tenant, flow.Session)) with { NextActions = [Actions.FlowStatus] });

    /// <summary>A stop is told to users at whom the agent has live sessions: what any other user's stream does not know, the table of agents does.</summary>
    private async Task<bool> IsStopped(AgentCall call, DelegationRequest request) =>
        call.Findings.Refusal is null && await stored.Find(call.Tenant, request.AgentId!, call.Cancel) is { Stopped: true };

    /// <summary>Budget and times are the sub-session's own, as they are now.</summary>
    private async Task<DelegatedData> Describe(Tenant tenant, SessionOpened opened)
    {
        var now = await Peek(tenant, opened.SessionId);
        return new(
            opened.SessionId,
            tokens.Mint(tenant, opened.SessionId, opened.ExpiresAt),
            opened.AgentId,
            opened.UserId,
            ScopesData.Of(opened.Scopes, opened.BudgetLimitMicros),
            BudgetData.Of(now?.Budget ?? new(opened.BudgetLimitMicros, 0, 0, opened.BudgetLimitMicros)),
            now?.CreatedAt ?? opened.CreatedAt,
            now?.ExpiresAt ?? opened.ExpiresAt,
            opened.ParentSessionId!);
    }

    /// <summary>Level by level, so that what is cut off is furthest down; a node says how many of its children are not shown.</summary>
    private async Task<TreeData> Grow(Tenant tenant, SessionView root)
    {
        List<SessionView> shown = [root];
        for (IReadOnlyList<SessionView> level = shown; level.Count > 0;)
        {
            var views = await Task.WhenAll(level.SelectMany(view => view.Children ?? []).Take(Limits.TreeNodes - shown.Count).Select(id => Peek(tenant, id)));
            level = [.. views.OfType<SessionView>()];
            shown.AddRange(level);
        }

        var now = times.Now(tenant);

        // From the last level up: each node's children are complete before it is placed among its parent's.
        var children = shown.ToDictionary(view => view.SessionId, _ => new List<TreeNodeData>(), StringComparer.Ordinal);
        for (var i = shown.Count - 1; i > 0; i--)
        {
            children[shown[i].ParentSessionId!].Insert(0, Node(shown[i], children[shown[i].SessionId], now));
        }

        return new(Node(root, children[root.SessionId], now), shown.Count, shown.Any(view => (view.Children?.Count ?? 0) > children[view.SessionId].Count));
    }

    private static TreeNodeData Node(SessionView view, List<TreeNodeData> children, DateTimeOffset now) => new(
        view.SessionId,
        view.AgentId,
        view.ParentSessionId,
        view.Depth,
        view.RevokedAt is not null ? "revoked" : view.ExpiresAt <= now ? "expired" : view.Suspended ? "suspended" : "live",
        BudgetData.Of(view.Budget),
        view.ExpiresAt,
        children,
        (view.Children?.Count ?? 0) - children.Count);

    private async Task<SessionView?> Peek(Tenant tenant, string sessionId) =>
        (await entities.In(tenant).Session(sessionId).Send(new SessionCommand.Peek(), Commands.Fresh(times.Of(tenant)))).Reply as SessionView;
}

/// <summary>A sub-session that is asked for.</summary>
internal sealed record DelegationRequest(string? AgentId, RequestedScopes Scopes, long? BudgetLimitMicros, int? ExpiresInSeconds)
{
    public static DelegationRequest Read(Call call)
    {
        var agent = call.Body.Id("agent_id", "The agent that is to act; none that stands on the path from the root to this session.");
        var scopes = call.Body.Object("scopes", "What it may do of what this session may.", required: false);
        var lists = AskedScopes.OfSession.Read(scopes);
        var budget = scopes?.Cents("budget_limit_cents", "The most that the sub-session's runs, and those below it, may cost; absent: this session's. Nothing is reserved.", required: false);
        scopes?.Finish();
        return new(agent, lists, budget, call.Body.Integer("expires_in_seconds", "Absent: when this session does.", 1, (int)Limits.SessionMaxAge.TotalSeconds, absent: null));
    }
}

internal sealed record DelegatedData(
    string SessionId,
    string Token,
    string AgentId,
    string UserId,
    ScopesData Scopes,
    BudgetData Budget,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    string ParentSessionId);

/// <param name="NodeCount">Nodes that are shown; at most <see cref="Limits.TreeNodes"/>.</param>
/// <param name="Truncated">Some are not; <c>children_omitted</c> says where.</param>
internal sealed record TreeData(TreeNodeData Tree, int NodeCount, bool Truncated);

/// <param name="State">live, suspended, expired or revoked.</param>
internal sealed record TreeNodeData(
    string SessionId,
    string AgentId,
    string? ParentSessionId,
    int Depth,
    string State,
    BudgetData Budget,
    DateTimeOffset ExpiresAt,
    IReadOnlyList<TreeNodeData> Children,
    int ChildrenOmitted);

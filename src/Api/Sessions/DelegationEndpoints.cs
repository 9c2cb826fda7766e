using Agora.Application.Operations;
using Agora.Application.Sessions;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Sessions;

/// <summary>Sub-sessions: opening one for another agent, and the tree below a session.</summary>
internal sealed class DelegationEndpoints(AgentSession session, SessionTokens tokens) : IFeature
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

    private async Task<Reply> DelegateSession(AgentCall call, DelegationRequest request) => (await session.Delegate(call.Caller, request, call.Cancel)).Reply(delegated =>
        Reply.Created(DelegatedData.Of(delegated, tokens.Mint(call.Tenant, delegated.Opened.SessionId, delegated.Opened.ExpiresAt))));

    private async Task<Reply> SessionTree(AgentCall call, NoFields _) => (await session.Tree(call.Caller)).Reply(static tree => Reply.Ok(TreeData.Of(tree)));
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
    string ParentSessionId)
{
    /// <summary>Budget and times are the sub-session's own, as they are now.</summary>
    public static DelegatedData Of(Delegated delegated, string token)
    {
        var (opened, now) = (delegated.Opened, delegated.Now);
        return new(
            opened.SessionId,
            token,
            opened.AgentId,
            opened.UserId,
            ScopesData.Of(opened.Scopes, opened.BudgetLimitMicros),
            BudgetData.Of(now?.Budget ?? new(opened.BudgetLimitMicros, 0, 0, opened.BudgetLimitMicros)),
            now?.CreatedAt ?? opened.CreatedAt,
            now?.ExpiresAt ?? opened.ExpiresAt,
            opened.ParentSessionId!);
    }
}

/// <param name="NodeCount">Nodes that are shown; at most <see cref="Limits.TreeNodes"/>.</param>
/// <param name="Truncated">Some are not; <c>children_omitted</c> says where.</param>
internal sealed record TreeData(TreeNodeData Tree, int NodeCount, bool Truncated)
{
    /// <summary>A node says how many of its children are not shown.</summary>
    public static TreeData Of(SessionBranch tree)
    {
        var shown = tree.Sessions;

        // From the last level up: each node's children are complete before it is placed among its parent's.
        var children = shown.ToDictionary(static view => view.SessionId, static _ => new List<TreeNodeData>(), StringComparer.Ordinal);
        for (var i = shown.Count - 1; i > 0; i--)
        {
            children[shown[i].ParentSessionId!].Insert(0, TreeNodeData.Of(shown[i], children[shown[i].SessionId], tree.At));
        }

        return new(TreeNodeData.Of(shown[0], children[shown[0].SessionId], tree.At), shown.Count, shown.Any(view => (view.Children?.Count ?? 0) > children[view.SessionId].Count));
    }
}

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
    int ChildrenOmitted)
{
    public static TreeNodeData Of(SessionView view, IReadOnlyList<TreeNodeData> children, DateTimeOffset now) => new(
        view.SessionId,
        view.AgentId,
        view.ParentSessionId,
        view.Depth,
        view.RevokedAt is not null ? "revoked" : view.ExpiresAt <= now ? "expired" : view.Suspended ? "suspended" : "live",
        BudgetData.Of(view.Budget),
        view.ExpiresAt,
        children,
        (view.Children?.Count ?? 0) - children.Count);
}

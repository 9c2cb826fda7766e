using Agora.Application.Calls;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Journal;
using Agora.Web;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Headroom;

/// <summary>What is left of every limit, and what holds the rest.</summary>
internal sealed class HeadroomEndpoints(IEntities entities, TableReader tables, NodeLimits limits, OpenHolds holds) : IFeature
{
    public static readonly Operation<(string Kind, string Id)> Get = new(Audience.Operators, "get_limits_of", "GET /admin/limits/{kind}/{entity_id}", "The limits of a user, session, campaign or wallet as they are enforced now, and the open holds on it, the oldest first")
    {
        Read = static call => (call.Id("kind"), call.Id("entity_id")),
        Data = typeof(NodeLimitsData),
        Codes = [Codes.NotFound],
        DataExample = $$$"""{"limits":[{{{LimitData.Example}}}],"holds":[{{{HoldData.Example}}}],"links":{"events":"/admin/journal/user/user-1"}}""",
    };

    public static readonly Operation<string> Tree = new(Audience.Operators, "get_limit_tree", "GET /admin/users/{user_id}/limits", "All limits that a user's money passes: day and month, each grant, its sessions and those below them")
    {
        Owners = Role.User,
        Read = static call => call.Id("user_id"),
        Data = typeof(LimitTreeData),
        Codes = [Codes.NotFound],
        DataExample = $$$"""{"user_id":"user-1","nodes":[{"depth":0,"limit":{{{LimitData.Example}}},"ends_at":null}],"has_more":false,"links":{"user":"/admin/users/user-1","holds":"/admin/limits/user/user-1","events":"/admin/journal/user/user-1"}}""",
    };

    public static readonly Operation<NoFields> Oldest = new(Audience.Operators, "list_oldest_holds", "GET /admin/holds", "What is held for runs under way, the oldest first")
    {
        Read = NoFields.Read,
        Data = typeof(HoldsData),
        DataExample = $$"""{"holds":[{{HoldData.Example}}]}""",
    };

    private static readonly Rejection NoNode = new(Codes.NotFound, "There is no such user, session, campaign or wallet.");

    public void Map(Routes routes) => routes.Map(Get, GetLimits).Map(Tree, GetTree).Map(Oldest, ListOldest);

    private async Task<Reply> GetLimits(OperatorCall call, (string Kind, string Id) asked)
    {
        var node = new StreamId(call.Tenant.Name, asked.Kind, asked.Id);
        return NodeLimits.Kinds.Contains(asked.Kind, StringComparer.Ordinal) && await limits.Of(call, node) is { } found
            ? Reply.Ok(new NodeLimitsData([.. found.Take(Limits.NodeLimits)], await holds.Of(node, call.Now, call.Cancel), Links.Of(("events", $"/admin/journal/{asked.Kind}/{asked.Id}"))))
            : Reply.Refused(NoNode);
    }

    private async Task<Reply> GetTree(OperatorCall call, string userId)
    {
        var answer = await entities.In(call.Tenant).User(userId).Send(new UserCommand.Inspect(), call.Fresh());
        if (answer.Reply is not UserInspected seen) return Reply.Refused(answer.Rejection!);

        var live = await tables.In(call.Tenant).First(
            UserTables.Sessions,
            [new("created_at", Descending: true)],
            [TableReader.Is("user_id", userId), new("closed_at", Comparison.Equal, null), new("expires_at", Comparison.GreaterThan, call.Now.ToMicros())],
            Limits.TreeSessions + 1,
            call.Cancel);
        var views = new List<SessionView>();
        foreach (var row in live.Take(Limits.TreeSessions))
        {
            if (await entities.In(call.Tenant).Session(row.Text("session_id")).Peek(call.Fresh()) is { } view)
            {
                views.Add(view);
            }
        }

        const int Most = Limits.TreeSessions + Limits.NodeLimits;
        var ofUser = NodeLimits.OfUser(seen).Where(static limit => limit.Kind == Kinds.User).Select(static limit => new LimitNodeData(0, limit, null));
        var byParent = views.OrderBy(static view => view.CreatedAt).ToLookup(static view => view.ParentSessionId);
        var granted = seen.View.Grants.Select(static grant => grant.AgentId).ToHashSet(StringComparer.Ordinal);
        IReadOnlyList<LimitNodeData> nodes =
        [
            .. ofUser,
            .. seen.View.Grants.SelectMany(grant => (IEnumerable<LimitNodeData>)[new(1, NodeLimits.OfGrant(seen, grant), grant.Grant.ExpiresAt), .. byParent[null].Where(view => view.AgentId == grant.AgentId).SelectMany(view => Below(view, 2, byParent))]),
            .. byParent[null].Where(view => !granted.Contains(view.AgentId)).SelectMany(view => Below(view, 1, byParent)),
        ];
        return Reply.Ok(new LimitTreeData(
            userId,
            [.. nodes.Take(Most)],
            live.Count > Limits.TreeSessions || nodes.Count > Most,
            Links.Of(("user", Links.To("users", userId)), ("holds", $"/admin/limits/{Kinds.User}/{userId}"), ("events", $"/admin/journal/{Kinds.User}/{userId}"))));
    }

    private static IEnumerable<LimitNodeData> Below(SessionView session, int depth, ILookup<string?, SessionView> byParent) =>
        [new(depth, NodeLimits.OfSession(session), session.ExpiresAt), .. byParent[session.SessionId].SelectMany(child => Below(child, depth + 1, byParent))];

    private async Task<Reply> ListOldest(OperatorCall call, NoFields _) => Reply.Ok(new HoldsData(await holds.Oldest(call.Tenant, call.Now)));
}

internal sealed record NodeLimitsData(IReadOnlyList<LimitData> Limits, IReadOnlyList<HoldData> Holds, IReadOnlyDictionary<string, string> Links);

/// <param name="Nodes">Each before those below it.</param>
/// <param name="HasMore">There are more live sessions than are shown.</param>
internal sealed record LimitTreeData(string UserId, IReadOnlyList<LimitNodeData> Nodes, bool HasMore, IReadOnlyDictionary<string, string> Links);

/// <param name="Depth">0: the user's own.</param>
internal sealed record LimitNodeData(int Depth, LimitData Limit, DateTimeOffset? EndsAt);

internal sealed record HoldsData(IReadOnlyList<HoldData> Holds);

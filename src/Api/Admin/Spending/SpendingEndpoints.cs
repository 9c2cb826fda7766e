using Agora.Application.Operations;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Web;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Spending;

/// <summary>What a session's money went to, and that of every session below it, as one tree.</summary>
internal sealed class SpendingEndpoints(SpendingTrees trees) : IFeature
{
    public static readonly Operation<string> Get = new(Audience.Operators, "get_session_spending", "GET /admin/sessions/{session_id}/spending", "What a session and those below it spent on models, services and transfers, as a tree")
    {
        Owners = Role.User,
        Read = static call => call.Id("session_id"),
        Data = typeof(SpendingData),
        Codes = [Codes.NotFound],
        DataExample = $$$"""{"session_id":"0198c0de","whole":{{{SpentOnData.Example}}},"nodes":[{"depth":0,"session_id":"0198c0de","parent_session_id":null,"agent_id":"agent-1","created_at":"2029-12-31T23:00:00.000000Z","expires_at":"2030-01-01T00:00:00.000000Z","budget":{"limit_cents":100,"spent_cents":14.5,"reserved_cents":2,"remaining_cents":83.5},"own":{{{SpentOnData.Example}}},"subtree":{"sessions":1,"spent_cents":14.5,"held_cents":2,"models_cents":4.5,"services_cents":5,"transfers_cents":5},"beyond_cents":0}],"has_more":false,"links":{"session":"/admin/sessions/0198c0de","runs":"/admin/runs?session_id=0198c0de","payments":"/admin/payments?session_id=0198c0de"}}""",
    };

    public void Map(Routes routes) => routes.Map(Get, GetSpending);

    private async Task<Reply> GetSpending(OperatorCall call, string sessionId)
    {
        if (await trees.Of(call, sessionId) is not { } tree) return Reply.Refused(SessionRejection.NotFound);

        var whole = new Spent();
        foreach (var node in tree.Nodes) whole.Add(node.Own);

        return Reply.Ok(new SpendingData(
            sessionId,
            SpentOnData.Of(whole),
            [.. tree.Nodes.Select(node => SpendingNodeData.Of(node, tree.Nodes[0].View.Depth))],
            tree.HasMore,
            Links.Of([("session", Links.To("sessions", sessionId)), .. Links.Lists("session_id", sessionId, "runs", "payments")])));
    }
}

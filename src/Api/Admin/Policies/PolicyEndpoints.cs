using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Replay;
using Agora.Web;

namespace Agora.Api.Admin.Policies;

/// <summary>What if: recorded history under lower limits and narrower scopes.</summary>
internal sealed class PolicyEndpoints(IPolicyReplay history) : IFeature
{
    public static readonly Operation<ReplayRequest> Replay = new(Audience.Operators, "replay_policies", "POST /admin/policies/replay", "What would have been refused under lower limits or narrower scopes; changes nothing")
    {
        Read = PolicyReplayRequest.Read,
        Data = typeof(PolicyReplayData),
        IsQuestion = true,
        Codes = [Codes.Unavailable],
        BodyExample = """{"from":"2030-01-01T00:00:00Z","to":"2030-02-01T00:00:00Z","changes":[{"user_id":"user-1","daily_cap_cents":40},{"agent_id":"agent-1","allowed_categories":["text"]}],"first_user_id":"user-1","offset":0,"limit":50}""",
        DataExample = """{"from":"2030-01-01T00:00:00.000000Z","to":"2030-02-01T00:00:00.000000Z","examined":{"users":1,"sessions":1,"runs":2},"refused":[{"run_id":"0198c0de-0000-7000-8000-000000000000","session_id":"0198c0de","user_id":"user-1","agent_id":"agent-1","service_id":"summary","requested_at":"2030-01-01T00:00:01.000000Z","amount_cents":25,"outcome":"succeeded","refused_by":{"kind":"daily_cap","id":"user-1"},"code":"budget_exceeded","message":"The price is above what is left of daily_cap."}],"refused_count":1,"refused_amount_cents":25,"not_known":0,"truncated":false,"next_user_id":null,"left_out_user_ids":[],"offset":0,"limit":50}""",
    };

    private static readonly Rejection Busy = new(Codes.Unavailable, "Another replay is under way; try again when it is done.", RetryAfterSeconds: 5, Retry: true);

    public void Map(Routes routes) => routes.Map(Replay, ReplayPolicies);

    private async Task<Reply> ReplayPolicies(OperatorCall call, ReplayRequest request) =>
        await history.Run(call.Tenant, request, call.Cancel) is { } report ? Reply.Ok(PolicyReplayData.Of(request, report)) : Reply.Refused(Busy);
}

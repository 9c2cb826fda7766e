using Agora.Application.Operations;
using Agora.Core.Access;
using Agora.Core.Kernel;

namespace Agora.Application.Sessions;

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

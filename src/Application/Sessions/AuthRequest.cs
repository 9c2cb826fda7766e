using Agora.Application.Operations;
using Agora.Core.Access;
using Agora.Core.Kernel;

namespace Agora.Application.Sessions;

/// <summary>A session that is asked for.</summary>
internal sealed record AuthRequest(string? AgentId, string? UserId, RequestedScopes Scopes, long? BudgetLimitMicros, int ExpiresInSeconds, bool EndOldest)
{
    private static readonly int MaxAge = (int)Limits.SessionMaxAge.TotalSeconds;

    /// <summary>How long the idempotency key of the request is known.</summary>
    public TimeSpan KeyKept => TimeSpan.FromSeconds(ExpiresInSeconds) + Limits.ClientKeyKept;

    public static AuthRequest Read(Call call)
    {
        var body = call.Body;
        var (agent, user) = (body.Id("agent_id", "The agent that acts: the one whose key this is."), body.Id("user_id", "The user it acts for."));
        var scopes = body.Object("scopes", "What the session may do.", required: false);
        var lists = AskedScopes.OfGrant.Read(scopes);
        var budget = scopes?.Cents("budget_limit_cents", "The most that this session's runs may cost; absent: the grant's. Required where the user has no grant.", required: false);
        scopes?.Finish();
        return new(
            agent,
            user,
            lists,
            budget,
            body.Integer("expires_in_seconds", "How long it lives, at most as long as the key that opens it.", 1, MaxAge, absent: MaxAge) ?? MaxAge,
            body.Flag("end_oldest", "Where the agent has as many live sessions for the user as it may: its oldest ends for this one, with all below it.", absent: false) ?? false);
    }
}

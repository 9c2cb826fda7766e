using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Web;

/// <summary>Refusals that only an operator lifts, and by which act, as the OpenAPI document names it. The agent can look again meanwhile.</summary>
internal static class OperatorActs
{
    public const int LookAgainAfterSeconds = 60;

    private const string Start = "Send it again, the same, once an operator has started the agent (start_agent).";
    private const string Resume = "Send it again, the same, once an operator has resumed the agent for this user (resume_session).";
    private const string ResumeUser = "Send it again, the same, once an operator has resumed the user (resume_user).";
    private const string PutGrant = "Send it again, the same, once an operator has put a grant of this user to this agent (put_grant).";
    private const string Fund = "Send it again, the same, once the campaign has enough for its reward again: an operator funds it (fund_campaign), or another agent's claim on it ends.";
    private const string Any = "Send it again, the same, once an operator has lifted this (resume_session, resume_user, start_agent or put_grant).";

    /// <summary>Null: it ends by itself, or the request has to be another one.</summary>
    public static string? Lifting(Rejection refusal) => (refusal.Code, refusal.Message) switch
    {
        (Codes.SessionSuspended, var said) =>
            said == UserRejection.Stopped.Message ? Start
            : said == UserRejection.Paused.Message ? ResumeUser
            : said == UserRejection.SuspendedByOperator.Message ? Resume
            : Any,
        (Codes.GrantExceeded, var said) => said == UserRejection.NoGrant.Message || said == UserRejection.GrantExpired.Message ? PutGrant : null,
        (Codes.RewardsExhausted, _) => Fund,
        _ => null,
    };
}

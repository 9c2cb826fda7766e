using Agora.Core.Kernel;

namespace Agora.Core.Agents;

/// <summary>Why an agent's stream refuses, in order of precedence.</summary>
public static class AgentRejection
{
    public static Rejection NotFound { get; } = new(Codes.NotFound, "There is no such agent.");

    public static Rejection ExpiryPast { get; } = Invalid("/expires_at", "range", "The key would already be expired.");

    public static Rejection TooManyKeys { get; } = Invalid("", "max_items", $"An agent has at most {Limits.LiveKeys} keys at once: revoke one first.");

    public static Rejection StillTelling { get; } =
        new(Codes.Unavailable, "Users have yet to be told how the agent stood before; try again.", RetryAfterSeconds: 30, Retry: true);

    public static Rejection NoSuchKey { get; } = new(Codes.NotFound, "There is no such key.");

    public static Rejection NoCard { get; } = new(Codes.NotFound, "The agent is not registered: PUT /agents/{agent_id} registers it.");

    public static Rejection KeyMismatch { get; } = new(Codes.KeyMismatch, "The agent is bound to another key: that of its first registration, and those that follow from it by rotations.");

    public static Rejection CardRevoked { get; } = new(Codes.KeyMismatch, "The agent's key was revoked, and with it the agent's card: register another agent.");

    public static Rejection IsItself { get; } = Invalid("/agent_id", "not", "An agent does not block or report itself.");

    public static Rejection TooManyBlocks { get; } = Invalid("", "max_items", $"An agent blocks {Limits.BlockedAgents} others at most.");

    public static Rejection TooManyInvitations { get; } =
        new(Codes.RateLimited, $"{Limits.OpenInvitations} invitations to agents that never answered this one are open: more can be made when some are answered.", RetryAfterSeconds: 60, Retry: true);

    public static Rejection InvitedTooOften { get; } =
        new(Codes.RateLimited, $"{Limits.OpenInvitationsOfOne} invitations to one of these agents are open, or were declined: it has to answer one first.", RetryAfterSeconds: 60, Retry: true);

    public static Rejection TooManyReports { get; } = new(Codes.RateLimited, $"{Limits.OpenReports} reports of the agent wait for an operator: more can be made when some are resolved.", RetryAfterSeconds: 60, Retry: true);

    public static Rejection NoReport { get; } = new(Codes.NotFound, "There is no such report.");

    public static Rejection NoOpenReport { get; } = new(Codes.NotFound, "There is no such report, or it was resolved before.");

    /// <summary>One sentence for every reason: whoever tries keys learns nothing from it.</summary>
    public static Rejection Unauthorized { get; } = new(Codes.Unauthorized, "The key is not valid for this agent.");

    private static Rejection Invalid(string path, string keyword, string message) => new(Codes.ValidationFailed, message, [new(path, keyword, message)]);
}

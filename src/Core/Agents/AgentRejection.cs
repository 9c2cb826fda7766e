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

    /// <summary>One sentence for every reason: whoever tries keys learns nothing from it.</summary>
    public static Rejection Unauthorized { get; } = new(Codes.Unauthorized, "The key is not valid for this agent.");

    private static Rejection Invalid(string path, string keyword, string message) => new(Codes.ValidationFailed, message, [new(path, keyword, message)]);
}

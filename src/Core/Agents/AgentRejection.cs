using Agora.Core.Kernel;

namespace Agora.Core.Agents;

/// <summary>Why an agent's stream refuses, in order of precedence.</summary>
public static class AgentRejection
{
    public static Rejection NotFound() => new(Codes.NotFound, "There is no such agent.");

    public static Rejection ExpiryPast() => Invalid("/expires_at", "range", "The key would already be expired.");

    public static Rejection TooManyKeys() => Invalid("", "max_items", $"An agent has at most {Limits.LiveKeys} keys at once: revoke one first.");

    public static Rejection StillTelling() =>
        new(Codes.Unavailable, "Users have yet to be told how the agent stood before; try again.", RetryAfterSeconds: 30, Retry: true);

    public static Rejection NoSuchKey() => new(Codes.NotFound, "There is no such key.");

    /// <summary>One sentence for every reason: whoever tries keys learns nothing from it.</summary>
    public static Rejection Unauthorized() => new(Codes.Unauthorized, "The key is not valid for this agent.");

    private static Rejection Invalid(string path, string keyword, string message) => new(Codes.ValidationFailed, message, [new(path, keyword, message)]);
}

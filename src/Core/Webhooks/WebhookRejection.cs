using Agora.Core.Kernel;

namespace Agora.Core.Webhooks;

/// <summary>Why an endpoint's stream refuses, in order of precedence.</summary>
public static class WebhookRejection
{
    public static Rejection NotFound { get; } = new(Codes.NotFound, "There is no such webhook.");

    public static Rejection OverlapOutOfRange { get; } = Invalid("/overlap_seconds", "range", $"A former secret signs for at most {Limits.WebhookOverlapSeconds} seconds more.");

    private static Rejection Invalid(string path, string keyword, string message) => new(Codes.ValidationFailed, message, [new(path, keyword, message)]);
}

using Agora.Core.Kernel;

namespace Agora.Core.Webhooks;

/// <summary>Why an endpoint's stream refuses, in order of precedence.</summary>
public static class WebhookRejection
{
    public static Rejection NotFound { get; } = new(Codes.NotFound, "There is no such webhook.");

    public static Rejection OverlapOutOfRange { get; } = Invalid("/overlap_seconds", "range", $"A former secret signs for at most {Limits.WebhookOverlapSeconds} seconds more.");

    /// <summary>Waiting does not help: an operator has to issue a secret first.</summary>
    public static Rejection NoSecret { get; } = Invalid("webhook_id", "required", "The webhook has no secret that signs. Issue one with POST /admin/webhooks/{webhook_id}/secrets first.");

    public static Rejection Crowded { get; } = new(Codes.Unavailable, "Too much is being sent to the webhook by hand; try again.", RetryAfterSeconds: 15, Retry: true);

    public static Rejection Replaying { get; } = new(Codes.Unavailable, "Another span is being told again; try again when that is over.", RetryAfterSeconds: 30, Retry: true);

    public static Rejection EmptySpan { get; } = Invalid("/since", "range", "Nothing has happened yet in this span, or it ends before it begins.");

    private static Rejection Invalid(string path, string keyword, string message) => new(Codes.ValidationFailed, message, [new(path, keyword, message)]);
}

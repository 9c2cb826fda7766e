using Agora.Core.Kernel;

namespace Agora.Core.Webhooks;

/// <summary>Why an endpoint's stream refuses, in order of precedence.</summary>
public static class WebhookRejection
{
    public static Rejection NotFound { get; } = new(Codes.NotFound, "There is no such webhook.");

    public static Rejection OverlapOutOfRange { get; } = Invalid("/overlap_seconds", "range", $"A former secret signs for at most {Limits.WebhookOverlapSeconds} seconds more.");

    private const string WebhookId = "webhook_id", Required = "required";

    /// <summary>Waiting does not help: an operator has to issue a secret first.</summary>
    public static Rejection NoSecret { get; } = Invalid(WebhookId, Required, "The webhook has no secret that signs. Issue one with POST /admin/webhooks/{webhook_id}/secrets first.");

    public static Rejection Crowded { get; } = new(Codes.Unavailable, "Too much is being sent to the webhook by hand; try again.", RetryAfterSeconds: 15, Retry: true);

    public static Rejection Replaying { get; } = new(Codes.Unavailable, "Another span is being told again; try again when that is over.", RetryAfterSeconds: 30, Retry: true);

    public static Rejection EmptySpan { get; } = Invalid("/since", "range", "Nothing has happened yet in this span, or it ends before it begins.");

    /// <summary>Whether this is <see cref="NoSecret"/>: the only refusal of an endpoint's stream that names its id.</summary>
    public static bool IsNoSecret(Rejection refused) => refused.Details is [{ Path: WebhookId, Keyword: Required }];

    private static Rejection Invalid(string path, string keyword, string message) => new(Codes.ValidationFailed, message, [new(path, keyword, message)]);
}

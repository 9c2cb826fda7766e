using Agora.Core.Kernel;

namespace Agora.Core.Upstreams;

/// <summary>Why an upstream's stream refuses, in order of precedence.</summary>
public static class UpstreamRejection
{
    public static Rejection NotFound { get; } = new(Codes.NotFound, "There is no such upstream.");

    public static Rejection NoTool { get; } = new(Codes.NotFound, "The upstream has no such tool; GET /admin/upstreams/{upstream_id}/tools lists them.");

    public static Rejection PriceOutOfRange { get; } = Invalid("/price_cents", "range", "The price must be between 0 and 100000000000 cents.");

    public static Rejection TimeoutOutOfRange { get; } = Invalid("/timeout_ms", "range", $"The timeout must be between 1 and {Limits.ServiceTimeoutMs} ms.");

    public static Rejection WhereFromMissing { get; } = Invalid("", "oneOf", "Either urls or command is wanted.");

    public static Rejection SecretWithoutHeader { get; } = Invalid("/auth/header", "required", "A secret needs the name of the header that carries it.");

    public static Rejection HeaderWithoutSecret { get; } = Invalid("/auth/secret", "required", "A header needs a secret: this upstream has none yet that could be kept.");

    public static Rejection SecretOfACommand { get; } = Invalid("/auth", "not", "A command is given nothing by header; what it needs stands in its environment, which the deployer sets.");

    public static Rejection SecretOfAnotherAddress { get; } = Invalid(
        "/auth/secret", "required", "The secret that is kept was given for the former urls and goes to no other: send auth with its secret. To call the new ones without, change auth to null, or put the upstream without auth.");

    public static Rejection Withdrawing { get; } = new(Codes.Unavailable, "Tools of the upstream that was deleted are being taken away; try again.", RetryAfterSeconds: 1, Retry: true);

    public static Rejection Crowded { get; } = new(Codes.Unavailable, "Its list is being read already; try again.", RetryAfterSeconds: 5, Retry: true);

    public static Rejection Gone { get; } = Invalid("", "not", "The upstream does not offer this tool any more.");

    public static Rejection TooMany { get; } = Invalid("", "maxItems", $"{Limits.UpstreamApproved} tools of the upstream are approved already.").AtMost("tools", Limits.UpstreamApproved);

    public static Rejection Unusable(string fault) => Invalid("", fault, fault switch
    {
        ToolFaults.Name => "The tool's name makes no name that clients take: letters, digits, _ and -, with the upstream's id at most 64.",
        ToolFaults.NameTaken => "Another tool of the upstream has the same name here.",
        ToolFaults.DescriptionTooLong => "The tool's description is too long.",
        ToolFaults.Hidden => "The tool's words hold characters that nobody sees, such as marks of direction.",
        ToolFaults.Header => "An x-mcp-header of the tool's input schema is not valid: each is a header's name of its own, on a string, an integer or a boolean.",
        _ => "A schema of the tool cannot be used: it is not an object's, too large, or of a dialect that is not known here.",
    });

    /// <param name="hash">Of what is offered now.</param>
    public static Rejection Changed(string hash) => new Rejection(Codes.PreconditionFailed, "The upstream offers another tool than the one that was looked at: look again.").With("hash", hash);

    private static Rejection Invalid(string path, string keyword, string message) => new(Codes.ValidationFailed, message, [new(path, keyword, message)]);
}

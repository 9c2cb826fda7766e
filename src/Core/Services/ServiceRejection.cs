using Agora.Core.Kernel;

namespace Agora.Core.Services;

/// <summary>Why a service's stream refuses, in order of precedence.</summary>
public static class ServiceRejection
{
    public static Rejection NotFound { get; } = new(Codes.NotFound, "There is no such service.");

    public static Rejection ToolOfAnUpstream { get; } = Invalid(
        "", "not", "The service is a tool of an upstream: what it costs, and whether it can be run, is put with PUT /admin/upstreams/{upstream_id}; what it is is approved there.");

    public static Rejection NoTool { get; } = Invalid("", "not", "Another service has this id: it is no tool of the upstream.");

    public static Rejection PriceOutOfRange { get; } = Invalid("/price_cents", "range", "The price must be between 0 and 100000000000 cents.");

    public static Rejection TimeoutOutOfRange { get; } = Invalid("/timeout_ms", "range", $"The timeout must be between 1 and {Limits.ServiceTimeoutMs} ms.");

    public static Rejection SecretWithoutHeader { get; } = Invalid("/auth/header", "required", "A secret needs the name of the header that carries it.");

    public static Rejection HeaderWithoutSecret { get; } = Invalid("/auth/secret", "required", "A header needs a secret: this service has none yet that could be kept.");

    public static Rejection SecretOfAnotherAddress { get; } = Invalid(
        "/auth/secret", "required", "The secret that is kept was given for the former endpoint and goes to no other: send auth with its secret. To call the new one without, change auth to null, or put the service without auth.");

    public static Rejection ToolIsNotTried { get; } = Invalid("", "not", "The service is a tool of an upstream, whose server could not tell a try from a run: run it in the test tenant, or by an agent.");

    public static Rejection AgentIsNotTried { get; } = Invalid("", "not", "The service is an agent that is asked in a conversation, so nobody but an agent can ask it: run it by an agent.");

    private static Rejection Invalid(string path, string keyword, string message) => new(Codes.ValidationFailed, message, [new(path, keyword, message)]);
}

using Agora.Core.Kernel;
using Agora.Models;

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

    public static Rejection NotCacheable { get; } = Invalid("/cache_seconds", "not", NoCache);

    public static Rejection CacheSecondsOutOfRange { get; } = Invalid("/cache_seconds", "range", $"cache_seconds must be between 0 and {Limits.CacheSeconds}, and cache_hit_basis_points between 0 and {RouteRule.Whole}.");

    public static Rejection SecretWithoutHeader { get; } = Invalid("/auth/header", "required", "A secret needs the name of the header that carries it.");

    public static Rejection HeaderWithoutSecret { get; } = Invalid("/auth/secret", "required", "A header needs a secret: this service has none yet that could be kept.");

    public static Rejection SecretOfAnotherAddress { get; } = Invalid(
        "/auth/secret", "required", "The secret that is kept was given for the former endpoint and goes to no other: send auth with its secret. To call the new one without, change auth to null, or put the service without auth.");

    public static Rejection ToolIsNotTried { get; } = Invalid("", "not", "The service is a tool of an upstream, whose server could not tell a try from a run: run it in the test tenant, or by an agent.");

    public static Rejection AgentIsNotTried { get; } = Invalid("", "not", "The service is an agent that is asked in a conversation, so nobody but an agent can ask it: run it by an agent.");

    public static Rejection ModelIsNotTried { get; } = Invalid("", "not", "The service is a model, which is called by its dialects: POST /openai/v1/chat/completions, say.");

    public static Rejection ModelWithoutProvider { get; } = Invalid("/model", "required", $"A model has an endpoint that names its provider, {ServiceDefinition.ModelScheme}NAME, and says in model what it is; no other service does.");

    public static Rejection RoutesWithoutRouter { get; } = Invalid("/routes", "required", $"A router has the endpoint {ServiceDefinition.ModelScheme}{ServiceDefinition.Router} and says in routes which model is called; no other service does.");

    /// <param name="path">Of the member that names it.</param>
    public static Rejection RouteToRouter(string path) => Invalid(path, "not", "A router sends calls to models: this names the router itself, or another one.");

    public static Rejection ShadowOfItself(string path) => Invalid(path, "not", "A shadow is another model than the rule's own.");

    public static Rejection ModelStaysOne { get; } = Invalid("/model", "required", "The service is a model whose prices were in force, which what was spent names: it stays one. Put active to false instead.");

    public static Rejection ModelIsMetered { get; } = Invalid("/metered", "const", "What a call of a model costs its provider says: metered must be true, and price_cents is the most that one call may cost.");

    public static Rejection PricesOutOfOrder { get; } = Invalid("/model/prices", "not", $"Prices are 1 to {Limits.PriceVersions} versions, each with a higher version and a later from than the one before.");

    public static Rejection RateOutOfRange { get; } = Invalid(
        "/model/prices", "range", $"A version has 1 to {Limits.RatesOfVersion} rates, among them one without tier and above_input_tokens, each between 0 and {Limits.RateMicros / Money.MicrosPerCent} cents for a million tokens.");

    public static Rejection OutputOutOfRange { get; } = Invalid("/model", "range", "default_output_tokens must be between 1 and max_output_tokens, and both, and image_tokens, within their bounds.");

    public static Rejection CacheOutOfRange { get; } = Invalid("/model", "range", $"cache_seconds must be between 0 and {Limits.CacheSeconds}, and 0 where the model is for speech; cache_hit_basis_points between 0 and {RouteRule.Whole}.");

    public static Rejection NoSuchKind { get; } = Invalid("/model/kind", "enum", $"kind is one of {string.Join(", ", ModelKinds.Words)}.");

    public static Rejection OutputOfNone { get; } = Invalid("/model", "not", "A model that is not for chat writes no tokens and sees no images: leave out max_output_tokens, default_output_tokens and image_tokens.");

    public static Rejection PriceInForce { get; } = Invalid("/model/prices", "const", "A version that is in force, or was, stays as it is, for what was spent names it: add one with a later from.");

    public const string NoCache = "Only a service that is called at its endpoint answers equal requests with one output: an agent is paid for each reply, and a model says this in model.";

    private static Rejection Invalid(string path, string keyword, string message) => new(Codes.ValidationFailed, message, [new(path, keyword, message)]);
}

using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Services;

/// <summary>What an operator says a service is. Checked at the edge (Api) and by the decider.</summary>
/// <param name="PriceMicros">Of one run; of a metered service the most that one may cost, which is what is held.</param>
/// <param name="Provider">Id of the wallet that earns.</param>
/// <param name="Owner">Who is behind the provider; where a sponsor has the same owner, receipts say so.</param>
/// <param name="InputSchema">JSON Schema 2020-12 as JSON text, or null: anything.</param>
/// <param name="AuthHeader">Name of the header that carries the service's own credential; its value is sealed and write-only.</param>
/// <param name="TimeoutMs">Of one attempt; at most <see cref="Limits.ServiceTimeoutMs"/>.</param>
/// <param name="Metered">Each run costs what the service says that it cost, at most what was held.</param>
public sealed record ServiceDefinition(
    string Name,
    string Description,
    string Category,
    long PriceMicros,
    string Endpoint,
    string Provider,
    string? Owner,
    string? InputSchema,
    string? OutputSchema,
    string? AuthHeader,
    int TimeoutMs,
    bool Active,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Metered = false)
{
    /// <summary>Begins the endpoint of a service that an agent is: its id follows.</summary>
    public const string AgentScheme = "agent:";

    /// <summary>Begins the endpoint of a service that is done by whichever agent offers a skill: the skill's id follows.</summary>
    public const string SkillScheme = "skill:";

    /// <summary>Begins the endpoint of a service that a model is: the name of its provider, as the settings have it, follows.</summary>
    public const string ModelScheme = "model:";

    /// <summary>The provider of the model that it is; null: it is none.</summary>
    public string? ModelProvider => After(ModelScheme);

    /// <summary>It is a name for other models, and none itself: which is called is for its rules to say.</summary>
    public bool IsRouter => ModelProvider == Router;

    /// <summary>Stands in an endpoint for a provider, where rules choose the model.</summary>
    public const string Router = "router";

    /// <summary>Of a router: its rules; null: it is none.</summary>
    public IReadOnlyList<RouteRule>? Routes { get; init; }

    /// <summary>Of a service that is a model: what it is called there, and what it costs; null: it is none.</summary>
    public ModelOffer? Model { get; init; }

    /// <summary>An output answers equal requests for so long at most; 0: none does. What a model says of that stands in <see cref="Model"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int CacheSeconds { get; init; }

    /// <summary>What a run costs whose answer is another's output: so many ten thousandths of what that run cost, rounded up.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int CacheHitBasisPoints { get; init; }

    /// <summary>Its outputs may answer equal requests. Agents are paid for replies, models say so themselves, and whether a tool does anything besides its answer nobody here knows.</summary>
    public bool MayBeCached => !IsAsked && ModelProvider is null && Tool is null;

    /// <summary>The agent that is asked, in a conversation; null: it is none.</summary>
    public string? Agent => After(AgentScheme);

    /// <summary>One live agent that offers this skill is asked, in a conversation; null: none is.</summary>
    public string? Skill => After(SkillScheme);

    /// <summary>No endpoint is called: an agent is asked.</summary>
    public bool IsAsked => NamesAsked(Endpoint);

    /// <summary>Whether an endpoint names an agent or a skill, well or not.</summary>
    public static bool NamesAsked(string endpoint) => endpoint.StartsWith(AgentScheme, StringComparison.Ordinal) || endpoint.StartsWith(SkillScheme, StringComparison.Ordinal);

    private string? After(string scheme) => Endpoint.StartsWith(scheme, StringComparison.Ordinal) ? Endpoint[scheme.Length..] : null;

    /// <summary>Of a service that is a tool of an upstream, and that only the upstream puts; null: it is called at its endpoint.</summary>
    public ToolOf? Tool { get; init; }

    /// <summary>Names of the optional members, as an operator knows them, that have another value than their default.</summary>
    internal IReadOnlyList<string> Given() => Replacing.Given(
        ("owner", Owner is not null),
        ("input_schema", InputSchema is not null),
        ("output_schema", OutputSchema is not null),
        ("auth", AuthHeader is not null),
        ("timeout_ms", TimeoutMs != Limits.ServiceTimeoutMsDefault),
        ("active", !Active),
        ("model", Model is not null),
        ("routes", Routes is not null),
        ("cache_seconds", CacheSeconds != 0),
        ("cache_hit_basis_points", CacheHitBasisPoints != 0));
}

/// <summary>Which tool a service is.</summary>
/// <param name="Name">As the upstream calls it.</param>
/// <param name="Hash">Of what an operator approved.</param>
/// <param name="Revision">Of the upstream: no older one is taken after a newer.</param>
public sealed record ToolOf(string UpstreamId, string Name, string Hash, long Revision);

/// <summary>A service as the catalogue shows it.</summary>
/// <param name="Disabled">Runs of several users failed in a row; until <paramref name="RetryAt"/>, or until an operator puts it again.</param>
/// <param name="Overcharges">Runs for which it asked more than was held, and got what was held; since it was first put.</param>
/// <param name="LastOvercharge">The last such run.</param>
/// <param name="RetryAt">When it was or will be enabled again by itself. None: it was not disabled since it was put, or by a version that did not retry: then it is due.</param>
/// <param name="Retries">How often it was disabled, each time before it had proved itself: each pause is twice the last.</param>
/// <param name="Secrets">How often its secret was changed: who wants to know whether a definition is still the same asks for that too, without seeing one.</param>
/// <param name="Dropped">Of the answer to a put: members that lost their values to it.</param>
public sealed record ServiceView(
    string ServiceId,
    ServiceDefinition Definition,
    bool Disabled,
    DateTimeOffset UpdatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Overcharges = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Guid LastOvercharge = default,
    DateTimeOffset? RetryAt = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Retries = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Secrets = 0,
    IReadOnlyList<string>? Dropped = null)
{
    public string Etag => EntityTags.Of(new Tagged(Definition, Secrets));

    /// <summary>Enabled again, and not yet proved: until then fewer failures disable it, and the next pause is longer.</summary>
    public bool IsOnTrial(DateTimeOffset now) => !Disabled && now < RetryAt + Limits.ServiceTrial;

    private sealed record Tagged(ServiceDefinition Definition, int Secrets);
}

/// <summary>Closed union; answers: PutService, PutTool → <see cref="ServiceView"/>; Disable, ReportOvercharge → <see cref="ServiceView"/>; Get → <see cref="ServiceView"/>, rejection not_found; GetSecret → <see cref="ServiceSecret"/>; PutAnswers, GetAnswers → <see cref="TestAnswers"/>; Try → <see cref="ServiceTrial"/>.</summary>
public abstract record ServiceCommand
{
    private ServiceCommand()
    {
    }

    /// <param name="Secret">JSON string; null with an AuthHeader keeps the secret that is there for the endpoint that it was given for, null without one removes it.</param>
    public sealed record PutService(ServiceDefinition Definition, Personal? Secret, Replacing? Replacing = null) : ServiceCommand;

    /// <summary>Sent by the upstream whose tool it is, which alone says what it is.</summary>
    public sealed record PutTool(ServiceDefinition Definition) : ServiceCommand;

    /// <summary>Sent by whoever ran the service when too many of its runs failed in a row.</summary>
    public sealed record Disable(string Reason) : ServiceCommand;

    /// <summary>Sent by whoever ran the service when it asked more than was held. A mark for operators, not an account: told at most once, and forgotten if the process dies over it.</summary>
    public sealed record ReportOvercharge(Guid RunId, long AskedMicros, long HeldMicros) : ServiceCommand;

    /// <summary>Of a tenant for tests: what answers there in the service's place, absolute.</summary>
    public sealed record PutAnswers(IReadOnlyList<TestAnswer> Answers) : ServiceCommand;

    public sealed record GetAnswers : ServiceCommand;

    public sealed record Get : ServiceCommand;

    /// <summary>Calls the service once, for nobody and for nothing. A repeat calls it again under the same id, which the service knows: what it answered is kept nowhere.</summary>
    /// <param name="Input">JSON that its schema allows; the edge has looked.</param>
    public sealed record Try(Personal Input) : ServiceCommand;

    /// <summary>What came of a try.</summary>
    internal sealed record TryDone(Guid CommandId, ServiceTrial Came) : ServiceCommand;

    /// <summary>For the process that makes the call: the secret, and what it was put with. Never answered over HTTP.</summary>
    public sealed record GetSecret : ServiceCommand;

    public sealed record Tick : ServiceCommand;
}

/// <param name="View">The service as it is with this secret: an endpoint that was read apart from it may be another put's. Null: a release before 0.6.0 answers.</param>
/// <param name="Answers">Of a tenant for tests: what answers in its place; null: nothing was said.</param>
public sealed record ServiceSecret(string? Header, Personal? Secret, ServiceView? View = null, IReadOnlyList<TestAnswer>? Answers = null);

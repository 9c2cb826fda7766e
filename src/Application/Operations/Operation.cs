using System.Text.Json.Nodes;
using Agora.Core.Access;
using Agora.Core.Kernel;

namespace Agora.Application.Operations;

/// <summary>
/// The one declaration of a route: who may call it and how, what it reads, what it answers. Everything that is told about a route follows from it: what
/// is mapped, validated and audited, next actions with the schema of their body, the OpenAPI document.
/// </summary>
/// <param name="Name">Names it in next actions, audit, metrics and the OpenAPI document.</param>
/// <param name="Endpoint">Method and route, such as <c>GET /agent/services</c>.</param>
internal abstract record Operation(Audience Audience, string Name, string Endpoint, string Summary)
{
    public string Endpoint { get; init => (field, Method, Route) = (value, value.Split(' ')[0], value.Split(' ')[1]); } = Endpoint;

    public string Method { get; private init; } = Endpoint.Split(' ')[0];

    public string Route { get; private init; } = Endpoint.Split(' ')[1];

    /// <summary>Under which the journal has it: what was called so is stored so for ever. It is understood wherever a name is given.</summary>
    public string StoredName { get => field ?? Name; init; }

    /// <summary>CLR type of the reply's <c>data</c>.</summary>
    public required Type Data { get; init; }

    public int Status { get; init; } = 200;

    /// <summary>It may go on after its answer, which then is 202.</summary>
    public bool MayGoOn { get; init; }

    /// <summary>The members of the body from which an idempotency key is derived. Null if it is derived from all of them.</summary>
    public IReadOnlyList<string>? KeyedBy { get; init; }

    /// <summary>Codes that it can answer with, besides those that every route of its audience has.</summary>
    public IReadOnlyList<string> Codes { get; init; } = [];

    /// <summary>Body and reply data of one real exchange, as JSON.</summary>
    public string? BodyExample { get; init; }

    public required string DataExample { get; init; }

    /// <summary>With what words it is offered as a next action.</summary>
    public string Advice { get => field ?? Summary; init; }

    /// <summary>It lists things that have an id of one of these names in paths: a request that names one in vain is led to it. Among operations of its kind, no other has the name.</summary>
    public IReadOnlyList<string> ListsIds { get; init; } = [];

    /// <summary>The name of the operation that a request for something that is not there is led to. Null if it is that which lists the last id of the path.</summary>
    public Func<Rejection, string?> ListOnNotFound { get; init; } = static _ => null;

    /// <summary>JSON Pointer of the body's member that a sponsor's or a provider's own schema is held against; null: none is.</summary>
    public string? HeldAgainst { get; init; }

    /// <summary>Headers that it hears, besides those that every route of its kind does.</summary>
    public IReadOnlyList<Member> Headers { get; init; } = [];

    /// <summary>Headers of its answer, besides those that every answer has.</summary>
    public IReadOnlyList<Member> AnswerHeaders { get; init; } = [];

    /// <summary>Of the body, the one that is meant for it first.</summary>
    public IReadOnlyList<string> MediaTypes { get; init; } = [Operations.MediaTypes.Json];

    /// <summary>Its body is bytes of whatever type: its handler reads them.</summary>
    public bool TakesBytes { get; init; }

    /// <summary>Of its body.</summary>
    public int MostBytes { get; init; } = Limits.BodyBytes;

    /// <summary>It moves money: without an Idempotency-Key a lost reply could move it twice.</summary>
    public bool RequiresKey { get; init; }

    /// <summary>By <c>Accept</c> all that it lists is sent as CSV or NDJSON.</summary>
    public bool IsList { get; init; }

    /// <summary>By <c>Accept</c> a page of it is sent as CSV.</summary>
    public bool HasCsv { get; init; }

    /// <summary>By <c>Accept</c> what it tells is sent as it happens, as an event stream.</summary>
    public bool HasEvents { get; init; }

    /// <summary>In which its reply is sent, the one that comes unasked first.</summary>
    public IReadOnlyList<string> Forms => field ??= [Operations.MediaTypes.Json, .. IsList ? (string[])[Operations.MediaTypes.Csv, Operations.MediaTypes.NdJson] : HasCsv ? [Operations.MediaTypes.Csv] : HasEvents ? [Operations.MediaTypes.EventStream] : []];

    /// <summary>Its body only asks: nothing is changed, so there is nothing that a repeat could do twice, and no key.</summary>
    public bool IsQuestion { get; init; }

    /// <summary>Its reply has a token, a key or a link that opens something: it is not compressed.</summary>
    public bool GivesSecret { get; init; }

    /// <summary>Its reply is what it is sent for, and stands nowhere else: a page that sent it shows that.</summary>
    public bool ShowsAnswer { get; init; }

    /// <summary>It shows what belongs to no tenant: only operators of the default one have it.</summary>
    public bool OfInstallation { get; init; }

    /// <summary>It is about a tenant for tests alone: of any other it is refused.</summary>
    public bool OfTests { get; init; }

    /// <summary>How models are offered it; null: they are not.</summary>
    public ModelTool? Tool { get; init; }

    /// <summary>By which address models read its reply as a resource, with its ids in braces; null: they do not.</summary>
    public string? Resource { get; init; }

    /// <summary>It has parameters, and a body is not looked at; of any other a parameter is refused.</summary>
    public bool IsRead => Method == "GET";

    /// <summary>Of operators' routes: the least role that may call it about anything.</summary>
    public Role Least { get => field != Role.None ? field : IsRead || IsQuestion ? Role.Viewer : Role.Operator; init; }

    /// <summary>Those who may call it about what is their own besides.</summary>
    public Role Owners { get; init; }

    /// <summary>Its handler shows those who may call it about their own just that.</summary>
    public bool ListsOwn { get; init; }

    public bool TakesKey => !IsRead && !IsQuestion && !Audience.IsPlain && (!IsForeign || HearsKey);

    /// <summary>It is another protocol's, whose clients send an Idempotency-Key all the same.</summary>
    public bool HearsKey { get; init; }

    /// <summary>It is another protocol's, which says itself what a request has and how it is answered: what is not known of a request is passed over, and no document has it.</summary>
    public bool IsForeign { get; init; }

    /// <summary>Of peers' routes: the platform's key may vouch for the agent that the path names.</summary>
    public bool PlatformVouches { get; init; }

    /// <summary>It replaces all that is there: what is left out is removed, so nothing at all is no body of it. What says all in its path has none.</summary>
    public bool WantsBody => Method == "PUT" && Shape is not null;

    /// <summary>Which members its body has.</summary>
    public BodyShape? Shape => field ??= BodyShape.Of(BodySchema());

    /// <summary>What it reads of a request: noted once, when it is mapped.</summary>
    public Sheet Sheet => field ??= Sheet.Of(this);

    /// <summary>JSON Schema of the body; null: it has no members.</summary>
    public JsonObject? BodySchema() => IsRead || Sheet.Members.All.Count == 0 ? null : Sheet.Members.Schema();

    /// <summary>The same at its address; null: it has no body.</summary>
    public PublishedSchema? Published => field ??= BodySchema() is null ? null : PublishedSchema.Of(this);

    /// <summary>Reads all that it declares.</summary>
    public abstract void Ask(Call call);
}

/// <typeparam name="T">What its handler is given.</typeparam>
internal sealed record Operation<T>(Audience Audience, string Name, string Endpoint, string Summary) : Operation(Audience, Name, Endpoint, Summary)
{
    /// <summary>
    /// Reads a request; also the declaration of its fields, so it asks for all of them whatever it finds. A value that is wrong is a finding, and reading goes on with
    /// a harmless one.
    /// </summary>
    public required Func<Call, T> Read { get; init; }

    /// <summary>
    /// Rejections have one order: who calls, what cannot be read, the content, then what the handler decides. Where this holds, the handler decides before the
    /// content is refused: whether the request is about something that is there, and that the caller may have.
    /// </summary>
    public Func<T, bool> SubjectFirst { get; init; } = static _ => false;

    /// <summary>Of peers' routes: agents whom the request talks to, which the session's scope must allow; empty: some that the handler finds out; null: it talks to nobody.</summary>
    public Func<T, IReadOnlyList<string>?> Peers { get; init; } = static _ => [];

    public override void Ask(Call call) => Read(call);
}

/// <summary>Of an operation that reads nothing but its credential.</summary>
internal readonly record struct NoFields
{
    public static NoFields Read(Call _) => default;
}

/// <summary>Whose credential an operation wants.</summary>
internal sealed record Audience(string Name, string Scheme, bool IsPublished = true)
{
    /// <summary>Of what an agent signs instead.</summary>
    public const string SignedScheme = "signedRequest";

    private const string WhatAgentsDo = "What an agent does within one session: find services and run them, do sponsors' tasks, see what was spent. Replies offer next_actions.";

    public static readonly Audience Anyone = new("Agents", "agentKey") { HasActions = true, Description = WhatAgentsDo };
    public static readonly Audience Agents = new("Agents", "sessionToken") { HasActions = true, OfAgents = true, Credentials = ["sessionToken", SignedScheme], Description = WhatAgentsDo };
    public static readonly Audience Operators = new("Operators", "operatorKey") { Description = "What an operator of one tenant does: users and their limits, agents, services, campaigns, wallets; what happened, and stopping it." };

    /// <summary>A person in the loop of a chat, which has a key of its own: replies are plain, and stand in a document of their own.</summary>
    public static readonly Audience Gpt = new("Chats", "gptKey") { IsPlain = true };

    /// <summary>Agents among each other, by a key of their own or within a session.</summary>
    public static readonly Audience Peers = new("Peers", "peer")
    {
        HasActions = true,
        OfAgents = true,
        Credentials = [Agents.Scheme, Anyone.Scheme, SignedScheme],
        Description = "What agents do among each other, by an agent's own key, or by a session's token where its scope allowed_peers lets it talk to somebody.",
    };

    /// <summary>People with a link and a browser: pages, no part of the machines' document.</summary>
    public static readonly Audience People = new("People", "link", IsPublished: false);

    /// <summary>Schemes of the document of which one is enough.</summary>
    public IReadOnlyList<string> Credentials { get; private init; } = [Scheme];

    /// <summary>Its replies say what can be done next.</summary>
    public bool HasActions { get; private init; }

    /// <summary>A session's token opens it, and a signature by the key of an agent's card.</summary>
    public bool OfAgents { get; private init; }

    /// <summary>Its replies are what they say, without an envelope, in words for people.</summary>
    public bool IsPlain { get; private init; }

    /// <summary>Of its part of the document.</summary>
    public string Description { get; private init; } = "";
}

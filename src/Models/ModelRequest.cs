using System.Text.Json.Serialization;

namespace Agora.Models;

/// <summary>
/// What is asked of a model, whichever dialect it came in: a dialect reads it, a wire writes it for a provider. What would cost money in a way that nobody here can bound is not in it: a dialect refuses that.
/// This is a chat; what is asked of models for something else is a record of its own below it.
/// </summary>
public record ModelRequest(string Model, IReadOnlyList<Item> Items)
{
    /// <summary>Which models can be asked this.</summary>
    public virtual ModelKind Kind => ModelKind.Chat;

    /// <summary>Of the memory that its answer takes at once, besides what any answer does.</summary>
    public virtual int ReplyBytes => 0;

    /// <summary>Of what it goes on from, which nobody has sent again.</summary>
    public long ContextBytes { get; init; }

    /// <summary>How what is said was judged to sound, for rules of routers; no provider is told. Null: nobody has judged that.</summary>
    public string? Sentiment { get; init; }

    /// <summary>Of text, tool calls and reasoning together; null: the client did not say.</summary>
    public int? MaxOutputTokens { get; init; }

    public IReadOnlyList<Tool> Tools { get; init; } = [];

    public ToolChoice ToolChoice { get; init; } = ToolChoice.Auto;

    /// <summary>Null: as the provider does.</summary>
    public bool? ParallelToolCalls { get; init; }

    public OutputFormat Format { get; init; } = OutputFormat.Text;

    public ReasoningOptions? Reasoning { get; init; }

    public double? Temperature { get; init; }

    public double? TopP { get; init; }

    public int? TopK { get; init; }

    public double? PresencePenalty { get; init; }

    public double? FrequencyPenalty { get; init; }

    public long? Seed { get; init; }

    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>low, medium, high; null: as the provider does.</summary>
    public string? Verbosity { get; init; }

    /// <summary>default, flex, priority, auto (or as the provider names it); null: as the provider does.</summary>
    public string? ServiceTier { get; init; }

    /// <summary>Groups requests that share a beginning, for the provider's cache.</summary>
    public string? PromptCacheKey { get; init; }

    public bool Stream { get; init; }

    /// <summary>Chat completions: the client wants usage in its stream. Other dialects always have it.</summary>
    public bool IncludeUsage { get; init; }

    /// <summary>Responses: it is to be kept, so that it can be read again and gone on from.</summary>
    public bool Store { get; init; }

    /// <summary>Responses: it goes on in the background, and its stream can be read again from any place.</summary>
    public bool Background { get; init; }

    /// <summary>Responses: what it goes on from.</summary>
    public string? PreviousResponseId { get; init; }

    /// <summary>Members of the client's body that its reply repeats (metadata, instructions, …), as JSON text by name; a dialect reads and writes them itself.</summary>
    public IReadOnlyDictionary<string, string> Echo { get; init; } = new Dictionary<string, string>();
}

public enum Role
{
    System = 1,
    Developer = 2,
    User = 3,
    Assistant = 4,
}

/// <summary>Closed: what a request's context and a reply's output are made of, in order.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Item.Message), "message")]
[JsonDerivedType(typeof(Item.ToolCall), "tool_call")]
[JsonDerivedType(typeof(Item.ToolResult), "tool_result")]
[JsonDerivedType(typeof(Item.Reasoning), "reasoning")]
public abstract record Item
{
    private Item()
    {
    }

    /// <param name="Id">As the dialect or provider names it; null: it has no name.</param>
    public sealed record Message(Role Role, IReadOnlyList<Part> Parts, string? Id = null) : Item
    {
        /// <summary>OpenAI: commentary, final_answer; a model that said it wants it back. Null: it is not said.</summary>
        public string? Phase { get; init; }

        /// <summary>OpenAI's chat: which of several participants speaks. Null if the message does not say it.</summary>
        public string? Name { get; init; }
    }

    /// <param name="Arguments">JSON text as the model wrote it, which may be no JSON; of a custom tool its input, any text.</param>
    /// <param name="IsCustom">Its input is text by a grammar, not JSON by a schema (OpenAI's custom tools).</param>
    /// <param name="Seal">What the provider wants back with it (Google: thought signature); null: nothing.</param>
    public sealed record ToolCall(string CallId, string Name, string Arguments, bool IsCustom = false, string? Id = null, Seal? Seal = null) : Item;

    public sealed record ToolResult(string CallId, IReadOnlyList<Part> Parts, bool IsError = false, bool IsCustom = false) : Item;

    /// <param name="Summary">OpenAI's summaries, each for itself.</param>
    /// <param name="Text">The reasoning itself, where the provider shows it; else empty.</param>
    /// <param name="Seal">What only its provider can read, and wants back: encrypted content, signature. Another provider is not sent the item.</param>
    /// <param name="IsRedacted">Anthropic: only the seal is there.</param>
    public sealed record Reasoning(IReadOnlyList<string> Summary, string Text, Seal? Seal, string? Id = null, bool IsRedacted = false) : Item;
}

/// <param name="Maker">Who can read it: openai, anthropic, google.</param>
public sealed record Seal(string Maker, string Data);

/// <summary>Closed: what a message or a tool's result is made of.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Part.Text), "text")]
[JsonDerivedType(typeof(Part.Refusal), "refusal")]
[JsonDerivedType(typeof(Part.Image), "image")]
public abstract record Part
{
    private Part()
    {
    }

    /// <summary>Anthropic: the provider is to cache all up to here; null: it is not said.</summary>
    public CacheTime? Cache { get; init; }

    public sealed record Text(string Value) : Part;

    /// <summary>The model would not (OpenAI); only in what the assistant said.</summary>
    public sealed record Refusal(string Value) : Part;

    /// <param name="Url">https, which the provider fetches; null: the bytes are here.</param>
    /// <param name="Data">Base64; null: there is a URL.</param>
    /// <param name="Detail">low, high, auto, original; null: as the provider does.</param>
    public sealed record Image(string? Url, string? MediaType, string? Data, string? Detail) : Part;
}

public enum CacheTime
{
    /// <summary>Anthropic: 5 minutes.</summary>
    Usual = 1,
    Hour = 2,
}

/// <summary>A tool that the client runs. Tools that a provider runs itself (web search, code) cost by the call, so no dialect takes them.</summary>
/// <param name="Parameters">JSON Schema as JSON text; null: none. Of a custom tool its format, as JSON text.</param>
/// <param name="Strict">Null: it is not said.</param>
public sealed record Tool(string Name, string? Description, string? Parameters, bool? Strict, bool IsCustom = false)
{
    public CacheTime? Cache { get; init; }
}

/// <summary>Closed: which tool the model is to call.</summary>
public abstract record ToolChoice
{
    private ToolChoice()
    {
    }

    public static ToolChoice Auto { get; } = new Any("auto");

    public static ToolChoice None { get; } = new Any("none");

    public static ToolChoice Required { get; } = new Any("required");

    /// <param name="Name">auto, none, required.</param>
    public sealed record Any(string Name) : ToolChoice;

    public sealed record Named(string Tool, bool IsCustom = false) : ToolChoice;

    /// <summary>Some of the tools: all are told to the model, so that its cache holds, and only these may be called.</summary>
    /// <param name="MustCall">One of them has to be.</param>
    public sealed record Allowed(bool MustCall, IReadOnlyList<Named> Tools) : ToolChoice;
}

/// <summary>Closed: the shape of the answer.</summary>
public abstract record OutputFormat
{
    private OutputFormat()
    {
    }

    public static OutputFormat Text { get; } = new Plain();

    /// <summary>Some JSON object.</summary>
    public static OutputFormat Json { get; } = new AnyJson();

    public sealed record Plain : OutputFormat;

    public sealed record AnyJson : OutputFormat;

    /// <param name="Schema">JSON text.</param>
    public sealed record ByJsonSchema(string Name, string Schema, bool? Strict, string? Description) : OutputFormat;
}

/// <param name="Effort">none, minimal, low, medium, high, xhigh; null: it is not said.</param>
/// <param name="BudgetTokens">Anthropic, Google: of the output, at most so many; null: it is not said.</param>
/// <param name="Summary">OpenAI: auto, concise, detailed; null: none is wanted.</param>
/// <param name="IsAdaptive">Anthropic: the model decides for itself how much.</param>
/// <param name="WantsSeal">The client keeps the context itself, and wants what it needs for that (include reasoning.encrypted_content).</param>
/// <param name="IsOff">It is said that there is to be none.</param>
/// <param name="Context">OpenAI: which turns' reasoning the model reads again: auto, current_turn, all_turns; null: it is not said.</param>
public sealed record ReasoningOptions(
    string? Effort = null, int? BudgetTokens = null, string? Summary = null, bool IsAdaptive = false, bool WantsSeal = false, bool IsOff = false, string? Context = null);

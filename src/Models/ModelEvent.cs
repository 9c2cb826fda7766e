using System.Text.Json.Serialization;

namespace Agora.Models;

/// <summary>
/// Closed: what a provider's stream says, in the order in which it says it. Items have numbers from 0 on; of each comes Began, what there is of it, and Completed; two may be open at once. A whole reply is the same at once
/// (<see cref="ModelReply"/>, which <see cref="ReplyBuilder"/> makes of events).
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ModelEvent.Started), "started")]
[JsonDerivedType(typeof(ModelEvent.Began), "began")]
[JsonDerivedType(typeof(ModelEvent.TextAdded), "text")]
[JsonDerivedType(typeof(ModelEvent.RefusalAdded), "refusal")]
[JsonDerivedType(typeof(ModelEvent.ArgumentsAdded), "arguments")]
[JsonDerivedType(typeof(ModelEvent.ReasoningAdded), "reasoning")]
[JsonDerivedType(typeof(ModelEvent.SummaryAdded), "summary")]
[JsonDerivedType(typeof(ModelEvent.Sealed), "sealed")]
[JsonDerivedType(typeof(ModelEvent.Completed), "completed")]
[JsonDerivedType(typeof(ModelEvent.Counted), "counted")]
[JsonDerivedType(typeof(ModelEvent.Tiered), "tier")]
[JsonDerivedType(typeof(ModelEvent.Ended), "ended")]
[JsonDerivedType(typeof(ModelEvent.Failed), "failed")]
public abstract record ModelEvent
{
    private ModelEvent()
    {
    }

    /// <summary>First. <paramref name="ProviderId"/>: under which the provider knows its response; null: it names none.</summary>
    /// <param name="Model">As the provider names what answered; null: it does not say.</param>
    public sealed record Started(string? ProviderId, string? Model) : ModelEvent;

    /// <param name="Item">Empty yet: a message without parts, a tool call with its name and without arguments, reasoning without text.</param>
    public sealed record Began(int Index, Item Item) : ModelEvent;

    /// <param name="Part">Which text part of the message, from 0 on.</param>
    public sealed record TextAdded(int Index, string Text, int Part = 0) : ModelEvent;

    public sealed record RefusalAdded(int Index, string Text, int Part = 0) : ModelEvent;

    public sealed record ArgumentsAdded(int Index, string Text) : ModelEvent;

    public sealed record ReasoningAdded(int Index, string Text) : ModelEvent;

    /// <param name="Part">Which summary, from 0 on.</param>
    public sealed record SummaryAdded(int Index, string Text, int Part = 0) : ModelEvent;

    /// <summary>Of reasoning, or of a tool call.</summary>
    public sealed record Sealed(int Index, Seal Seal) : ModelEvent;

    public sealed record Completed(int Index) : ModelEvent;

    /// <summary>All tokens so far; what is said last counts.</summary>
    public sealed record Counted(Usage Usage) : ModelEvent;

    /// <summary>The tier that served it, as the provider names it.</summary>
    public sealed record Tiered(string ServiceTier) : ModelEvent;

    /// <summary>Why it ended. Usage may come behind it.</summary>
    /// <param name="StopSequence">The one that was met; null: none, or the provider does not say.</param>
    public sealed record Ended(Finish Finish, string? StopSequence = null) : ModelEvent
    {
        /// <summary>When the event came here. Null in events that an earlier release stored.</summary>
        public DateTimeOffset? At { get; init; }
    }

    /// <summary>The provider says within its stream that it failed. Nothing follows but, it may be, usage.</summary>
    public sealed record Failed(ProviderFault Fault) : ModelEvent;
}

public enum Finish
{
    /// <summary>It was done, or met a stop sequence.</summary>
    Stop = 1,

    /// <summary>max_tokens.</summary>
    Length = 2,
    ToolCalls = 3,
    ContentFilter = 4,

    /// <summary>Anthropic: the model would not.</summary>
    Refusal = 5,

    /// <summary>Whoever asked wanted no more of it. No provider says so.</summary>
    Cancelled = 6,
}

/// <summary>All that a provider answered.</summary>
/// <param name="Usage">Null: it did not say.</param>
/// <param name="Finish">Null: it was cut off before it said why it ended.</param>
public record ModelReply(
    string? ProviderId, string? Model, IReadOnlyList<Item> Output, Usage? Usage, Finish? Finish, string? StopSequence = null, string? ServiceTier = null, ProviderFault? Fault = null)
{
    /// <summary>As <see cref="ModelEvent.Ended.At"/>.</summary>
    public DateTimeOffset? CompletedAt { get; init; }
}

/// <summary>What a provider says instead of a reply.</summary>
/// <param name="Kind">What it comes to.</param>
/// <param name="Message">The provider's own words, at most <see cref="ModelLimits.ErrorLength"/> characters: they go to the client, without anything that was sent with the provider's key.</param>
/// <param name="Code">The provider's own word for it; null: none.</param>
/// <param name="Param">The member of the request that it is about; null: none.</param>
/// <param name="RetryAfterSeconds">Null: it does not say.</param>
public sealed record ProviderFault(FaultKind Kind, string Message, string? Code = null, string? Param = null, int? RetryAfterSeconds = null);

public enum FaultKind
{
    /// <summary>The request is wrong: another try would be answered the same.</summary>
    InvalidRequest = 1,

    /// <summary>The operator's key is wrong or may not. The client's is not meant.</summary>
    Unauthorized = 2,
    NotFound = 3,

    /// <summary>Too many requests or tokens a minute.</summary>
    RateLimited = 4,

    /// <summary>The operator's account has no money left there.</summary>
    OutOfQuota = 5,

    /// <summary>Busy: try again later.</summary>
    Overloaded = 6,

    /// <summary>It failed.</summary>
    Failed = 7,
    TooLarge = 8,
    ContentFilter = 9,
}

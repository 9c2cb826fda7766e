using System.Text.Json.Serialization;
using Agora.Core.Kernel;
using Agora.Models;

namespace Agora.Core.Runs;

/// <summary>What is asked of a model: all that is held follows from it.</summary>
/// <param name="Caller">Whoever asks: only it may call the model, whoever else sends the same command.</param>
/// <param name="BoundMicros">The most that the call can cost by <paramref name="Prices"/>: what is held.</param>
/// <param name="Prices">The version in force when it was asked for. What was spent is reckoned by it, whatever comes into force meanwhile.</param>
/// <param name="InputTokens">At most read.</param>
/// <param name="OutputTokens">At most written.</param>
/// <param name="Route">Why this model is called, where another name was asked for or another one failed before: server text. Null: it was asked for by its name.</param>
/// <param name="Charges">As of <see cref="Services.ModelOffer"/>: false where only limits count it, and no fund is asked.</param>
/// <param name="Tentative">As of <see cref="IsNoRefusal"/>.</param>
public sealed record ModelCall(
    Guid Caller,
    long BoundMicros,
    int Prices,
    long InputTokens,
    int OutputTokens,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Charges,
    string? Route = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Tentative = false)
{
    /// <summary>Less will be asked for where this is more than a limit has left: so that is no refusal yet, and stands in no list.</summary>
    public bool IsNoRefusal(Rejection reason) => Tentative && reason.Code == Codes.BudgetExceeded;

    /// <summary>At most read and written.</summary>
    public long Tokens => InputTokens + OutputTokens;
}

/// <summary>How a model's call ended.</summary>
public enum CallStanding
{
    /// <summary>Nothing that costs was sent, or the provider said that it did nothing: nothing is posted.</summary>
    Unsent = 1,

    /// <summary>The provider said what was spent.</summary>
    Known = 2,

    /// <summary>It was sent, and nobody can say what was spent: what was held is posted, as an estimate.</summary>
    Unknown = 3,
}

/// <param name="CostMicros">Of a known one, by the prices that the call names.</param>
/// <param name="Usage">As the provider counted; null: it did not.</param>
/// <param name="ProviderId">Under which the provider knows its response; null: it named none.</param>
/// <param name="Tier">The service tier, as the provider says; null: it did not.</param>
/// <param name="FailureCode">Of one that has no whole answer: why, as one of our codes. It may have cost all the same.</param>
/// <param name="FailureMessage">In words of ours.</param>
/// <param name="FirstMs">From the moment at which it was sent to the first of its answer; null: none came.</param>
/// <param name="TookMs">To the last.</param>
/// <param name="CachedFrom">The run whose reply is the answer: no model was called. Null: one was, or nothing came of it.</param>
public sealed record ModelCallEnd(
    CallStanding Standing,
    long CostMicros,
    Usage? Usage,
    string? ProviderId = null,
    string? Tier = null,
    string? FailureCode = null,
    string? FailureMessage = null,
    int? FirstMs = null,
    int? TookMs = null,
    Guid? CachedFrom = null)
{
    public static ModelCallEnd Lost { get; } = new(CallStanding.Unknown, 0, null, FailureCode: Codes.UpstreamTimeout, FailureMessage: "Whoever called the model is gone, and what was spent is not known.");
}

/// <summary>What the run of a model's call says of it when it is over.</summary>
/// <param name="HeldMicros">What was held for it.</param>
/// <param name="Route">As of <see cref="ModelCall"/>.</param>
/// <param name="CachedFrom">As of <see cref="ModelCallEnd"/>.</param>
/// <param name="IsEstimate">What was held is posted, for nobody knows what was spent.</param>
/// <param name="OverMicros">What the provider counted beyond what was held: nobody pays it, and an operator is told.</param>
public sealed record CalledModel(
    int Prices,
    long HeldMicros,
    Usage? Usage,
    string? ProviderId,
    string? Tier,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IsEstimate,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long OverMicros,
    int? FirstMs,
    int? TookMs,
    string? FailureCode,
    string? Route = null,
    Guid? CachedFrom = null)
{
    /// <summary>That were read and written, as they count; of a call of which nobody knows, as many as it might.</summary>
    public long TokensOf(ModelCall call) => IsEstimate ? call.Tokens : Math.Min(Usage?.Total ?? 0, call.Tokens);
}

/// <summary>Of the calls that were named, those that are under way.</summary>
public sealed record CallsKnown(IReadOnlyList<Guid> RunIds);

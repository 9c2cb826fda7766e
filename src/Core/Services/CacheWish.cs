using System.Text.Json.Serialization;

namespace Agora.Core.Services;

/// <summary>Whoever asks for a run takes the output of an equal one.</summary>
/// <param name="Id">Who answers equal requests: those that are equal have the same.</param>
/// <param name="MaxAgeSeconds">Nothing older is taken.</param>
/// <param name="HitBasisPoints">What that costs: so many ten thousandths of what the first run cost, rounded up.</param>
/// <param name="DefinedAt">Of the service's definition: an output by another one answers no request for this.</param>
public sealed record CacheWish(string Id, int MaxAgeSeconds, int HitBasisPoints, DateTimeOffset DefinedAt)
{
    public long HitMicros(long costMicros) => HitMicros(costMicros, HitBasisPoints);

    /// <summary>What an answer costs that another's is.</summary>
    public static long HitMicros(long costMicros, int basisPoints) => (long)((((Int128)costMicros * basisPoints) + RouteRule.Whole - 1) / RouteRule.Whole);
}

/// <summary>A run's answer is another's output.</summary>
/// <param name="From">The run that called the service.</param>
/// <param name="AgeSeconds">How old its output was.</param>
/// <param name="Waited">It came while the service was being called.</param>
public sealed record CacheHit(Guid From, int AgeSeconds, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Waited = false);

using System.Text.Json.Serialization;
using Agora.Core.Kernel;
using Agora.Models;

namespace Agora.Core.Services;

/// <summary>What a service says of the model that it is. Its price is the most that one call may cost.</summary>
/// <param name="Name">As the provider calls it.</param>
/// <param name="MaxOutputTokens">The most that the model writes in one call, reasoning included; 0: it is none that writes.</param>
/// <param name="DefaultOutputTokens">The most where the client says nothing; 0 as that.</param>
/// <param name="ImageTokens">The most that one image counts.</param>
/// <param name="Charges">Whoever pays for services pays for it: a sponsor, or the agent's wallet. False: the operator pays its provider, and only limits count what was spent.</param>
/// <param name="Fallback">Models that are called in its place, one after the other, where its provider certainly did nothing; null: none.</param>
/// <param name="CacheSeconds">A reply answers equal requests for so long at most; 0: none does.</param>
/// <param name="CacheHitBasisPoints">What an answer costs that another call's reply is: so many ten thousandths of what that call cost, rounded up.</param>
/// <param name="Prices">By version. One that is in force, or was, never changes.</param>
public sealed record ModelOffer(
    string Name,
    int MaxOutputTokens,
    int DefaultOutputTokens,
    int ImageTokens,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Charges,
    IReadOnlyList<PriceVersion> Prices,
    IReadOnlyList<string>? Fallback = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int CacheSeconds = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int CacheHitBasisPoints = 0)
{
    /// <summary>By which calls it is asked; of a call of another kind it is refused.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ModelKind Kind { get; init; }

    /// <summary>What it is asked is looked at before: whoever is set up for that may refuse it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Moderated { get; init; }

    /// <summary>In order of precedence; null: it may stand.</summary>
    internal static Rejection? Refusal(ModelOffer? known, ServiceDefinition put, DateTimeOffset now)
    {
        if (put.IsRouter != (put.Routes is not null)) return ServiceRejection.RoutesWithoutRouter;
        if ((put.Model is null) != (put.ModelProvider is null || put.IsRouter)) return ServiceRejection.ModelWithoutProvider;
        if (put.Model is not { } model) return known?.Prices.Any(version => version.From <= now) == true ? ServiceRejection.ModelStaysOne : null;
        if (!put.Metered) return ServiceRejection.ModelIsMetered;
        if (model.Prices.Count is 0 or > Limits.PriceVersions || !IsInOrder(model.Prices)) return ServiceRejection.PricesOutOfOrder;
        if (model.Prices.Any(version => !IsInRange(version))) return ServiceRejection.RateOutOfRange;
        if (!Enum.IsDefined(model.Kind)) return ServiceRejection.NoSuchKind;
        if (model.Kind != ModelKind.Chat && (model.MaxOutputTokens, model.DefaultOutputTokens, model.ImageTokens) != (0, 0, 0))
        {
            return ServiceRejection.OutputOfNone;
        }

        if (model.Kind == ModelKind.Chat && (model.MaxOutputTokens is < 1 or > ModelLimits.OutputTokens || model.DefaultOutputTokens < 1 || model.DefaultOutputTokens > model.MaxOutputTokens))
        {
            return ServiceRejection.OutputOutOfRange;
        }

        if (model.ImageTokens is < 0 or > Limits.ImageTokens) return ServiceRejection.OutputOutOfRange;
        if (!model.IsCachedInRange) return ServiceRejection.CacheOutOfRange;

        return known is not null && known.Prices.Where(version => version.From <= now).Any(version => !IsKept(version, model.Prices)) ? ServiceRejection.PriceInForce : null;
    }

    private bool IsCachedInRange => CacheSeconds >= 0 && CacheSeconds <= (Kind == ModelKind.Speech ? 0 : Limits.CacheSeconds) && CacheHitBasisPoints is >= 0 and <= RouteRule.Whole;

    /// <summary>Of an answer that another call's reply is.</summary>
    public long HitMicros(long costMicros) => CacheWish.HitMicros(costMicros, CacheHitBasisPoints);

    private static bool IsInOrder(IReadOnlyList<PriceVersion> versions)
    {
        for (var i = 0; i < versions.Count; i++)
        {
            if (versions[i].Version < 1 || (i > 0 && (versions[i].Version <= versions[i - 1].Version || versions[i].From <= versions[i - 1].From)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsInRange(PriceVersion version) => version.Rates.Count is > 0 and <= Limits.RatesOfVersion && Money.InRange(version.RequestMicros)
        && version.Rates.Any(rate => rate.AboveInputTokens == 0 && rate.IsOf(null))
        && version.Rates.All(rate => rate.AboveInputTokens is >= 0 and <= ModelLimits.UsageTokens
            && new[] { rate.Input, rate.Output, rate.CacheRead ?? 0, rate.CacheWrite ?? 0, rate.CacheWriteLong ?? 0, rate.Reasoning ?? 0, rate.InputAudio ?? 0, rate.OutputAudio ?? 0 }
                .All(micros => micros is >= 0 and <= Limits.RateMicros));

    private static bool IsKept(PriceVersion version, IReadOnlyList<PriceVersion> among) => among.FirstOrDefault(other => other.Version == version.Version) is { } same
        && same.From == version.From && same.RequestMicros == version.RequestMicros && same.Rates.SequenceEqual(version.Rates);
}

namespace Agora.Models;

/// <summary>What a model costs from a moment on. A version never changes once it is in force: what was posted names it.</summary>
/// <param name="Version">From 1 on, each one more than the last.</param>
/// <param name="RequestMicros">Of each call, besides its tokens.</param>
public sealed record PriceVersion(int Version, DateTimeOffset From, IReadOnlyList<Rate> Rates, long RequestMicros = 0)
{
    /// <summary>The one in force; null: none is yet, so the price is not known.</summary>
    public static PriceVersion? At(IReadOnlyList<PriceVersion> versions, DateTimeOffset now) => versions.Where(version => version.From <= now).MaxBy(version => version.Version);

    /// <summary>
    /// What a call cost, in micro-dollars, rounded up once. Tokens without a rate of their own cost what they are a part of: what is read from a cache or written to it what input costs, reasoning what output costs.
    /// </summary>
    /// <param name="tier">As the provider says that it served the call; null: it did not say. One that has no rate costs as the dearest does, so that nothing is recorded too low.</param>
    /// <returns>Null: there is audio in it, and no rate for audio.</returns>
    public long? Cost(Usage usage, string? tier)
    {
        var priced = Rates.Where(rate => rate.AboveInputTokens <= 0 || usage.AllInput > rate.AboveInputTokens).ToList();
        var ofTier = priced.Where(rate => rate.IsOf(tier)).ToList();
        var costs = (ofTier.Count > 0 ? [ofTier.MaxBy(rate => rate.AboveInputTokens)!] : priced).Select(rate => rate.Cost(usage)).ToList();
        return costs.Count == 0 || costs.Contains(null) ? null : RoundUp(costs.Max()!.Value) + RequestMicros;
    }

    /// <summary>
    /// The most that a call can cost: all that it may read at the dearest rate that can apply to it, and all that it may write likewise. What a call costs is never more, as long as its provider counts no more than was bounded.
    /// </summary>
    /// <param name="inputTokens">At most read.</param>
    /// <param name="outputTokens">At most written, reasoning included.</param>
    /// <param name="tier">As it is asked for; null: none is. auto: whichever the provider likes.</param>
    /// <param name="writesCache">It asks for something to be cached.</param>
    /// <returns>Null: the tier has no rate, so the price is not known.</returns>
    public long? Bound(long inputTokens, long outputTokens, string? tier, bool writesCache)
    {
        var priced = ThatMayApply(inputTokens, tier);
        if (priced.Count == 0) return null;

        return RoundUp(priced.Max(rate => ((Int128)inputTokens * rate.DearestInput(writesCache)) + ((Int128)outputTokens * rate.DearestOutput))) + RequestMicros;
    }

    /// <summary>The most output tokens that this many micro-dollars hold, given what is read; 0 or less: not one.</summary>
    public long OutputTokensFor(long micros, long inputTokens, string? tier, bool writesCache)
    {
        var priced = ThatMayApply(inputTokens, tier);
        if (priced.Count == 0) return 0;

        var tokens = priced.Min(rate => rate.DearestOutput == 0 ? ModelLimits.OutputTokens
            : (((Int128)(micros - RequestMicros) * Rate.PerTokens) - ((Int128)inputTokens * rate.DearestInput(writesCache))) / rate.DearestOutput);
        return (long)Int128.Clamp(tokens, 0, ModelLimits.OutputTokens);
    }

    /// <summary>To a call that reads at most so much: of which bound of a long context it will be is not known before.</summary>
    private List<Rate> ThatMayApply(long inputTokens, string? tier) =>
        [.. Rates.Where(rate => (tier == Rate.Auto || rate.IsOf(tier)) && (rate.AboveInputTokens <= 0 || inputTokens > rate.AboveInputTokens))];

    private static long RoundUp(Int128 rated) => (long)((rated + Rate.PerTokens - 1) / Rate.PerTokens);
}

/// <summary>Micro-dollars for a million tokens of each bucket.</summary>
/// <param name="AboveInputTokens">It applies to calls that read more than this; the highest that applies counts. 0: to all.</param>
/// <param name="Tier">The service tier that it is for; null: for the usual one.</param>
/// <param name="CacheRead">Null: as input. So are the next two.</param>
/// <param name="Reasoning">Null: as output.</param>
/// <param name="InputAudio">Null: there is no price, so no audio. So for output.</param>
public sealed record Rate(
    long Input,
    long Output,
    long AboveInputTokens = 0,
    string? Tier = null,
    long? CacheRead = null,
    long? CacheWrite = null,
    long? CacheWriteLong = null,
    long? Reasoning = null,
    long? InputAudio = null,
    long? OutputAudio = null)
{
    public const long PerTokens = 1_000_000;

    /// <summary>The provider may take any tier.</summary>
    public const string Auto = "auto";

    /// <summary>Names of the usual tier: OpenAI's, and Anthropic's.</summary>
    private static readonly string[] Usual = ["default", "standard", "standard_only", "on_demand"];

    public bool IsOf(string? tier) => Named(Tier) == Named(tier);

    /// <summary>In micro-dollars times a million; null: there is audio, and no rate for it.</summary>
    internal Int128? Cost(Usage usage)
    {
        if ((usage.InputAudio > 0 && InputAudio is null) || (usage.OutputAudio > 0 && OutputAudio is null)) return null;

        return ((Int128)usage.Input * Input) + ((Int128)usage.CacheRead * (CacheRead ?? Input)) + ((Int128)usage.CacheWrite * (CacheWrite ?? Input)) + ((Int128)usage.CacheWriteLong * (CacheWriteLong ?? CacheWrite ?? Input))
            + ((Int128)usage.InputAudio * (InputAudio ?? 0)) + ((Int128)usage.Output * Output) + ((Int128)usage.Reasoning * (Reasoning ?? Output)) + ((Int128)usage.OutputAudio * (OutputAudio ?? 0));
    }

    internal long DearestInput(bool writesCache) =>
        Math.Max(Math.Max(Input, CacheRead ?? 0), writesCache ? Math.Max(CacheWrite ?? 0, CacheWriteLong ?? 0) : 0);

    internal long DearestOutput => Math.Max(Output, Reasoning ?? 0);

    private static string Named(string? tier) => tier is null || Usual.Contains(tier) ? "" : tier;
}

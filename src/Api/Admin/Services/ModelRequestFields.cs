using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Models;

namespace Agora.Api.Admin.Services;

/// <summary>What an operator says of a service that is a model.</summary>
internal static class ModelRequestFields
{
    private const string TierPattern = "^[a-z][a-z_]{0,31}$";

    /// <summary>Null: it is none.</summary>
    public static ModelOffer? Read(Call call)
    {
        if (call.Body.Object("model", "Of a service whose endpoint is model:NAME: which model of that provider it is, and what it costs.", required: false) is not { } model)
        {
            return null;
        }

        var name = model.Text("name", "As the provider calls it.", ModelLimits.NameLength) ?? "";
        var kind = ModelKinds.Of(model.OneOf("kind", "By which calls it is asked: chat (absent: this), embeddings or speech.", ModelKinds.Words));
        var most = model.Integer("max_output_tokens", "Of a chat model: the most that it writes in one call, reasoning included.", 1, ModelLimits.OutputTokens, absent: null) ?? 0;
        WantedOfChat(model, kind, "max_output_tokens");
        var usual = model.Integer("default_output_tokens", "The most where the client says nothing; absent: max_output_tokens, 16384 at most.", 1, ModelLimits.OutputTokens, absent: null) ?? Math.Min(most, UsualOutputTokens);
        var image = model.Integer("image_tokens", "The most that one image counts, by the provider's table; 0: no image is taken, for nobody could say what it costs.", 0, Limits.ImageTokens, absent: 0) ?? 0;
        var charges = model.Flag("charges", "Whoever pays for services pays for it, a sponsor or the agent's wallet. false: the operator pays its provider, and limits count what is spent.", absent: false) ?? false;
        var moderated = model.Flag("moderated", "Whoever AGORA_MODEL_MODERATION names is asked about all texts of a request before anything is held, and may refuse it.", absent: false) ?? false;
        var fallback = model.Ids("fallback", "Models that are called in its place, in order, where its provider certainly did nothing.", Limits.ModelFallbacks);
        var cached = model.Integer("cache_seconds", "A reply answers equal requests of the same agent of the same user that ask for it (Cache-Control: max-age) for so long at most; 0: none does.", 0, Limits.CacheSeconds, absent: 0) ?? 0;
        var hit = model.Integer("cache_hit_basis_points", "What such an answer costs: so many ten thousandths of what the first call cost, rounded up to a millionth of a dollar.", 0, RouteRule.Whole, absent: 0) ?? 0;
        var prices = model.Objects("prices", "Versions, the first first. One that is in force stays as it is.", Limits.PriceVersions, minItems: 1).Select(version => Version(version, kind)).ToList();
        AnyOf(model, "prices", prices.Count, Limits.PriceVersions);
        model.Finish();
        return new(name, most, usual, image, charges, prices, fallback) { Kind = kind, Moderated = moderated, CacheSeconds = cached, CacheHitBasisPoints = hit };
    }

    /// <summary>Null: it is no router.</summary>
    public static IReadOnlyList<RouteRule>? Routes(Call call)
    {
        var rules = call.Body.Objects("routes", "Of a service whose endpoint is model:router: which model is called, by the first rule that fits.", Limits.RouteRules, required: false).Select(Rule).ToList();
        return call.Body.IsPresent("routes") ? rules : null;
    }

    private static RouteRule Rule(Fields rule)
    {
        var read = new RouteRule(
            rule.Id("to", "The model that is called.") ?? "",
            rule.Integer("input_tokens_below", "Only where less than this is read, at most.", 1, (int)ModelLimits.UsageTokens, absent: null),
            rule.Flag("has_tools", "Only where the request offers tools, or only where it does not.", absent: null),
            rule.Flag("has_images", "Only where it has images, or only where it has not.", absent: null),
            rule.Formatted("wish", "Only where the header Agora-Route says this.", 32, IsTier, "1 to 32 small letters and underscores are wanted here.", required: false, pattern: TierPattern),
            rule.Amount("free_below_cents", "Only where less than this is left of the session's budget.", required: false),
            rule.Integer("share_basis_points", "Of the calls that fit, so many of ten thousand.", 0, RouteRule.Whole, absent: null),
            rule.Integer("first_ms_below", "Only where the model has begun its answers sooner than this, in the median of the last minutes, or nobody has measured it.", 1, (int)Limits.ModelCallAtMost.TotalMilliseconds, absent: null),
            Shadow(rule),
            rule.OneOf("sentiment", "Only where what is said in a chat was judged to sound so.", ChatSentiment.Labels));
        rule.Finish();
        return read;
    }

    private static RouteShadow? Shadow(Fields rule)
    {
        if (rule.Object("shadow", "Some of its calls are made a second time, of another model, when they have been answered. Nobody sees that answer, and the session pays for it as for any call.", required: false) is not { } shadow)
        {
            return null;
        }

        var read = new RouteShadow(
            shadow.Id("to", "The model that is called besides. One that charges, or is for speech, is not.") ?? "",
            shadow.Integer("share_basis_points", "Of the calls that the rule has answered, so many of ten thousand.", 0, RouteRule.Whole, absent: null, required: true) ?? 0);
        shadow.Finish();
        return read;
    }

    public const int UsualOutputTokens = 16_384;

    private static PriceVersion Version(Fields version, ModelKind kind)
    {
        var number = version.Integer("version", "Higher than the one before.", 1, int.MaxValue, absent: null, required: true) ?? 1;
        var from = version.Time("from", "From when on it is in force.", required: true) ?? default;
        var request = version.Cents("request_cents", "Of each call, besides its tokens.", required: false) ?? 0;
        var rates = version.Objects("rates", "For a million tokens each. One at least has neither tier nor above_input_tokens.", Limits.RatesOfVersion, minItems: 1).Select(rate => Rate(rate, kind)).ToList();
        AnyOf(version, "rates", rates.Count, Limits.RatesOfVersion);
        version.Finish();
        return new(number, from, rates, request);
    }

    private static Rate Rate(Fields rate, ModelKind kind)
    {
        var read = new Rate(
            rate.Cents("input_cents", "What is read; of a model that speaks a million characters of it.") ?? 0,
            rate.Cents("output_cents", "What is written, by a chat model.", required: false) ?? 0,
            rate.Integer("above_input_tokens", "It applies to calls that read more than this.", 0, (int)ModelLimits.UsageTokens, absent: 0) ?? 0,
            rate.Formatted("tier", "The service tier that it is for, as the provider names it.", 32, IsTier, "1 to 32 small letters and underscores are wanted here.", required: false, pattern: TierPattern),
            rate.Cents("cache_read_cents", "What is read from a cache; absent: as input.", required: false),
            rate.Cents("cache_write_cents", "What is written to it for its usual time; absent: as input.", required: false),
            rate.Cents("cache_write_hour_cents", "What is written to it for an hour; absent: as cache_write_cents.", required: false),
            rate.Cents("reasoning_cents", "Reasoning; absent: as output.", required: false),
            rate.Cents("input_audio_cents", "Audio that is read; absent: none is taken.", required: false),
            rate.Cents("output_audio_cents", "Audio that is written; absent: none is.", required: false));
        WantedOfChat(rate, kind, "output_cents");
        rate.Finish();
        return read;
    }

    private static void WantedOfChat(Fields of, ModelKind kind, string name)
    {
        if (kind == ModelKind.Chat && !of.IsPresent(name))
        {
            of.Violate(name, "required", "This member is required of a model for chat.");
        }
    }

    private static void AnyOf(Fields of, string name, int count, int most)
    {
        if (of.IsPresent(name) && count == 0)
        {
            of.Violate(name, "minItems", $"From 1 to {most} {name} are wanted here; here are 0.");
        }
    }

    private static bool IsTier(string tier) => tier.Length > 0 && char.IsAsciiLetterLower(tier[0]) && tier.All(c => char.IsAsciiLetterLower(c) || c == '_');
}

/// <summary>As a put takes it.</summary>
internal sealed record ModelOfferData(string Name, string Kind, int? MaxOutputTokens, int? DefaultOutputTokens, int ImageTokens, bool Charges, bool Moderated, IReadOnlyList<PriceVersionData> Prices, IReadOnlyList<string>? Fallback, int CacheSeconds, int CacheHitBasisPoints)
{
    public static ModelOfferData? Of(ModelOffer? model) => model is null ? null
        : new(model.Name, ModelKinds.WordOf(model.Kind), Or(model.MaxOutputTokens), Or(model.DefaultOutputTokens), model.ImageTokens, model.Charges, model.Moderated, [.. model.Prices.Select(PriceVersionData.Of)], model.Fallback, model.CacheSeconds, model.CacheHitBasisPoints);

    private static int? Or(int tokens) => tokens == 0 ? null : tokens;
}

internal sealed record PriceVersionData(int Version, DateTimeOffset From, Cents RequestCents, IReadOnlyList<RateData> Rates)
{
    public static PriceVersionData Of(PriceVersion version) => new(version.Version, version.From, new(version.RequestMicros), [.. version.Rates.Select(RateData.Of)]);
}

internal sealed record RateData(
    Cents InputCents, Cents OutputCents, long AboveInputTokens, string? Tier, Cents? CacheReadCents, Cents? CacheWriteCents, Cents? CacheWriteHourCents, Cents? ReasoningCents, Cents? InputAudioCents, Cents? OutputAudioCents)
{
    public static RateData Of(Rate rate) => new(
        new(rate.Input), new(rate.Output), rate.AboveInputTokens, rate.Tier, Or(rate.CacheRead), Or(rate.CacheWrite), Or(rate.CacheWriteLong), Or(rate.Reasoning), Or(rate.InputAudio), Or(rate.OutputAudio));

    private static Cents? Or(long? micros) => micros is { } some ? new(some) : null;
}

internal sealed record RouteRuleData(string To, long? InputTokensBelow, bool? HasTools, bool? HasImages, string? Wish, Cents? FreeBelowCents, int? ShareBasisPoints, int? FirstMsBelow, RouteShadowData? Shadow, string? Sentiment)
{
    public static IReadOnlyList<RouteRuleData>? Of(IReadOnlyList<RouteRule>? rules) => rules is null ? null
        : [.. rules.Select(rule => new RouteRuleData(rule.To, rule.InputTokensBelow, rule.HasTools, rule.HasImages, rule.Wish, rule.FreeBelowMicros is { } free ? new(free) : null, rule.ShareBasisPoints, rule.FirstMsBelow, rule.Shadow is { } shadow ? new(shadow.To, shadow.ShareBasisPoints) : null, rule.Sentiment))];
}

internal sealed record RouteShadowData(string To, int ShareBasisPoints);

using Agora.Application.Catalogue;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Models;

namespace Agora.Application.Models;

/// <summary>What is held for a call: the most that it can cost, by the prices in force.</summary>
/// <param name="CachesUnasked">As of the provider: what it writes to its cache by itself is billed all the same.</param>
/// <param name="OutputTokens">The most that it may write: what the client asked for, or less, where less is free. Never more.</param>
internal sealed record ModelHold(ServiceEntry Service, ModelRequest Request, PriceVersion Prices, bool CachesUnasked, long InputTokens, int OutputTokens, long BoundMicros)
{
    /// <summary>Fewer tokens than these are no answer: then the call is refused.</summary>
    public const int LeastOutputTokens = 16;

    /// <summary>Who asks for none gets whichever the provider likes, or its account has.</summary>
    private string Tier => Request.ServiceTier ?? Rate.Auto;

    private ModelOffer Offer => Service.Definition.Model!;

    private bool WritesCache => CachesUnasked || Request.Tools.Any(tool => tool.Cache is not null) || Request.Items.Any(item => item switch
    {
        Item.Message m => m.Parts.Any(part => part.Cache is not null),
        Item.ToolResult r => r.Parts.Any(part => part.Cache is not null),
        _ => false,
    });

    /// <summary>Or why nobody can say what it costs at most.</summary>
    public static (ModelHold? Hold, Rejection? Refused) Of(ServiceEntry service, ModelRequest request, bool cachesUnasked, DateTimeOffset now)
    {
        var offer = service.Definition.Model!;
        if (OfAnotherKind(service, request) is { } other) return (null, other);
        if (PriceVersion.At(offer.Prices, now) is not { } prices) return (null, NoPrice(service.ServiceId));
        if (offer.ImageTokens == 0 && HasImages(request)) return (null, NoImages(service.ServiceId));
        if (request.MaxOutputTokens > offer.MaxOutputTokens) return (null, TooMuchOutput(request.MaxOutputTokens.Value, offer.MaxOutputTokens));

        var hold = new ModelHold(service, request, prices, cachesUnasked && request.Kind == ModelKind.Chat, InputBound.Of(request, offer.ImageTokens), request.MaxOutputTokens ?? offer.DefaultOutputTokens, 0);
        return hold.Bound() is { } bound ? (hold with { BoundMicros = bound }, null) : (null, NoTier(hold.Tier));
    }

    /// <summary>The same with as much output as this much money holds; null: that is too little, or no less than before.</summary>
    public ModelHold? Within(long micros)
    {
        var tokens = (int)Math.Min(Prices.OutputTokensFor(micros, InputTokens, Tier, WritesCache), OutputTokens - 1);
        var less = this with { OutputTokens = tokens };
        return tokens >= LeastOutputTokens && less.Bound() is { } bound && bound <= micros ? less with { BoundMicros = bound } : null;
    }

    /// <summary>The same with as much output as these tokens, all together, leave; null: that is too little, or no less than before.</summary>
    public ModelHold? WithinTokens(long free)
    {
        var less = this with { OutputTokens = (int)Math.Min(free - InputTokens, OutputTokens - 1) };
        return less.OutputTokens >= LeastOutputTokens && less.Bound() is { } bound ? less with { BoundMicros = bound } : null;
    }

    /// <summary>The most output tokens that would pass where this much is free; 0: none would, or none are written.</summary>
    public long WouldPass(long micros) => Request.Kind != ModelKind.Chat ? 0 : Prices.OutputTokensFor(micros, InputTokens, Tier, WritesCache);

    public ModelCall Call(Guid caller, string? route, bool tentative) => new(caller, BoundMicros, Prices.Version, InputTokens, OutputTokens, Offer.Charges, route, tentative);

    private long? Bound() => Prices.Bound(InputTokens, OutputTokens, Tier, WritesCache);

    public static bool HasImages(ModelRequest request) => request.Items.Any(item => item switch
    {
        Item.Message m => m.Parts.Any(part => part is Part.Image),
        Item.ToolResult r => r.Parts.Any(part => part is Part.Image),
        _ => false,
    });

    /// <summary>Null: it is for what is asked.</summary>
    public static Rejection? OfAnotherKind(ServiceEntry service, ModelRequest request) => service.Definition.Model!.Kind is var kind && kind == request.Kind ? null : Otherwise(service.ServiceId, kind);

    private static Rejection Otherwise(string model, ModelKind kind) => kind switch
    {
        ModelKind.Embeddings => Instead($"The model {model} makes vectors of texts: it is asked by POST {ModelPaths.OpenAi}/embeddings."),
        ModelKind.Speech => Instead($"The model {model} reads texts aloud: it is asked by POST {ModelPaths.OpenAi}/audio/speech."),
        _ => Instead($"The model {model} is for chat: it is asked by POST {ModelPaths.OpenAi}/chat/completions, say."),
    };

    private static Rejection Instead(string message) => new(Codes.ValidationFailed, message, [new("model", "not", "It is of another kind.")]);

    private static Rejection NoPrice(string model) => new(Codes.NotEligible, $"No price of {model} is in force yet, so nobody can say what a call costs: an operator puts one.");

    private static Rejection NoTier(string tier) => new(Codes.NotEligible, $"The model has no price for the service tier {tier}, so nobody can say what a call costs.");

    private static Rejection NoImages(string model) => new(Codes.NotEligible, $"Of {model} it is not said what an image counts at most, so none is taken: an operator puts image_tokens.");

    private static Rejection TooMuchOutput(int asked, int most) =>
        new Rejection(Codes.ValidationFailed, $"The model writes at most {most} tokens, and {asked} are asked for.", [new("max_tokens", "maximum", $"At most {most}.")]);
}

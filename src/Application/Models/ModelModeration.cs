using Agora.Application.Calls;
using Agora.Application.Catalogue;
using Agora.Core.Kernel;
using Agora.Models;
using Agora.Providers;
using Microsoft.Extensions.Logging;

namespace Agora.Application.Models;

/// <summary>
/// Whether what is asked of a model that is moderated may be: asked before anything is held, so that what is refused costs nothing and goes to no provider. The texts stand in no log and in no journal.
/// </summary>
/// <param name="moderators">One, or none.</param>
internal sealed partial class ModelModeration(IReadOnlyList<Moderator> moderators, ILogger<ModelModeration> log)
{
    private static readonly Rejection NotAsked = new(Codes.Unavailable, "The model is moderated, and whoever moderates could not be asked.", RetryAfterSeconds: 10, Retry: true);
    private static readonly Rejection NotSetUp = new(Codes.Unavailable, "The model is moderated, and nobody who moderates is set up at this process.", RetryAfterSeconds: 60, Retry: true);
    private static readonly Rejection Hidden = new(Codes.ValidationFailed, "The model is moderated, and takes texts only: what tokens stand for nobody here can read.", [new("input", "not", "Texts are wanted here.")]);

    /// <returns>Null: it may be asked.</returns>
    public async Task<Rejection?> Refusal(ModelCaller call, ModelRequest request, IReadOnlyList<(ServiceEntry Model, string? Why)> places)
    {
        if (!places.Any(static place => place.Model.Definition.Model!.Moderated)) return null;

        // Whoever the session refuses anyway is not asked about: it says so itself when it is told of this.
        if (await call.Peek() is not { } session || session.Refusal(call.Now) is not null || session.Rate.Used >= call.Info.Policy.RateLimitPerMinute)
        {
            return NotAsked;
        }

        if (moderators is not [var moderator, ..]) return NotSetUp;
        if (RequestTexts.IsHidden(request)) return Hidden;

        switch (await moderator.Check(RequestTexts.Of(request)))
        {
            case Moderation.Flagged { Categories: var categories }:
                return new Rejection(Codes.ContentRefused, categories.Count == 0 ? "What is asked was refused by moderation." : $"What is asked was refused by moderation: {string.Join(", ", categories)}.")
                    .WithRaw("categories", $"[{string.Join(',', categories.Select(static category => $"\"{category}\""))}]"); // names have no character that JSON escapes
            case Moderation.Failed { Why: var why, IsOfRequest: var isOfRequest }:
                var passes = moderator.AllowsOnFailure && !isOfRequest;
                NotModerated(log, request.Model, passes ? "passes" : "is refused", why);
                return passes ? null : NotAsked;
            default:
                return null;
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "Model {Model} is moderated, and whoever moderates could not be asked, so a request {Outcome}: {Why}")]
    private static partial void NotModerated(ILogger log, string model, string outcome, string why);
}

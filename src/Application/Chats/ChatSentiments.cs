using System.Text.Json;
using Agora.Application.Calls;
using Agora.Application.Models;
using Agora.Application.Reading;
using Agora.Application.Runs;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Application.Chats;

/// <summary>
/// How what a person says sounds, before a model replies: a service of the catalogue is asked and paid as in any run of the session's. Where that comes to nothing the turn goes on without it, and says why.
/// </summary>
internal sealed class ChatSentiments(InnerRuns runs, ModelCatalogue models, IJournalReader journal)
{
    /// <summary>Behind all tries of the turn's own call, and what else is asked for it.</summary>
    internal const int Number = 3_300;

    private static readonly Rejection Formless = new(Codes.UpstreamFailed, "The service's answer is in another form: a label (positive, neutral, negative) and a score from -1 to 1 are wanted.");

    /// <returns>What is said, with how it sounds; or why nothing is said at all: the same key asks for something else, or is being answered.</returns>
    public async Task<(SayingNow Saying, Rejection? Refused)> Judged(ModelCaller call, SessionView session, SayingNow saying)
    {
        if (saying is not { Repeats: null, Words: { Sentiment: { } wanted, Text: var text } }) return (saying, null);
        if (!models.Replies(call.Tenant, saying.Model)) return (saying, RunRejection.IsNoModel); // nothing is paid for a turn that no model replies to

        var run = await runs.Run(call.Caller, session, wanted.ServiceId, JsonSerializer.SerializeToElement(new { text }, StoredJson.Options), wanted.MaxPriceMicros, Number, ChatLimits.SentimentWait);
        if (run.Refused is { Code: Codes.IdempotencyConflict or Codes.IdempotencyInFlight } same) return (saying, same);

        return (saying with { Words = saying.Words with { Sentiment = Of(wanted, run) } }, null);
    }

    /// <summary>As it is shown; null: nobody was asked.</summary>
    public async Task<SentimentNow?> Shown(ModelCaller call, SaidTurn turn)
    {
        if (turn.Words?.Sentiment is not { } judged) return null;

        var run = judged.RunId is { } asked ? await journal.Recorded(call.Tenant, asked, CancellationToken.None) : null;
        var named = run is not null || judged.Failure is null or Codes.UpstreamTimeout or Codes.Unavailable ? judged.RunId : null; // of one that was refused none was begun, unless what was sent came once more, and late
        return new(judged.ServiceId, judged.Label, judged.Thousandths is { } score ? (decimal)score / ChatSentiment.Most : null, named, ChatReplies.CostOf(run?.End as RunEvent.Concluded), judged.Failure is { } code ? new(code, call.Caller.Words?.Of(new Rejection(code, judged.Why ?? "")) ?? judged.Why ?? "") : null);
    }

    /// <summary>With what came of its run.</summary>
    internal static ChatSentiment Of(ChatSentiment wanted, InnerRun run)
    {
        if (run.Refused is { } refused) return Failed(wanted, refused, run.RunId);

        try
        {
            var output = JsonElement.Parse(run.Output!.Utf8.Span);
            return output.ValueKind == JsonValueKind.Object && output.TryGetProperty("label", out var label) && label.ValueKind == JsonValueKind.String && ChatSentiment.Labels.Contains(label.GetString())
                && output.TryGetProperty("score", out var score) && score.ValueKind == JsonValueKind.Number && score.TryGetDecimal(out var number) && number is >= -1 and <= 1
                ? wanted with { Label = label.GetString(), Thousandths = (int)Math.Round(number * ChatSentiment.Most), RunId = run.RunId }
                : Failed(wanted, Formless, run.RunId);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return Failed(wanted, Formless, run.RunId); // or has half of a character of two
        }
    }

    private static ChatSentiment Failed(ChatSentiment wanted, Rejection why, Guid? runId) => wanted with { Failure = why.Code, Why = why.Message, RunId = runId };
}

/// <summary>How what was said sounds.</summary>
/// <param name="Label">positive, neutral or negative. Null if it was not judged.</param>
/// <param name="Score">From -1 to 1.</param>
/// <param name="RunId">Null if no run was begun.</param>
/// <param name="CostMicros">Null if it is not paid.</param>
/// <param name="Failure">Why it was not judged. Null if it was.</param>
internal sealed record SentimentNow(string ServiceId, string? Label, decimal? Score, Guid? RunId, long? CostMicros, ReplyFailure? Failure);

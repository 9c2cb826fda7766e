using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Models;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Agora.Application.Models;

/// <summary>
/// Meter "Agora.Models": calls of models that this process made. Models are what operators put, and providers what the settings name; of more than <see cref="Limits.ModelsMeasured"/> models the rest are one, so
/// whatever is put, the number of series is bounded.
/// </summary>
internal sealed class ModelMetrics(int most = Limits.ModelsMeasured)
{
    public const string Others = "other";

    private static readonly Meter Meter = new("Agora.Models");
    private static readonly Counter<long> Calls = Meter.CreateCounter<long>("agora.models.calls", "{call}", "Calls of models that ended, by what is known of their cost, and whether there is a whole answer");
    private static readonly Counter<long> Replies = Meter.CreateCounter<long>("agora.models.replies", "{call}", "Calls of models that ended, by what came: a reply, the model's refusal, what its provider filtered, or no whole answer");
    private static readonly Counter<long> Hits = Meter.CreateCounter<long>("agora.models.hits", "{request}", "Requests that another call's reply answered: no model was called for them");
    private static readonly Counter<long> Shadows = Meter.CreateCounter<long>("agora.models.shadows", "{call}", "Calls that were to be made a second time, as shadows, and whether they were: what is refused, or has no place, is dropped");
    private static readonly Counter<double> Cost = Meter.CreateCounter<double>("agora.models.cost.cents", "{cent}", "What calls of models were posted at, in cents");
    private static readonly Counter<double> Held = Meter.CreateCounter<double>("agora.models.held.cents", "{cent}", "What was held for them while they were under way, in cents");
    private static readonly Counter<long> Tokens = Meter.CreateCounter<long>("agora.models.tokens", "{token}", "Tokens of models as their providers counted them, by kind");
    private static readonly Histogram<double> First = Meter.CreateHistogram<double>("agora.models.first", "s", "From the moment at which a model was called to the first of its answer, by whether it came as it was made or whole");

    private static readonly string[] Ends = ["replied", "refused", "filtered", "failed"];

    private readonly ConcurrentDictionary<(string Model, string Provider), bool> _known = new();

    /// <param name="model">As clients call it.</param>
    /// <param name="heldMicros">What is posted where nobody knows what was spent.</param>
    /// <param name="reply">What came of it; null: nothing.</param>
    /// <param name="isStreamed">The first of it came before the last: only that says how soon a model begins.</param>
    public void Ended(string model, string provider, long heldMicros, ModelCallEnd end, ModelReply? reply = null, bool isStreamed = true)
    {
        var named = Named(model, provider);
        Tag of = new("model", named), from = new("provider", provider);
        if (end.CachedFrom is not null)
        {
            Hits.Add(1, of, from);
            Cost.Add(Cents(end.CostMicros), of, from);
            return;
        }

        Calls.Add(1, of, from, Standing(end.Standing), Outcome(end.FailureCode is null));
        Replies.Add(1, of, from, End(end.FailureCode is not null ? "failed" : EndOf(reply)));
        Held.Add(Cents(heldMicros), of, from);
        Cost.Add(Cents(end.Standing switch { CallStanding.Known => Math.Min(end.CostMicros, heldMicros), CallStanding.Unknown => heldMicros, _ => 0 }), of, from);
        if (end.FirstMs is { } first)
        {
            First.Record(first / 1_000.0, of, from, new("form", isStreamed ? "streamed" : "whole"));
        }

        if (end.Usage is not { InRange: true } usage) return;

        foreach (var (kind, count) in KindsOf(usage)) Tokens.Add(count, of, from, new("kind", kind));
    }

    /// <param name="isCalled">False: it was dropped.</param>
    public void Shadowed(string model, string provider, bool isCalled) => Shadows.Add(1, new Tag("model", Named(model, provider)), new Tag("provider", provider), new Tag("outcome", isCalled ? "called" : "dropped"));

    /// <summary>Once for each: a series that appears with its first failure, or its first cent, has no rise that an alert could see.</summary>
    private string Named(string model, string provider)
    {
        var named = _known.ContainsKey((model, provider)) || _known.Count < most ? model : Others;
        if (!_known.TryAdd((named, provider), true)) return named;

        Tag of = new("model", named), from = new("provider", provider);
        Calls.Add(0, of, from, Standing(CallStanding.Known), Outcome(isServed: true));
        Calls.Add(0, of, from, Standing(CallStanding.Unsent), Outcome(isServed: false));
        Calls.Add(0, of, from, Standing(CallStanding.Unknown), Outcome(isServed: false));
        foreach (var end in Ends) Replies.Add(0, of, from, End(end));
        Cost.Add(0, of, from);
        return named;
    }

    private static IEnumerable<(string Kind, long Count)> KindsOf(Usage usage) =>
    [
        ("input", usage.Input + usage.InputAudio), ("cache_read", usage.CacheRead), ("cache_write", usage.CacheWrite + usage.CacheWriteLong), ("output", usage.Output + usage.OutputAudio), ("reasoning", usage.Reasoning),
    ];

    /// <summary>OpenAI's models refuse in a part of a reply that ends as any other.</summary>
    private static string EndOf(ModelReply? reply) => reply switch
    {
        { Finish: Finish.ContentFilter } => "filtered",
        { Finish: Finish.Refusal } => "refused",
        { Output: var output } when output.Any(static item => item is Item.Message said && said.Parts.Any(static part => part is Part.Refusal)) => "refused",
        _ => "replied",
    };

    private static Tag End(string end) => new("end", end);

    private static Tag Standing(CallStanding standing) => new("standing", standing switch { CallStanding.Unsent => "unsent", CallStanding.Known => "known", _ => "unknown" });

    private static Tag Outcome(bool isServed) => new("outcome", isServed ? "served" : "failed");

    private static double Cents(long micros) => (double)micros / Money.MicrosPerCent;
}

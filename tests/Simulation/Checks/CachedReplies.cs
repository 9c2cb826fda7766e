using Agora.Core.Cached;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Checks;

/// <summary>
/// Equal requests: while one calls its model no other does, unless that call is over. What is kept is what a run posted whose cost is known. A hit names a run of the same agents
/// of the same user and model.
/// </summary>
/// <param name="apart">How far clocks are apart; null: the tenant's time leaps.</param>
public sealed class CachedReplies(Findings findings, TimeSpan? apart) : IChecker
{
    private readonly Dictionary<string, (Guid RunId, DateTimeOffset At)> _open = [];
    private readonly Dictionary<string, string> _whose = [];
    private readonly Dictionary<Guid, (string Whose, RunEvent.Requested Asked)> _asked = [];
    private readonly Dictionary<Guid, RunEvent.Concluded> _ended = [];
    private readonly HashSet<Guid> _filled = [];

    public int Hits { get; private set; }

    public int OfServices { get; private set; }

    public void Happened(Committed committed)
    {
        switch (committed.Event)
        {
            case SessionEvent.Begun e:
                _whose[committed.Stream.Id] = $"{e.UserId}/{string.Join('>', [.. e.Path?.Select(node => node.AgentId) ?? [], e.AgentId])}";
                break;
            case RunEvent.Requested e when e.Model is not null || e.Cache is not null:
                _asked[e.RunId] = (_whose.GetValueOrDefault(committed.Stream.Id, ""), e);
                break;
            case RunEvent.Concluded { Model: { } model } e:
                _ended[e.RunId] = e;
                Hit(e, model.CachedFrom);
                break;
            case RunEvent.Concluded e when _asked.ContainsKey(e.RunId):
                _ended[e.RunId] = e;
                Hit(e, e.Cached?.From);
                Priced(e);
                break;
            case CachedEvent.Claimed e:
                var known = _open.TryGetValue(committed.Stream.Id, out var open);
                findings.Expect(apart is null || !known || committed.At - open.At > Limits.ModelCallAtMost - apart, $"Run {e.RunId} asks what run {open.RunId} is asking: two calls for equal requests.");
                _open[committed.Stream.Id] = (e.RunId, committed.At);
                break;
            case CachedEvent.Filled e:
                Close(committed.Stream.Id, e.RunId);
                _filled.Add(e.RunId);
                var ended = _ended.GetValueOrDefault(e.RunId);
                findings.Expect(ended is { Posted: true, Cached: null, Model: null or { IsEstimate: false } } && ended.AmountMicros == e.CostMicros, $"The reply of run {e.RunId} is kept at {e.CostMicros}; the run came to {ended?.AmountMicros}.");
                break;
            case CachedEvent.Released e:
                Close(committed.Stream.Id, e.RunId);
                break;
        }
    }

    private void Close(string stream, Guid runId)
    {
        findings.Expect(_open.Remove(stream, out var open) && open.RunId == runId, $"Run {runId} ends a claim that is not its own.");
    }

    private void Hit(RunEvent.Concluded e, Guid? cachedFrom)
    {
        if (!_asked.TryGetValue(e.RunId, out var hit) || cachedFrom is not { } from) return;

        Hits++;
        var first = _asked.GetValueOrDefault(from);
        findings.Expect(_filled.Contains(from) && first.Whose == hit.Whose && first.Asked?.ServiceId == hit.Asked.ServiceId, $"Run {e.RunId} of {hit.Whose} is answered by run {from} of {first.Whose}, {first.Asked?.ServiceId}.");
    }

    /// <summary>Of a service: its part of what the first cost, and the first one's output.</summary>
    private void Priced(RunEvent.Concluded e)
    {
        if (e.Cached is not { } hit || !_ended.TryGetValue(hit.From, out var first)) return;

        OfServices++;
        var wish = _asked[e.RunId].Asked.Cache!;
        findings.Expect(e.AmountMicros == wish.HitMicros(first.AmountMicros), $"Run {e.RunId} took the output of run {hit.From}, which cost {first.AmountMicros}, for {e.AmountMicros}.");
        findings.Expect(apart is not { } off || hit.AgeSeconds <= wish.MaxAgeSeconds + off.TotalSeconds, $"Run {e.RunId} took an output that is {hit.AgeSeconds} s old.");
        findings.Expect(e.Output is null || first.Output is null || e.Output.Utf8.Span.SequenceEqual(first.Output.Utf8.Span), $"Run {e.RunId} has another output than run {hit.From}.");
    }
}

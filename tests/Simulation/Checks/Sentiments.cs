using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Runs;

namespace Agora.Simulation.Checks;

/// <summary>
/// How turns sound: a turn names one run at most, which was asked for it and for no other; what it says is what that run answered, and it was paid its price before. One run is paid for a turn, however often it is asked. What was
/// waited for in vain is never paid, unless its service had answered already; a turn that waited in vain names that run.
/// </summary>
/// <param name="apart">How far clocks are from the world's.</param>
/// <param name="answered">What services answer to a text; null: something in another form.</param>
public sealed class Sentiments(Findings findings, TimeSpan apart, Func<string, (string Label, int Thousandths)?> answered) : IChecker
{
    private readonly SortedDictionary<Guid, (Guid Turn, long Price)> _asked = [];
    private readonly Dictionary<Guid, Guid> _paid = [];
    private readonly HashSet<Guid> _done = [];
    private readonly Dictionary<Guid, DateTimeOffset> _inVain = [];
    private readonly Dictionary<Guid, (int Number, ChatSentiment Sounds)> _turns = [];
    private int _late;

    /// <summary>Turns that say how they sound.</summary>
    public int Judged => _turns.Values.Count(static turn => turn.Sounds.Label is not null);

    /// <summary>Runs that were waited for in vain, and cost nothing.</summary>
    public int InVain => _inVain.Count - _late;

    public void Happened(Committed committed)
    {
        switch (committed.Event)
        {
            case RunEvent.Concluded e when _asked.TryGetValue(e.RunId, out var asked):
                End(e, asked.Turn, asked.Price);
                break;
            case ChatEvent.Asked { Content: { } content } e when content.Read<ChatWords>() is { Sentiment: { } sounds }:
                Say(e, sounds);
                break;
        }
    }

    /// <summary>A process is about to ask how a turn sounds, by this run.</summary>
    public void Asks(Guid turn, Guid runId, long price) => _asked.TryAdd(runId, (turn, price));

    /// <summary>A process heard what came of it.</summary>
    public void Heard(Guid turn, Guid? runId, bool isJudged) => findings.Expect(!isJudged || (runId is { } run && _paid.GetValueOrDefault(turn) == run), $"Whoever asked how turn {turn} sounds has the answer of run {runId}, which is not paid for it.");

    /// <summary>Its service answers.</summary>
    public void Answers(Guid runId) => _done.Add(runId);

    /// <summary>A process waited for it until then, and its turn goes on without.</summary>
    public void WaitedInVain(Guid runId, DateTimeOffset until)
    {
        if (!_done.Contains(runId))
        {
            _inVain.TryAdd(runId, until);
        }
    }

    public void Rest()
    {
        foreach (var (turn, (number, sounds)) in _turns.Where(turn => _paid.ContainsKey(turn.Key)))
        {
            findings.Expect(sounds.RunId == _paid[turn], $"How turn {number} ({turn}) sounds is paid by run {_paid[turn]}, which it does not name: {sounds}.");
        }
    }

    private void End(RunEvent.Concluded e, Guid turn, long price)
    {
        _done.Add(e.RunId);
        if (!e.Posted) return;

        findings.Expect(_paid.TryAdd(turn, e.RunId), $"How turn {turn} sounds is paid by run {e.RunId}, and was by run {_paid[turn]}.");
        findings.Expect(e.AmountMicros == price && e.Payment?.AmountMicros == price, $"Run {e.RunId} of turn {turn} costs {e.AmountMicros} by {e.Payment}, and its service {price}.");
        if (!_inVain.TryGetValue(e.RunId, out var until)) return;

        // What was asked for comes to its session now and then behind the word that nobody waits for it, and is begun there: the turn names it.
        findings.Expect(e.Run.RequestedAt > until - apart, $"Run {e.RunId} of turn {turn}, which was under way since {e.Run.RequestedAt:O}, was waited for in vain until {until:O}, and costs {e.AmountMicros}.");
        _late++;
    }

    private void Say(ChatEvent.Asked e, ChatSentiment sounds)
    {
        _turns.TryAdd(e.Id, (e.Number, sounds));
        findings.Expect(sounds.Label is null != sounds.Failure is null, $"Turn {e.Number} ({e.Id}) says how it sounds and why that is not known, or neither: {sounds}.");
        findings.Expect(sounds.RunId is not { } run || _asked.GetValueOrDefault(run).Turn == e.Id, $"Turn {e.Number} ({e.Id}) names run {sounds.RunId}, which is another's.");
        findings.Expect(sounds.RunId is not null || sounds is { Label: null, Failure: not (Codes.UpstreamTimeout or Codes.UpstreamFailed) }, $"Turn {e.Number} ({e.Id}) names no run, and there was one: {sounds}.");
        if (sounds.Label is null) return;

        findings.Expect(_paid.GetValueOrDefault(e.Id) == sounds.RunId, $"Turn {e.Number} ({e.Id}) sounds as run {sounds.RunId} says, which is not paid.");
        findings.Expect(answered($"{e.Id}") is var (label, score) && (label, score) == (sounds.Label, sounds.Thousandths), $"Turn {e.Number} ({e.Id}) sounds {sounds.Label} ({sounds.Thousandths}), and the run answered {answered($"{e.Id}")}.");
    }
}

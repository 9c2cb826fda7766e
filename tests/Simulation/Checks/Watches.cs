using Agora.Core.Runs;
using Agora.Core.Watches;

namespace Agora.Simulation.Checks;

/// <summary>
/// Dialogues: an intervention is done once; a turn has one reply, and one call at a time, which is begun by whoever may and was not begun before; each side spends what its runs posted, within its budget. What the dialogue says of a
/// run is what the run's session says.
/// </summary>
public sealed class Watches(Findings findings) : IChecker
{
    private readonly SortedDictionary<string, Dialogue> _dialogues = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, Dialogue> _ofRuns = [];
    private readonly HashSet<Guid> _called = [];
    private readonly Dictionary<Guid, RunEvent> _ended = [];
    private readonly HashSet<Guid> _done = [];

    /// <summary>Those that are not over, by their streams' ids.</summary>
    public IReadOnlyList<string> Open => [.. _dialogues.Where(dialogue => !dialogue.Value.IsOver || dialogue.Value.Under is not null).Select(dialogue => dialogue.Key)];

    public int Turns { get; private set; }

    public int TakenOver { get; private set; }

    public int Interventions => _done.Count;

    /// <summary>How the run ended, as its session has it; null: it has not.</summary>
    public RunEvent? EndOf(Guid runId) => _ended.GetValueOrDefault(runId);

    public bool IsCalled(Guid runId) => _called.Contains(runId);

    public bool IsDone(Guid intervention) => _done.Contains(intervention);

    public void Happened(Committed committed)
    {
        switch (committed.Event)
        {
            case RunEvent.CallBegun e when _ofRuns.TryGetValue(e.RunId, out var dialogue):
                findings.Expect(dialogue.Under?.RunId == e.RunId, $"Run {e.RunId} calls a model for a turn that is over, or was begun anew.");
                findings.Expect(_called.Add(e.RunId), $"Run {e.RunId} calls its model twice.");
                _ended.Remove(e.RunId); // it had been refused, and was asked for again
                break;
            case RunEvent.Concluded e when _ofRuns.ContainsKey(e.RunId):
                _ended[e.RunId] = e;
                break;
            case RunEvent.Refused e when _ofRuns.ContainsKey(e.RunId):
                _ended.TryAdd(e.RunId, e);
                break;
            case WatchEvent.Begun e:
                _dialogues.Add(committed.Stream.Id, new(e.Plan));
                break;
            case WatchEvent e:
                Happened(committed.Stream.Id, _dialogues[committed.Stream.Id], e);
                break;
        }
    }

    private void Happened(string id, Dialogue dialogue, WatchEvent happened)
    {
        switch (happened)
        {
            case WatchEvent.TurnBegun e:
                findings.Expect(dialogue.Under is null, $"{id}: turn {e.Number} is begun by {e.Driver}, and {dialogue.Under?.Driver} has it.");
                var calls = dialogue.Runs.Where(run => _called.Contains(run) && !_ended.ContainsKey(run)).ToList();
                findings.Expect(calls.Count == 0, $"{id}: turn {e.Number} is begun while run {calls.FirstOrDefault()} calls.");
                findings.Expect(!dialogue.IsOver && _ofRuns.TryAdd(e.RunId, dialogue), $"{id}: turn {e.Number} is begun though the dialogue is over, or as a run that was another's.");
                (dialogue.Under, dialogue.Driver) = (e, e.Driver);
                dialogue.Runs.Add(e.RunId);
                break;
            case WatchEvent.TurnHeld e:
                TakenOver += e.Driver == dialogue.Driver ? 0 : 1;
                dialogue.Driver = e.Driver;
                break;
            case WatchEvent.TurnEnded e:
                findings.Expect(_ended.GetValueOrDefault(e.RunId) is RunEvent.Concluded { Posted: true }, $"{id}: turn {e.Number} is the reply of run {e.RunId}, which has none.");
                Over(id, dialogue, e.RunId, e.CostMicros);
                Reply(id, dialogue, e.Number);
                break;
            case WatchEvent.TurnFailed e:
                findings.Expect(!_called.Contains(e.RunId) || _ended.ContainsKey(e.RunId), $"{id}: turn {e.Number} is given up while run {e.RunId} calls.");
                Over(id, dialogue, e.RunId, e.CostMicros);
                break;
            case WatchEvent.Ended:
                dialogue.IsOver = true;
                break;
            case WatchEvent.Intervention e:
                findings.Expect(_done.Add(e.Did.Id), $"{id}: intervention {e.Did.Id} ({e.Did.What}) is done twice.");
                findings.Expect(e.Did.Number == ++dialogue.Interventions, $"{id}: intervention {e.Did.Id} is number {e.Did.Number} of {dialogue.Interventions}.");
                Intervene(id, dialogue, e);
                break;
        }

        for (var seat = 0; seat < dialogue.Spent.Length; seat++)
        {
            var most = dialogue.Spent[seat] + (dialogue.Under?.Seat == seat ? dialogue.Under.MostMicros : 0);
            findings.Expect(most <= dialogue.Budgets[seat], $"{id}: seat {seat} has spent {dialogue.Spent[seat]}, may spend {most}, and has {dialogue.Budgets[seat]}.");
        }
    }

    private void Intervene(string id, Dialogue dialogue, WatchEvent.Intervention happened)
    {
        switch (happened)
        {
            case WatchEvent.Said e:
                Reply(id, dialogue, e.Did.Turn);
                break;
            case WatchEvent.BudgetRaised e:
                dialogue.Budgets[e.Did.Seat!.Value] += e.Micros;
                break;
            case WatchEvent.Stopped:
                dialogue.IsOver = true;
                break;
        }
    }

    private void Over(string id, Dialogue dialogue, Guid runId, long costMicros)
    {
        var posted = _ended.GetValueOrDefault(runId) is RunEvent.Concluded { Posted: true } e ? e.AmountMicros : 0;
        findings.Expect(dialogue.Under?.RunId == runId && posted == costMicros, $"{id}: run {runId} is over at {costMicros}, and posted {posted}; under way was {dialogue.Under?.RunId}.");
        dialogue.Spent[dialogue.Under?.Seat ?? 0] += costMicros;
        dialogue.Under = null;
    }

    private void Reply(string id, Dialogue dialogue, int turn)
    {
        Turns++;
        findings.Expect(dialogue.Replies.Add(turn), $"{id}: turn {turn} has two replies.");
        findings.Expect(turn <= dialogue.Turns, $"{id}: turn {turn} is behind the last.");
    }

    private sealed class Dialogue(WatchPlan plan)
    {
        public long[] Budgets { get; } = [.. plan.Seats.Select(seat => seat.BudgetMicros)];

        public long[] Spent { get; } = new long[plan.Seats.Count];

        public int Turns { get; } = plan.Turns;

        public HashSet<int> Replies { get; } = [];

        public List<Guid> Runs { get; } = [];

        public int Interventions { get; set; }

        public bool IsOver { get; set; }

        public WatchEvent.TurnBegun? Under { get; set; }

        public Guid Driver { get; set; }
    }
}

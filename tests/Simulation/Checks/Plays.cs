using Agora.Core.Chats;
using Agora.Core.Runs;
using Agora.Core.Scenarios;
using Agora.Core.Users;

namespace Agora.Simulation.Checks;

/// <summary>
/// Plays of scenarios: each is of the version that it names, and ends; it has one score, which is of all that was said in it; a key has one hint, and there are no more than the scenario allows. What a coach or a judge said there is
/// of a run that was paid.
/// </summary>
public sealed class Plays(Findings findings) : IChecker
{
    private readonly SortedDictionary<string, List<ScenarioView>> _scenarios = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Play> _plays = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _whose = new(StringComparer.Ordinal);
    private readonly HashSet<string> _retired = new(StringComparer.Ordinal);
    private readonly HashSet<Guid> _posted = [];
    private readonly HashSet<Guid> _unpaid = [];
    private readonly HashSet<Guid> _uncounted = [];
    private readonly HashSet<Guid> _used = [];
    private readonly Dictionary<Guid, (string Hint, bool IsPaid)> _coached = [];
    private readonly Dictionary<Guid, int> _judged = [];

    public int Hints { get; private set; }

    public int Scores { get; private set; }

    /// <summary>Those of an agent with a user that have no score yet, by their streams' ids.</summary>
    public IReadOnlyList<string> Open(string who, string user) => [.. _plays.Where(play => play.Value.Percent is null && _whose[play.Key] == who && OwnedIds.UserOf(play.Key) == user).Select(static play => play.Key)];

    /// <summary>In all versions; none: nobody has put it, or it is retired.</summary>
    public IReadOnlyList<ScenarioView> Playable(string scenarioId) => _retired.Contains(scenarioId) ? [] : _scenarios.GetValueOrDefault(scenarioId) ?? [];

    /// <summary>How a play stands, by its stream's id. Null: it was not begun.</summary>
    public Play? Of(string chat) => _plays.GetValueOrDefault(chat);

    public void Happened(Committed committed)
    {
        switch (committed.Event)
        {
            case ScenarioEvent.VersionPut e:
                Put(committed.Stream.Id, e.View);
                break;
            case ScenarioEvent.Retired:
                _retired.Add(committed.Stream.Id);
                break;
            case RunEvent.Concluded { Posted: true } e:
                _posted.Add(e.RunId);
                Pay(e.RunId);
                findings.Expect(!_uncounted.Contains(e.RunId), $"The run {e.RunId} is paid, and was said to be a judge's that did nothing.");
                break;
            case RunEvent.Concluded e:
                _unpaid.Add(e.RunId);
                break;
            case ChatEvent.Begun e:
                _whose[committed.Stream.Id] = e.AgentId;
                break;
            case ChatEvent.PlayBegun e:
                Begin(committed.Stream.Id, e);
                break;
            case ChatEvent e when _plays.TryGetValue(committed.Stream.Id, out var play):
                Happened(committed.Stream.Id, play, e);
                break;
        }
    }

    /// <summary>A coach is about to be asked, by this run.</summary>
    public void Asks(string chat, Guid hint, Guid runId) => _coached.TryAdd(runId, ($"hint {hint} of {chat}", IsPaid: false));

    /// <summary>Whether a run was paid; null: it goes on, or was not begun.</summary>
    public bool? IsPaid(Guid runId) => _posted.Contains(runId) ? true : _unpaid.Contains(runId) ? false : null;

    /// <summary>A judge is about to be asked for the score of this id, and reads so many turns.</summary>
    public void Reads(Guid score, int turns) => _judged[score] = turns;

    private void Put(string scenarioId, ScenarioView view)
    {
        if (!_scenarios.TryGetValue(scenarioId, out var versions))
        {
            _scenarios.Add(scenarioId, versions = []);
        }

        findings.Expect(view.Version == versions.Count + 1, $"Scenario {scenarioId}: version {view.Version} follows {versions.Count} others.");
        versions.Add(view);
        _retired.Remove(scenarioId);
    }

    private void Begin(string chat, ChatEvent.PlayBegun e)
    {
        findings.Expect(_plays.TryAdd(chat, new(e.Terms)), $"Play {chat} begins twice.");
        if (e.Terms is not { ScenarioId: { } id, Version: { } number }) return;

        var version = _scenarios.GetValueOrDefault(id)?.ElementAtOrDefault(number - 1);
        findings.Expect(version is not null && e.Terms.Turns == version.Definition.Ends.Turns && e.Terms.Hints == version.Definition.Hints.Most, $"Play {chat} is of version {number} of scenario {id}, which is not so.");
        findings.Expect(e.Definition?.Read<ScenarioDefinition>() is not { } played || played.Title == version?.Definition.Title, $"Play {chat} is of version {number} of scenario {id}, and plays another.");
    }

    private void Happened(string chat, Play play, ChatEvent happened)
    {
        switch (happened)
        {
            case ChatEvent.Asked e:
                findings.Expect(!play.IsOver, $"Turn {e.Number} of play {chat} is said though it is over.");
                findings.Expect(e.Number == play.Turns + 1 && e.After == play.Turns, $"Turn {e.Number} of play {chat} follows turn {e.After} of {play.Turns}.");
                (play.Turns, play.IsEnded, play.Replying) = (e.Number, play.IsEnded || e.Ends, e.Reply.RunId);
                break;
            case ChatEvent.RepliedAnew e when e.Number == play.Turns:
                play.Replying = e.Reply.RunId;
                break;
            case ChatEvent.HintAsked e:
                findings.Expect((!play.Asked.Add(e.Id) || !play.IsOver) && play.Hints.Add(e.Id), $"Hint {e.Id} of play {chat} is counted twice, or when it is over.");
                findings.Expect(play.Hints.Count <= play.Terms.Hints, $"Play {chat} has {play.Hints.Count} hints, and may have {play.Terms.Hints}.");
                break;
            case ChatEvent.HintGiven e:
                Hints++;
                findings.Expect(play.Hints.Contains(e.Id) && play.Given.Add(e.Id), $"Hint {e.Id} of play {chat} is given twice, or does not count.");
                Used($"hint {e.Id} of play {chat}", e.RunId);
                break;
            case ChatEvent.HintFailed e:
                play.TakenBack++;
                findings.Expect(play.Hints.Remove(e.Id) && !play.Given.Contains(e.Id), $"Hint {e.Id} of play {chat} is taken back, which was given, or did not count.");
                break;
            case ChatEvent.PlayEnded:
                play.IsEnded = true;
                break;
            case ChatEvent.JudgeAsked e:
                findings.Expect(play.Judging.Add(e.RunId) && play.Judging.Count + play.Judged <= ScenarioLimits.Judgements, $"Play {chat} has {play.Judged} calls of a judge and {play.Judging.Count} under way, or counts one twice.");
                break;
            case ChatEvent.JudgeFailed e:
                findings.Expect(play.Judging.Remove(e.RunId) && _uncounted.Add(e.RunId) && !_posted.Contains(e.RunId), $"The run {e.RunId} of play {chat} counts no more, and did count for nothing, or was paid.");
                break;
            case ChatEvent.Judged e:
                play.Judged++;
                findings.Expect(play.Judging.Remove(e.RunId), $"The run {e.RunId} of play {chat} is a judgement, and was not counted before, or is one already.");
                Used($"a judgement of play {chat}", e.RunId);
                break;
            case ChatEvent.Scored e:
                Scores++;
                findings.Expect(play.Percent is null, $"Play {chat} is scored twice: {play.Percent} and {e.Percent} percent.");
                findings.Expect(_judged.GetValueOrDefault(e.Id) == play.Turns, $"Play {chat} is scored by {_judged.GetValueOrDefault(e.Id)} turns, and has {play.Turns}.");
                (play.Percent, play.IsEnded) = (e.Percent, true);
                break;
        }
    }

    /// <summary>It is paid, and stands in one place.</summary>
    private void Used(string what, Guid runId) => findings.Expect(_posted.Contains(runId) && _used.Add(runId), $"The run {runId} of {what} was not paid, or is another's, too.");

    private void Pay(Guid runId)
    {
        if (!_coached.TryGetValue(runId, out var call)) return;

        findings.Expect(!_coached.Any(other => other.Value == (call.Hint, true)), $"The coach is paid twice for {call.Hint}.");
        _coached[runId] = (call.Hint, IsPaid: true);
    }

    /// <summary>As its events make it.</summary>
    public sealed class Play(PlayTerms terms)
    {
        public PlayTerms Terms { get; } = terms;

        public int Turns { get; set; }

        /// <summary>The run of its last turn.</summary>
        public Guid Replying { get; set; }

        public HashSet<Guid> Hints { get; } = [];

        /// <summary>Of the hints, so many came to nothing.</summary>
        public int TakenBack { get; set; }

        /// <summary>Those that ever counted.</summary>
        public HashSet<Guid> Asked { get; } = [];

        public HashSet<Guid> Given { get; } = [];

        /// <summary>Calls of a judge of which it is not said yet what came of them.</summary>
        public HashSet<Guid> Judging { get; } = [];

        /// <summary>So many of its calls were paid.</summary>
        public int Judged { get; set; }

        public bool IsEnded { get; set; }

        /// <summary>Null: it has no score.</summary>
        public int? Percent { get; set; }

        public bool IsOver => IsEnded || Turns >= Terms.Turns;
    }
}

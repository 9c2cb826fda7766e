using Agora.Core.Kernel;

namespace Agora.Core.Tests.Kernel;

/// <summary>A step under way.</summary>
internal sealed record Message(StreamId From, Step Step);

/// <summary>What becomes of a message.</summary>
internal enum Fate
{
    Arrives,
    IsLost,
    ComesTwice,
    AnswerIsLost,

    /// <summary>And once more when everything may be over.</summary>
    ComesAgainLate,
}

/// <summary>
/// Streams of any kinds, and the messages between their deciders. A test asks, draws what becomes of each message, and says what nobody here answers.
/// <para>Always held: the invariants of each state after each decision, the laws of those that were added as scenarios (<see cref="Laws"/>), and that late answers
/// go to whoever was told to wait. <see cref="CheckReplays"/> holds the laws of the others.</para>
/// <para>Time stands still until it is passed; a stream's clock may be ahead of the others.</para>
/// </summary>
internal sealed class DeciderWorld(Random random, DateTimeOffset start)
{
    private readonly SortedDictionary<string, IDecides> _streams = new(StringComparer.Ordinal);
    private readonly Dictionary<StreamId, TimeSpan> _ahead = [];
    private readonly List<Message> _messages = [];
    private readonly Dictionary<Guid, Message> _asking = [];
    private readonly Dictionary<Guid, Answer> _answers = [];
    private readonly List<(StreamId To, object Command)> _told = [];
    private readonly List<StepTarget.Entity> _strays = [];
    private readonly HashSet<Guid> _waited = [];
    private int _minted;

    /// <summary>From when scenarios begin, for tests that draw every turn themselves.</summary>
    public DeciderWorld()
        : this(new Random(1), new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero))
    {
    }

    public DateTimeOffset Now { get; private set; } = start;

    /// <summary>What comes of a step that no decider of this world takes; null: it goes to the stream that it names, or, outside, waits in <see cref="Held"/>.</summary>
    public Func<StepTarget, StepOutcome?> Plays { get; init; } = static _ => null;

    /// <summary>Is told of each event, when it happens.</summary>
    public Action<StreamId, object> Watches { get; init; } = static (_, _) => { };

    /// <summary>Nobody is told twice. A run that waits for approval is: that it waits, and how it ended.</summary>
    public bool AnswersOnce { get; init; }

    /// <summary>Whose messages may come again late while it storms.</summary>
    public Func<StreamId, bool> Strays { get; init; } = static _ => true;

    /// <summary>Whether messages go wrong, time passes between them and processes end, by the drawn numbers.</summary>
    public bool Storms { get; set; }

    public IReadOnlyList<Message> Messages => _messages;

    /// <summary>Calls outside that nobody has answered yet.</summary>
    public List<Message> Held { get; } = [];

    /// <summary>Commands that were told that their answer comes later.</summary>
    public HashSet<Guid> Waiting { get; } = [];

    public bool IsAtRest => !Unfinished().Any();

    public void Pass(TimeSpan time) => Now += time;

    /// <summary>On this stream's clock alone.</summary>
    public void Pass(StreamId stream, TimeSpan time) => _ahead[stream] = _ahead.GetValueOrDefault(stream) + time;

    /// <summary>Far from those that a scenario mints at the same instant.</summary>
    public Guid NewId() => Ids.Derive(Now, Guid.Empty, 1_000_000 + _minted++);

    /// <summary>A stream that has begun, with its laws.</summary>
    public void Add(IDecides stream) => _streams.Add(stream.Stream.ToString(), stream);

    public TState State<TState>(StreamId stream) => (TState)At(stream).State;

    public IEnumerable<(StreamId Stream, TState State)> All<TState>() => _streams.Values.Where(s => s.State is TState).Select(s => (s.Stream, (TState)s.State));

    public IEnumerable<TEvent> Happened<TEvent>(StreamId stream) => At(stream).Happened.OfType<TEvent>();

    /// <summary>Asks, and carries messages until none is left. Null: no answer has come.</summary>
    public Answer? Ask(StreamId stream, object command, Guid? id = null)
    {
        var commandId = id ?? NewId();
        if (Tell(stream, command, commandId) is { } answer) _answers[commandId] = answer;
        Carry();
        return _answers.GetValueOrDefault(commandId);
    }

    /// <summary>Of a command that was asked; null: none has come.</summary>
    public Answer? AnswerOf(Guid id) => _answers.GetValueOrDefault(id);

    /// <summary>One decision; what follows from it is under way. Null: the answer comes later.</summary>
    public Answer? Tell(StreamId stream, object command, Guid? id = null)
    {
        var (commandId, target) = (id ?? NewId(), At(stream));
        var decided = target.Decide(Manifest.Heard(stream, command), NowOf(stream), commandId);
        _messages.AddRange(decided.Steps.Select(step => new Message(stream, step)));
        foreach (var happened in decided.Events) Watches(stream, happened);
        if (decided.Answer is null && Waiting.Add(commandId)) _waited.Add(commandId);
        foreach (var late in decided.LateAnswers)
        {
            Assert.True(_waited.Contains(late.CommandId), $"{stream} answers {late.CommandId}, which was not told to wait.");
            Assert.True(Waiting.Remove(late.CommandId) || !AnswersOnce, $"{stream} answers {late.CommandId} twice.");
            if (_asking.Remove(late.CommandId, out var asked)) Conclude(asked, new StepOutcome.Answered(late.Answer));
            else _answers[late.CommandId] = late.Answer;
        }

        return decided.Answer;
    }

    /// <summary>Takes it from those under way.</summary>
    public Message Take(int which)
    {
        var taken = _messages[which];
        _messages.RemoveAt(which);
        return taken;
    }

    /// <summary>What is still to be done comes under way, and nothing else is: as an alarm sees to it, or a process that begins.</summary>
    /// <param name="restarted">What the process before had begun itself is given up.</param>
    public void Resume(bool restarted = true)
    {
        _messages.Clear();
        _messages.AddRange(Unfinished().Where(message => restarted || message.Step.Target is not StepTarget.Self));
    }

    /// <summary>The target decides, and nobody hears of it. Null: it answers later.</summary>
    public Answer? Reach(Message message)
    {
        var target = (StepTarget.Entity)message.Step.Target;
        _told.Add((target.Stream, target.Command));
        var id = NewId();
        var answer = Tell(target.Stream, target.Command, id);
        if (answer is null) _asking.Add(id, message);
        return answer;
    }

    /// <summary>The sender hears what came of it.</summary>
    public void Conclude(Message message, StepOutcome outcome)
    {
        if (message.Step.Then(outcome) is not { } command) return;

        _told.Add((message.From, command));
        Tell(message.From, command);
    }

    public void Deliver(Message message, Fate fate = Fate.Arrives)
    {
        if (Plays(message.Step.Target) is { } played)
        {
            Conclude(message, played);
            return;
        }

        switch (message.Step.Target)
        {
            case StepTarget.Outside:
                Held.Add(message);
                break;
            case StepTarget.Entity when fate != Fate.IsLost:
                Deliver(message, (StepTarget.Entity)message.Step.Target, fate);
                break;
            default:
                Conclude(message, new StepOutcome.Unreachable());
                break;
        }
    }

    /// <summary>Something that was said before, to whomever, is said again.</summary>
    public void Repeat(int which)
    {
        if (_told.Count > 0) Tell(_told[which % _told.Count].To, _told[which % _told.Count].Command);
    }

    /// <summary>Each stream's alarm rings: what it has yet to do, and what it asks about.</summary>
    public void Ring()
    {
        foreach (var stream in _streams.Values.ToList())
        {
            _messages.AddRange(UnfinishedOf(stream));
            Tell(stream.Stream, stream.Tick);
        }

        Carry();
    }

    /// <summary>Processes end: what is soft is forgotten, what is under way is lost, and whoever waits is told nothing.</summary>
    public void Crash()
    {
        foreach (var stream in _streams.Values) stream.Reload();
        _messages.Clear();
        _asking.Clear();
    }

    /// <summary>In an order that is drawn, until nothing is under way.</summary>
    public void Carry()
    {
        while (_messages.Count > 0)
        {
            var message = Take(random.Next(_messages.Count));
            if (_strays.Count > 0 && random.Next(30) == 0) Stray(random.Next(_strays.Count));
            if (Storms && random.Next(40) == 0) Pass(TimeSpan.FromSeconds(random.Next(1, 150)));
            if (Storms && random.Next(300) == 0)
            {
                Crash();
                return;
            }

            Deliver(message, Storms ? Drawn() : Fate.Arrives);
        }
    }

    /// <summary>What the journals, read from their bytes, make of the streams is what lives.</summary>
    public void CheckReplays() => Assert.All(_streams.Values, stream => stream.CheckReplay());

    private void Deliver(Message message, StepTarget.Entity target, Fate fate)
    {
        if (fate == Fate.ComesAgainLate && Strays(message.From)) _strays.Add(target);
        if (fate == Fate.ComesTwice) Tell(target.Stream, target.Command);
        if (Reach(message) is { } answer) Conclude(message, fate == Fate.AnswerIsLost ? new StepOutcome.Unreachable() : new StepOutcome.Answered(answer));
    }

    // Two of three messages arrive.
    private Fate Drawn() => random.Next(12) switch { 0 => Fate.IsLost, 1 => Fate.ComesTwice, 2 => Fate.AnswerIsLost, 3 => Fate.ComesAgainLate, _ => Fate.Arrives };

    private void Stray(int which)
    {
        var stray = _strays[which];
        _strays.RemoveAt(which);
        Tell(stray.Stream, stray.Command);
    }

    private IEnumerable<Message> Unfinished() => _streams.Values.SelectMany(UnfinishedOf);

    private IEnumerable<Message> UnfinishedOf(IDecides stream) => stream.Unfinished(NowOf(stream.Stream)).Select(step => new Message(stream.Stream, step));

    private DateTimeOffset NowOf(StreamId stream) => Now + _ahead.GetValueOrDefault(stream);

    private IDecides At(StreamId stream)
    {
        if (!_streams.TryGetValue(stream.ToString(), out var found)) Add(found = WalkOf.New(stream));
        return found;
    }
}

using Agora.Core.Kernel;

namespace Agora.Core.Tests.Kernel;

/// <summary>
/// Streams of any kinds, and the messages between their deciders. A test asks, draws what becomes of each message, and says what nobody here answers.
/// <para>Always held: the invariants of each state after each decision, the laws of those that were added as scenarios (<see cref="Laws"/>), and that late answers
/// go to whoever was told to wait. <see cref="CheckReplays"/> holds the laws of the others.</para>
/// <para>Time stands still until it is passed; a stream's clock may be ahead of the others.</para>
/// </summary>
internal sealed partial class DeciderWorld(Random random, DateTimeOffset start)
{
    private readonly SortedDictionary<string, IDecides> _streams = new(StringComparer.Ordinal);
    private readonly Dictionary<StreamId, TimeSpan> _ahead = [];
    private readonly List<Message> _messages = [];
    private readonly Dictionary<Guid, Message> _asking = [];
    private readonly Dictionary<Guid, Answer> _answers = [];
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
        if (Tell(stream, command, commandId) is { } answer)
        {
            _answers[commandId] = answer;
        }

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
        if (decided.Answer is null && Waiting.Add(commandId))
        {
            _waited.Add(commandId);
        }

        foreach (var late in decided.LateAnswers)
        {
            Assert.True(_waited.Contains(late.CommandId), $"{stream} answers {late.CommandId}, which was not told to wait.");
            Assert.True(Waiting.Remove(late.CommandId) || !AnswersOnce, $"{stream} answers {late.CommandId} twice.");
            if (_asking.Remove(late.CommandId, out var asked))
            {
                Conclude(asked, new StepOutcome.Answered(late.Answer));
            }
            else _answers[late.CommandId] = late.Answer;
        }

        return decided.Answer;
    }

    /// <summary>What the journals, read from their bytes, make of the streams is what lives.</summary>
    public void CheckReplays() => Assert.All(_streams.Values, stream => stream.CheckReplay());

    private IEnumerable<Message> Unfinished() => _streams.Values.SelectMany(UnfinishedOf);

    private IEnumerable<Message> UnfinishedOf(IDecides stream) => stream.Unfinished(NowOf(stream.Stream)).Select(step => new Message(stream.Stream, step));

    private DateTimeOffset NowOf(StreamId stream) => Now + _ahead.GetValueOrDefault(stream);

    private IDecides At(StreamId stream)
    {
        if (!_streams.TryGetValue(stream.ToString(), out var found))
        {
            Add(found = WalkOf.New(stream));
        }

        return found;
    }
}

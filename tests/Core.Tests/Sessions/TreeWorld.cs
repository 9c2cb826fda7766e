using Agora.Core.Access;
using Agora.Core.Services;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Sessions;
using Agora.Core.Users;

namespace Agora.Core.Tests.Sessions;

/// <summary>
/// One user, its sessions, and the messages between their deciders, carried in an order that is drawn. Funds hold whatever they are
/// asked for; a service is called when <see cref="Calls"/> shows it, and answers when the test says so. Time stands until it is moved.
/// </summary>
internal sealed class TreeWorld(Random random)
{
    public static readonly StreamId User = StreamId.User("u1");

    private readonly Dictionary<StreamId, INode> _nodes = [];
    private readonly List<(StreamId From, Step Step)> _messages = [];
    private readonly Dictionary<Guid, (StreamId From, Step Step)> _waiting = [];
    private readonly Dictionary<Guid, Answer> _answers = [];
    private int _minted;

    public DateTimeOffset Now { get; private set; } = new(2026, 1, 31, 20, 0, 0, TimeSpan.Zero);

    /// <summary>Runs whose service is called, by id.</summary>
    public Dictionary<Guid, (StreamId From, Step Step)> Calls { get; } = [];

    public UserState TheUser => ((Node<UserState, UserCommand, UserEvent>)NodeOf(User)).State;

    public SessionState Session(string id) => ((Node<SessionState, SessionCommand, SessionEvent>)NodeOf(StreamId.Session(id))).State;

    public void Pass(TimeSpan time) => Now += time;

    public Guid NewId() => Ids.Derive(Now, Guid.Empty, _minted++);

    /// <summary>Asks, and carries messages until none is left. Null: the answer waits for a service.</summary>
    public Answer? Ask(StreamId stream, object command, Guid? id = null)
    {
        var commandId = id ?? NewId();
        if (Send(stream, command, commandId) is { } answer)
        {
            _answers[commandId] = answer;
        }

        Carry();
        return _answers.GetValueOrDefault(commandId);
    }

    /// <summary>The service answers.</summary>
    public Answer Finish(Guid run, StepOutcome outcome)
    {
        Calls.Remove(run, out var call);
        Own(call.From, call.Step, outcome);
        Carry();
        return _answers[run];
    }

    /// <summary>What the journal, read from its bytes, makes of each stream is what lives; when every alarm has rung once, nothing is left to be done.</summary>
    public void CheckReplays()
    {
        foreach (var (stream, node) in _nodes)
        {
            _messages.AddRange(node.Unfinished(Now).Select(step => (stream, step)));
        }

        Carry();
        Assert.All(_nodes.Values, node => Assert.Empty(node.Unfinished(Now)));
        Assert.All(_nodes.Values, node => node.CheckReplay());
    }

    private void Carry()
    {
        while (_messages.Count > 0)
        {
            var at = random.Next(_messages.Count);
            var (from, step) = _messages[at];
            _messages[at] = _messages[^1];
            _messages.RemoveAt(_messages.Count - 1);
            Carry(from, step);
        }
    }

    private void Carry(StreamId from, Step step)
    {
        switch (step.Target)
        {
            case StepTarget.Outside { Call: ServiceCall call }:
                Calls.Add(call.RunId, (from, step));
                break;
            case StepTarget.Entity { Stream.Kind: Kinds.Campaign } fund:
                Own(from, step, Answered(fund.Command switch
                {
                    NodeCommand.Reserve reserve => new FundReserved(reserve.HoldId),
                    CampaignCommand.CountCompletion count => new CompletionCounted(count.CompletionId),
                    _ => new HoldEnded(Guid.Empty, HoldStanding.Posted),
                }));
                break;
            case StepTarget.Entity entity:
                var id = NewId();
                if (Send(entity.Stream, Manifest.Heard(entity.Stream, entity.Command), id) is { } answer)
                {
                    Own(from, step, new StepOutcome.Answered(answer));
                }
                else
                {
                    _waiting.Add(id, (from, step));
                }

                break;
            default:
                Own(from, step, new StepOutcome.Unreachable());
                break;
        }
    }

    private void Own(StreamId from, Step step, StepOutcome outcome)
    {
        if (step.Then(outcome) is { } command)
        {
            Send(from, command, NewId());
        }
    }

    private Answer? Send(StreamId stream, object command, Guid id)
    {
        var (answer, steps, lateAnswers) = NodeOf(stream).Decide(command, new(Now, id));
        _messages.AddRange(steps.Select(step => (stream, step)));
        foreach (var late in lateAnswers)
        {
            if (_waiting.Remove(late.CommandId, out var waiting))
            {
                Own(waiting.From, waiting.Step, new StepOutcome.Answered(late.Answer));
            }
            else
            {
                _answers[late.CommandId] = late.Answer;
            }
        }

        return answer;
    }

    private INode NodeOf(StreamId stream)
    {
        if (!_nodes.TryGetValue(stream, out var node))
        {
            _nodes.Add(stream, node = stream.Kind == Kinds.User ? new Node<UserState, UserCommand, UserEvent>(UserEntity.Entity, stream) : new Node<SessionState, SessionCommand, SessionEvent>(SessionEntity.Entity, stream));
        }

        return node;
    }

    private static StepOutcome Answered(object reply) => new StepOutcome.Answered(Answer.Of(reply));

    private interface INode
    {
        (Answer? Answer, IEnumerable<Step> Steps, IEnumerable<LateAnswer> Late) Decide(object command, Context context);

        /// <summary>But for runs whose service is called.</summary>
        IReadOnlyList<Step> Unfinished(DateTimeOffset now);

        void CheckReplay();
    }

    private sealed class Node<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, StreamId stream) : INode
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        private readonly List<(TEvent Event, DateTimeOffset At)> _journal = [];

        public TState State { get; private set; } = entity.Initial(stream);

        public (Answer? Answer, IEnumerable<Step> Steps, IEnumerable<LateAnswer> Late) Decide(object command, Context context)
        {
            var decision = entity.Decide(State, (TCommand)command, context);
            State = decision.Soft ?? State;
            foreach (var happened in decision.Events)
            {
                State = entity.Evolve(State, happened, context.Now);
                _journal.Add((happened, context.Now));
            }

            entity.CheckInvariants(State, thorough: false);
            return (decision.Answer, decision.Steps, decision.LateAnswers);
        }

        public IReadOnlyList<Step> Unfinished(DateTimeOffset now) => [.. entity.Unfinished(State, now).Where(step => step.Target is not StepTarget.Self)];

        public void CheckReplay()
        {
            entity.CheckInvariants(State, thorough: true);
            var replayed = entity.Initial(stream);
            foreach (var (happened, at) in _journal)
            {
                var encoded = entity.Events.Encode(happened);
                replayed = entity.Evolve(replayed, entity.Events.Decode(encoded.Name, encoded.Version, encoded.Payload, encoded.Personal), at);
            }

            Assert.Equal(Saved(State), Saved(replayed));
        }

        private string Saved(TState state) =>
            System.Text.Encoding.UTF8.GetString(entity.Snapshots.Save(state is SessionState session ? (TState)(object)(session with { Rate = RateWindow.Fresh }) : state));
    }
}

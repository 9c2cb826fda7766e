using Agora.Core.Services;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Refunds;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;

namespace Agora.Core.Tests.Refunds;

/// <summary>
/// All streams that a payment and its refunds touch, and the messages between their deciders, carried in an order that is drawn. While it storms a
/// message may be lost, or its answer, or it comes twice, and what a payment sends may come again when everything is long over; what its sender then still has to do its alarm takes up.
/// </summary>
internal sealed class RefundWorld(Random random)
{
    private readonly SortedDictionary<string, INode> _nodes = new(StringComparer.Ordinal);
    private readonly List<(StreamId From, Step Step)> _messages = [];
    private readonly Dictionary<Guid, (StreamId From, Step Step)> _waiting = [];
    private readonly Dictionary<Guid, Answer> _answers = [];
    private readonly List<StepTarget.Entity> _strays = [];
    private int _minted;

    public DateTimeOffset Now { get; private set; } = new(2026, 1, 31, 23, 0, 0, TimeSpan.Zero);

    /// <summary>Whether messages go wrong.</summary>
    public bool Storms { get; set; }

    public Guid NewId() => Ids.Derive(Now, Guid.Empty, _minted++);

    public void Pass(TimeSpan time) => Now += time;

    public TState State<TState>(StreamId stream) => (TState)NodeOf(stream).State;

    public IEnumerable<(StreamId Stream, TState State)> All<TState>() => _nodes.Where(n => n.Value.State is TState).Select(n => (StreamId.Parse(n.Key), (TState)n.Value.State));

    public IEnumerable<TEvent> Happened<TEvent>(StreamId stream) => NodeOf(stream).Happened.OfType<TEvent>();

    /// <summary>Asks, and carries messages until none is left. Null: the answer was not given.</summary>
    public Answer? Ask(StreamId stream, object command)
    {
        var id = NewId();
        if (Send(stream, command, id) is { } answer) _answers[id] = answer;
        Carry();
        return _answers.GetValueOrDefault(id);
    }

    /// <summary>Each stream's alarm rings: what it has yet to do, and what it asks about.</summary>
    public void Ring()
    {
        foreach (var (name, node) in _nodes.ToList())
        {
            var stream = StreamId.Parse(name);
            _messages.AddRange(node.Unfinished(Now).Select(step => (stream, step)));
            Send(stream, node.Tick, NewId());
        }

        Carry();
    }

    public bool IsAtRest => _nodes.Values.All(node => !node.Unfinished(Now).Any());

    /// <summary>A process ends: what is soft is forgotten, and whoever waits there gets no answer.</summary>
    public void Crash()
    {
        foreach (var node in _nodes.Values) node.Reload();
        _messages.Clear();
        _waiting.Clear();
    }

    private void Carry()
    {
        while (_messages.Count > 0)
        {
            var at = random.Next(_messages.Count);
            var (from, step) = _messages[at];
            _messages.RemoveAt(at);
            if (Storms && random.Next(40) == 0) Pass(TimeSpan.FromSeconds(random.Next(1, 150)));
            if (_strays.Count > 0 && random.Next(30) == 0) Stray(random.Next(_strays.Count));
            if (Storms && random.Next(300) == 0)
            {
                Crash();
                return;
            }

            Carry(from, step, Storms ? random.Next(12) : -1);
        }
    }

    private void Carry(StreamId from, Step step, int fate)
    {
        switch (step.Target)
        {
            case StepTarget.Outside:
                Own(from, step, new ServiceOutcome.Output("{}"u8.ToArray(), 1));
                break;
            case StepTarget.Entity when fate == 0:
                Own(from, step, new StepOutcome.Unreachable());
                break;
            case StepTarget.Entity entity:
                if (fate == 3 && from.Kind is Kinds.Payment or Kinds.Wallet) _strays.Add(entity);
                if (fate == 1) Send(entity.Stream, entity.Command, NewId());
                var id = NewId();
                if (Send(entity.Stream, entity.Command, id) is not { } answer) _waiting.Add(id, (from, step));
                else Own(from, step, fate == 2 ? new StepOutcome.Unreachable() : new StepOutcome.Answered(answer));
                break;
            default:
                Own(from, step, new StepOutcome.Unreachable());
                break;
        }
    }

    private void Stray(int which)
    {
        var stray = _strays[which];
        _strays.RemoveAt(which);
        Send(stray.Stream, stray.Command, NewId());
    }

    private void Own(StreamId from, Step step, StepOutcome outcome)
    {
        if (step.Then(outcome) is { } command) Send(from, command, NewId());
    }

    private Answer? Send(StreamId stream, object command, Guid id)
    {
        var (answer, steps, lateAnswers) = NodeOf(stream).Decide(Manifest.Heard(stream, command), new(Now, id));
        _messages.AddRange(steps.Select(step => (stream, step)));
        foreach (var late in lateAnswers)
        {
            if (_waiting.Remove(late.CommandId, out var waiting)) Own(waiting.From, waiting.Step, new StepOutcome.Answered(late.Answer));
            else _answers[late.CommandId] = late.Answer;
        }

        return answer;
    }

    private INode NodeOf(StreamId stream)
    {
        if (!_nodes.TryGetValue(stream.ToString(), out var node))
        {
            _nodes.Add(stream.ToString(), node = stream.Kind switch
            {
                Kinds.User => new Node<UserState, UserCommand, UserEvent>(UserEntity.Entity, stream),
                Kinds.Session => new Node<SessionState, SessionCommand, SessionEvent>(SessionEntity.Entity, stream),
                Kinds.Campaign => new Node<CampaignState, CampaignCommand, CampaignEvent>(CampaignEntity.Entity, stream),
                Kinds.Wallet => new Node<WalletState, WalletCommand, WalletEvent>(WalletEntity.Entity, stream),
                _ => new Node<RefundState, RefundCommand, RefundEvent>(RefundEntity.Entity, stream),
            });
        }

        return node;
    }

    private interface INode
    {
        object State { get; }

        object Tick { get; }

        IEnumerable<object> Happened { get; }

        (Answer? Answer, IEnumerable<Step> Steps, IEnumerable<LateAnswer> Late) Decide(object command, Context context);

        IReadOnlyList<Step> Unfinished(DateTimeOffset now);

        void Reload();
    }

    private sealed class Node<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, StreamId stream) : INode
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        private readonly List<(TEvent Event, DateTimeOffset At)> _journal = [];
        private TState _state = entity.Initial(stream);

        public object State => _state;

        public object Tick => entity.Tick;

        public IEnumerable<object> Happened => _journal.Select(j => (object)j.Event);

        public (Answer? Answer, IEnumerable<Step> Steps, IEnumerable<LateAnswer> Late) Decide(object command, Context context)
        {
            var decision = entity.Decide(_state, (TCommand)command, context);
            _state = decision.Soft ?? _state;
            foreach (var happened in decision.Events)
            {
                _state = entity.Evolve(_state, happened, context.Now);
                _journal.Add((happened, context.Now));
            }

            entity.CheckInvariants(_state, thorough: true);
            return (decision.Answer, decision.Steps, decision.LateAnswers);
        }

        public IReadOnlyList<Step> Unfinished(DateTimeOffset now) => [.. entity.Unfinished(_state, now)];

        public void Reload()
        {
            _state = entity.Initial(stream);
            foreach (var (happened, at) in _journal)
            {
                var encoded = entity.Events.Encode(happened);
                _state = entity.Evolve(_state, entity.Events.Decode(encoded.Name, encoded.Version, encoded.Payload, encoded.Personal), at);
            }
        }
    }
}

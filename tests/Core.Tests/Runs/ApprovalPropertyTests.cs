using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Tests.Kernel;
using Agora.Core.Tests.Sessions;
using FsCheck;
using FsCheck.Fluent;
using static Agora.Core.Tests.Sessions.SessionScenario;

namespace Agora.Core.Tests.Runs;

/// <summary>
/// A session all of whose runs need approval, while its users approve and deny at any time and more than once, answers come late, twice
/// or never, and its process crashes. What is executed is counted where the service is called.
/// </summary>
public sealed class ApprovalPropertyTests
{
    private static readonly StreamId Stream = StreamId.Session("s1");

    /// <param name="Kind">Which thing happens next.</param>
    /// <param name="Which">To which run or step.</param>
    public sealed record Turn(int Kind, int Which);

    [Fact]
    public void A_run_is_executed_only_when_it_was_approved_and_once_at_most() => Prop.ForAll(Drawn(), turns =>
    {
        var world = new Turns();
        foreach (var turn in turns)
        {
            world.Play(turn);
        }

        world.ComeToRest();
        Assert.Equal(0, world.Session.Budget.Held);
        Assert.Equal(Price * world.Posted.Count, world.Session.Budget.Posted);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(200).WithEndSize(120));

    /// <summary>That turns do come so far: a property of runs that never begin would say nothing.</summary>
    [Fact]
    public void Approved_runs_are_executed()
    {
        var world = new Turns();
        world.Play(new(0, 0));
        world.Play(new(1, 0));
        world.Play(new(2, 0));
        world.Play(new(2, 0));
        world.ComeToRest();
        Assert.Single(world.Posted);
        Assert.Single(world.Called);
    }

    private static Arbitrary<Turn[]> Drawn() =>
        (from kind in Gen.Frequency(
            (6, Gen.Constant(0)), (20, Gen.Constant(1)), (6, Gen.Constant(2)), (3, Gen.Constant(3)), (2, Gen.Constant(4)), (3, Gen.Constant(5)), (2, Gen.Constant(6)), (2, Gen.Constant(7)), (1, Gen.Constant(8)))
         from which in Gen.Choose(0, 99)
         select new Turn(kind, which)).ArrayOf().ToArbitrary();

    private sealed class Turns
    {
        private readonly DeciderWorld _world;
        private readonly List<Guid> _asked = [];
        private readonly HashSet<Guid> _approved = [];
        private long _standing;

        public Turns()
        {
            _world = new() { Watches = Watch };
            _world.Add(Below(Root));
        }

        public SessionState Session => _world.State<SessionState>(Stream);

        public HashSet<Guid> Called { get; } = [];

        public HashSet<Guid> Posted { get; } = [];

        public void Play(Turn turn)
        {
            switch (turn.Kind)
            {
                case 0:
                    _asked.Add(_world.NewId());
                    Do(Request($"h{_asked.Count}"), _asked[^1]);
                    break;
                case 1 when _world.Messages.Count > 0:
                    Deliver(turn.Which % _world.Messages.Count, again: turn.Which % 5 == 0);
                    break;
                case 2 when _asked.Count > 0:
                    Do(Approve(Any(turn)));
                    break;
                case 3 when _asked.Count > 0:
                    Do(Deny(Any(turn)));
                    break;
                case 4:
                    _world.Pass(TimeSpan.FromSeconds(turn.Which));
                    Do(SessionEntity.Entity.Tick);
                    break;
                case 5:
                    _world.Resume();
                    Do(SessionEntity.Entity.Tick);
                    break;
                case 6 when _asked.Count > 0 && Knows(Any(turn)):
                    Do(Request("again"), Any(turn));
                    break;
                case 7:
                    Do(new AccessCommand.SetStanding(turn.Which % 2 == 0, null, ++_standing));
                    break;
                case 8 when turn.Which < 20:
                    Do(new SessionCommand.EndAbove(Root.SessionId));
                    break;
            }
        }

        public void ComeToRest()
        {
            for (var crash = 0; crash < 3; crash++)
            {
                while (_world.Messages.Count > 0)
                {
                    Deliver(0, again: false);
                }

                Play(new(5, 0));
            }
        }

        private static LeafCommand Request(string hash) => Run(SessionScenario.Request() with { Policy = Policy with { RateLimitPerMinute = 10_000 } }, hash: hash, keyed: true);

        private Guid Any(Turn turn) => _asked[turn.Which % _asked.Count];

        /// <summary>What was refused before it waited may be asked for again: that is another story.</summary>
        private bool Knows(Guid run) => Session.Pending.ContainsKey(run) || Session.Awaiting.ContainsKey(run) || Session.Waited.ContainsKey(run);

        private void Do(object command, Guid? id = null) => _world.Tell(Stream, command, id);

        private void Watch(StreamId stream, object happened)
        {
            switch (happened)
            {
                case RunEvent.Approved e:
                    Assert.True(_approved.Add(e.Run.RunId), "approved twice");
                    break;
                case RunEvent.Concluded { Posted: true } e:
                    Assert.True(_approved.Contains(e.RunId) && Posted.Add(e.RunId), "posted twice, or unapproved");
                    break;
            }
        }

        // What a node holds is answered once a step; that it follows may be heard again, after a restart.
        private void Deliver(int index, bool again)
        {
            var message = again && IsTold(_world.Messages[index].Step) ? _world.Messages[index] : _world.Take(index);
            _world.Conclude(message, OutcomeOf(message.Step));
        }

        private static bool IsTold(Step step) => step.Target is StepTarget.Entity
        {
            Command: NodeCommand.Post or NodeCommand.Void,
        };

        private StepOutcome OutcomeOf(Step step)
        {
            switch (step.Target)
            {
                case StepTarget.Outside { Call: ServiceCall { RunId: var run } }:
                    Assert.True(Called.Add(run) && _approved.Contains(run), "called twice, or unapproved");
                    return new ServiceOutcome.Output("\"HELLO\""u8.ToArray(), 1);
                case StepTarget.Entity { Stream.Kind: Kinds.User, Command: NodeCommand.Reserve reserve }:
                    return Answered(reserve.Terms is ReserveTerms.OfUser { Approved: true } ? new UserReserved(reserve.HoldId, Sponsor, null, "It ends first.") : new ApprovalNeeded(reserve.HoldId));
                case StepTarget.Entity { Stream.Kind: Kinds.Campaign, Command: NodeCommand.Reserve reserve }:
                    return Answered(new FundReserved(reserve.HoldId));
                case StepTarget.Entity { Stream.Kind: Kinds.Session, Command: NodeCommand.Reserve reserve }:
                    return Answered(new SessionReserved(reserve.HoldId, 0));
                case StepTarget.Entity when IsTold(step):
                    return Answered(new HoldEnded(Guid.Empty, HoldStanding.Voided));
                case StepTarget.Entity:
                    return Answered(Nothing.Value);
                default:
                    return Lost;
            }
        }
    }
}

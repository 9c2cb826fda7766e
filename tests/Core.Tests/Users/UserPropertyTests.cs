using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Tests.Kernel;
using Agora.Core.Tests.Nodes;
using Agora.Core.Users;
using FsCheck;
using FsCheck.Fluent;
using static Agora.Core.Tests.Users.UserScenario;

namespace Agora.Core.Tests.Users;

/// <summary>A user, two agents and their sessions, while messages are lost, repeated and late; what they may do is counted apart from the decider.</summary>
public sealed class UserPropertyTests
{
    private static readonly StreamId Stream = StreamId.User("u1");
    private const long DayCap = 100;
    private const long GrantTotal = 160;
    private const int RunsPerCompletion = 2;
    private const int MostSessions = 3;
    private static readonly string[] Agents = ["a1", "a2"];
    private static readonly string[] Campaigns = ["c1", "c2", "c3"];

    /// <param name="Kind">Which thing happens next.</param>
    /// <param name="Which">To which hold, campaign, session or message.</param>
    public sealed record Turn(int Kind, int Which, int Amount);

    [Fact]
    public void No_limit_is_ever_passed_no_task_done_twice_and_every_waiting_command_is_answered_once() => Prop.ForAll(Drawn(), turns =>
    {
        var world = new Turns();
        foreach (var turn in turns)
        {
            world.Play(turn);
            world.CheckLimits();
        }

        world.ComeToRest();
        world.CheckLimits();
        Assert.Empty(world.World.Waiting);
        Assert.False(UserDecider.IsUnfinished(world.User));
        Assert.All(world.User.Accounts.Values, a => Assert.Equal(0, a.Held));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(50));

    private static Arbitrary<Turn[]> Drawn() =>
        (from kind in Gen.Frequency(
            (8, Gen.Constant(0)), (8, Gen.Constant(1)), (4, Gen.Constant(2)), (4, Gen.Constant(3)), (6, Gen.Constant(4)), (3, Gen.Constant(5)),
            (3, Gen.Constant(6)), (3, Gen.Constant(7)), (2, Gen.Constant(8)), (2, Gen.Constant(9)), (2, Gen.Constant(10)))
         from which in Gen.Choose(0, 9)
         from amount in Gen.Choose(0, 70)
         select new Turn(kind, which, amount)).ArrayOf().ToArbitrary();

    /// <param name="Paying">The candidate in turn, as the answers said; null: none, or the hold was never accepted.</param>
    /// <param name="Outcome">What the session decided; 0: void.</param>
    private sealed record Run(Guid Hold, string Agent, long Amount, string Day, string? Paying, bool Accepted, long? Outcome)
    {
        public long Counts => !Accepted ? 0 : Outcome ?? Amount;
    }

    private sealed class Turns
    {
        private readonly List<Run> _runs = [];
        private readonly List<Guid> _completions = [];
        private readonly UserTest _user;

        public DeciderWorld World { get; } = new() { AnswersOnce = true };

        public Turns()
        {
            _user = Profiled(DayCap).Given([.. Agents.Select(a => new UserEvent.GrantPut(a, Grant(total: GrantTotal, sessions: MostSessions)))]).Did("c1");
            World.Add(_user);
        }

        public UserState User => World.State<UserState>(Stream);

        public void Play(Turn turn)
        {
            var agent = Agents[turn.Which % Agents.Length];
            var session = User.Sessions.Keys.ElementAtOrDefault(turn.Which) ?? "gone";
            switch (turn.Kind)
            {
                case 0: Reserve(turn, agent); break;
                case 1: DecideHold(turn); break;
                case 2: Refuse(turn.Which); break;
                case 3: Complete(turn, agent); break;
                case 4: Deliver(turn.Which, turn.Amount); break;
                case 5: World.Repeat((turn.Which * 81) + turn.Amount); break;
                case 6: Ask(Open(agent: agent)); break;
                case 7: Ask(Violation(session, agent)); break;
                case 8: Ask(turn.Amount % 2 == 0 ? new UserCommand.Resume(agent, "fine") : new UserCommand.Suspend(agent, "odd")); break;
                case 9: Ask(new UserCommand.CloseSession(session)); break;
                case 10: World.Pass(TimeSpan.FromSeconds(turn.Amount)); break;
            }
        }

        public void ComeToRest()
        {
            for (var n = 0; n < _runs.Count; n++)
            {
                DecideHold(new(1, n, 10));
            }

            while (!World.IsAtRest)
            {
                Deliver(0, 1);
            }
        }

        public void CheckLimits()
        {
            Assert.All(Agents, agent => Assert.True(_runs.Where(r => r.Agent == agent).Sum(r => r.Counts) <= GrantTotal, "grant"));
            Assert.All(_runs.GroupBy(r => r.Day), day => Assert.True(day.Sum(r => r.Counts) <= DayCap, "day"));
            Assert.All(Campaigns, id => Assert.True(_runs.Count(r => r.Paying == id && r.Counts > 0) <= RunsPerCompletion, "runs"));
            Assert.All(Agents, agent => Assert.True(User.Sessions.Values.Count(s => s.Terms.AgentId == agent && s.Terms.ExpiresAt > World.Now) <= MostSessions, "sessions"));
            Assert.Equal(_runs.Sum(r => r.Outcome ?? 0), User.Accounts.Where(a => a.Key.StartsWith("grant:", StringComparison.Ordinal)).Sum(a => a.Value.Posted));
        }

        private Answer? Ask(object command) => World.Tell(Stream, command);

        // A new hold, or the Reserve of an earlier one that comes again or late.
        private void Reserve(Turn turn, string agent)
        {
            if (turn.Which >= _runs.Count)
            {
                _runs.Add(new(World.NewId(), agent, 1 + turn.Amount, World.Now.ToString("yyyy-MM-dd"), null, false, null));
            }

            var n = Math.Min(turn.Which, _runs.Count - 1);
            var run = _runs[n];
            _user.Asking(agent: "a3");
            var answer = Ask(_user.ReserveAs(run.Hold, run.Amount, [.. Campaigns.Select(id => Sponsor(id, RunsPerCompletion))]).With<ReserveTerms.OfUser>(t => t with { AgentId = run.Agent }));
            if (answer?.Reply is UserReserved reserved)
            {
                _runs[n] = run with { Accepted = true, Paying = reserved.Campaign?.CampaignId };
            }
        }

        // The session posts only what was reserved and has a fund, and keeps to what it has decided.
        private void DecideHold(Turn turn)
        {
            if (turn.Which >= _runs.Count) return;

            var run = _runs[turn.Which];
            var outcome = run.Outcome ?? (run is { Accepted: true, Paying: not null } ? turn.Amount % (run.Amount + 1) : 0);
            _runs[turn.Which] = run with { Outcome = outcome };
            Ask(outcome > 0 ? new NodeCommand.Post(run.Hold, outcome) : new NodeCommand.Void(run.Hold));
        }

        private void Refuse(int which)
        {
            if (which >= _runs.Count || _runs[which] is not { Outcome: null, Paying: { } paying } run) return;

            var answer = Ask(new UserCommand.NextFund(run.Hold, paying, Codes.PaymentRequired));
            _runs[which] = run with { Paying = (answer?.Reply as UserReserved)?.Campaign?.CampaignId };
        }

        private void Complete(Turn turn, string agent)
        {
            if (turn.Amount % 3 == 0 && _completions.Count > 0)
            {
                Ask(new UserCommand.VoidTask(_completions[turn.Which % _completions.Count]));
                return;
            }

            _completions.Add(World.NewId());
            _user.Asking(agent: "a3");
            Ask(_user.Complete(Campaigns[turn.Which % Campaigns.Length], id: _completions[^1]) with { AgentId = agent });
        }

        // Some answers are lost, some are refusals; what was heard once may be heard again.
        private void Deliver(int which, int luck)
        {
            World.Resume();
            if (World.Messages.Count == 0) return;

            var outcome = (luck % 5) switch
            {
                0 => Lost,
                4 => Refused(new(Codes.NotEligible, "No.")),
                _ => Answered("yes"),
            };
            World.Conclude(World.Take(which % World.Messages.Count), outcome);
        }
    }
}

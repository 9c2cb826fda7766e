using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using FsCheck;
using FsCheck.Fluent;

namespace Agora.Core.Tests.Campaigns;

/// <summary>A campaign under random claims, counts, words of its users and of operators, in any order and repeated; a naive book counts along.</summary>
public sealed class RewardWalkTests
{
    private const int Reward = 30;
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public sealed record Turn(int Kind, int Which, int Seconds);

    [Fact]
    public void A_reward_isPaid_at_most_once_only_when_it_was_earned_and_the_escrow_adds_up()
    {
        var (paid, returned) = (0L, 0);
        Prop.ForAll(Turns(), turns =>
        {
            var walk = new Walk();
            foreach (var turn in turns)
            {
                walk.Play(turn);
            }

            (paid, returned) = (paid + walk.Paid, returned + walk.Returned);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
        Assert.True(paid > 0 && returned > 0, "Walks that pay and return nothing prove nothing.");
    }

    private static Arbitrary<Turn[]> Turns() =>
        (from kind in Gen.Choose(0, 10)
         from which in Gen.Choose(0, 5)
         from seconds in Gen.Frequency((4, Gen.Constant(0)), (2, Gen.Choose(1, 30)), (1, Gen.Choose(60, 1_200)))
         select new Turn(kind, which, seconds)).ArrayOf(60).ToArbitrary();

    private sealed class Walk
    {
        private readonly SortedSet<Guid> _final = [];
        private readonly SortedSet<Guid> _void = [];
        private readonly SortedSet<Guid> _over = [];
        private readonly SortedDictionary<int, (Guid Claim, Guid Completion)> _tasks = [];
        private CampaignState _state = CampaignState.Initial(StreamId.Campaign("c1"));
        private DateTimeOffset _now = Start;
        private long _funded;
        private int _minted;

        public Walk()
        {
            Decide(new CampaignCommand.PutCampaign(Sample.Definition with { RewardMicros = Reward, PayoutDelaySeconds = 40, MaxCompletions = 5 }));
            Fund(100);
        }

        public long Paid { get; private set; }

        public int Returned { get; private set; }

        public void Play(Turn turn)
        {
            _now = _now.AddSeconds(turn.Seconds);
            var (claim, completion) = Task(turn.Which);
            switch (turn.Kind)
            {
                case 0: Decide(new CampaignCommand.ClaimReward(claim, $"default/user/u{turn.Which}", "a1", null)); break;
                case 1: Decide(new CampaignCommand.CountCompletion(completion, $"default/user/u{turn.Which}", "a1", null, claim)); break;
                case 2: Decide(new CampaignCommand.CountCompletion(completion, $"default/user/u{turn.Which}", "a1")); break;
                case 3 when !_void.Contains(completion): _final.Add(completion); Decide(new CampaignCommand.ConfirmCompletion(completion)); break;
                case 4 when !_final.Contains(completion): _void.Add(completion); Decide(new CampaignCommand.VoidCompletion(completion)); break;
                case 5: Decide(new CampaignCommand.VoidCompletion(claim)); break;
                case 6 when _final.Contains(completion): Decide(new CampaignCommand.ReturnReward(completion)); break;
                case 7: Decide(new CampaignCommand.DisputeReward(completion, "Odd.", null)); break;
                case 8: Decide(new CampaignCommand.EndDispute(completion, turn.Seconds > 0, "Looked at.", null)); break;
                case 9 when turn.Which == 0 && !_state.Closed: Fund(50); break;
                default: Decide(new CampaignCommand.Tick()); break;
            }
        }

        // Ids are minted when they are first used, as a session mints them.
        private (Guid Claim, Guid Completion) Task(int which)
        {
            if (!_tasks.TryGetValue(which, out var task))
            {
                _tasks.Add(which, task = (Ids.Derive(_now, Guid.Empty, ++_minted), Ids.Derive(_now, Guid.Empty, ++_minted)));
            }

            return task;
        }

        private void Fund(long micros)
        {
            _funded += micros;
            Decide(new CampaignCommand.Fund(micros));
        }

        private void Decide(CampaignCommand command)
        {
            var decision = CampaignDecider.Decide(_state, command, new(_now, Ids.Derive(_now, Guid.Empty, ++_minted)));
            foreach (var happened in decision.Events)
            {
                Take(happened);
                _state = CampaignEntity.Entity.Evolve(_state, happened, _now);
            }

            CampaignEntity.Entity.CheckInvariants(_state, thorough: true);
            Assert.Equal(Paid, _state.Rewards.PaidMicros);
            Assert.Equal(_funded, _state.Escrow.Remaining + _state.Rewards.HeldMicros + Paid);
            Assert.True(_state.Completions + _state.Rewards.Claims <= 5);
        }

        private void Take(CampaignEvent happened)
        {
            switch (happened)
            {
                case CampaignEvent.RewardPaid e:
                    Paid += e.View.AmountMicros;
                    Assert.Equal(Reward, e.View.AmountMicros);
                    Assert.Contains(e.View.CompletionId, _final);
                    Assert.True(_over.Add(e.View.CompletionId), "It was paid or returned before.");
                    break;
                case CampaignEvent.RewardReturned e:
                    Assert.True(_over.Add(e.View.CompletionId), "It was paid or returned before.");
                    Returned++;
                    break;
            }
        }
    }
}

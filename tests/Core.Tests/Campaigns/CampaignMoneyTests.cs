using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Wallets;
using FsCheck;
using FsCheck.Fluent;
using Campaign = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Campaigns.CampaignState, Agora.Core.Campaigns.CampaignCommand, Agora.Core.Campaigns.CampaignEvent>;
using Wallet = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Wallets.WalletState, Agora.Core.Wallets.WalletCommand, Agora.Core.Wallets.WalletEvent>;
using static Agora.Core.Tests.Campaigns.Sample;

namespace Agora.Core.Tests.Campaigns;

/// <summary>A campaign, its wallets and a session that decides holds, while messages are lost, repeated and late.</summary>
public sealed class CampaignMoneyTests
{
    /// <param name="Kind">Which thing happens next.</param>
    /// <param name="Which">To which hold, wallet or message.</param>
    public sealed record Turn(int Kind, int Which, int Amount);

    [Fact]
    public void Money_that_was_funded_is_in_escrow_or_in_wallets_and_none_is_under_way_at_rest() => Prop.ForAll(Turns(), turns =>
    {
        var world = new World();
        foreach (var turn in turns)
        {
            world.Play(turn);
            world.CheckConservation();
        }

        world.ComeToRest();
        world.CheckConservation();
        Assert.False(CampaignDecider.IsUnfinished(world.Campaign.State));
        Assert.Equal(world.Campaign.State.Dues.ArrivedMicros, world.InWallets);
        Assert.Equal(world.PostedMicros, world.Campaign.State.Escrow.Posted);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(80));

    private static Arbitrary<Turn[]> Turns() =>
        (from kind in Gen.Frequency((2, Gen.Constant(0)), (6, Gen.Constant(1)), (6, Gen.Constant(2)), (4, Gen.Constant(3)), (2, Gen.Constant(4)), (1, Gen.Constant(5)), (1, Gen.Constant(6)))
         from which in Gen.Choose(0, 11)
         from amount in Gen.Choose(0, 80)
         select new Turn(kind, which, amount)).ArrayOf().ToArbitrary();

    private sealed class World
    {
        private readonly Dictionary<string, Wallet> _wallets = [];
        private readonly List<(Guid Id, bool Accepted, long? Outcome)> _holds = [];
        private readonly List<CampaignCommand> _late = [];
        private readonly List<(string Wallet, WalletCommand Credit)> _credits = [];

        public Campaign Campaign { get; } = Funded(200);

        public long InWallets => _wallets.Values.Sum(w => w.State.CreditedMicros);

        /// <summary>What the session says was spent, known to it alone.</summary>
        public long PostedMicros => _holds.Sum(h => h.Outcome ?? 0);

        public void Play(Turn turn)
        {
            switch (turn.Kind)
            {
                case 0: Campaign.When(new CampaignCommand.Fund(turn.Amount)); break;
                case 1: Reserve(turn); break;
                case 2: DecideHold(turn); break;
                case 3: Deliver(turn.Which, answerLost: turn.Amount % 3 == 0); break;
                case 4: RepeatLate(turn.Which); break;
                case 5: Campaign.After(TimeSpan.FromSeconds(turn.Amount)); break;
                case 6: if (turn.Which == 0) Campaign.When(new CampaignCommand.Close()); break;
            }
        }

        public void ComeToRest()
        {
            for (var n = 0; n < _holds.Count; n++)
            {
                DecideHold(new(2, n, 10));
            }

            while (CampaignDecider.IsUnfinished(Campaign.State))
            {
                Deliver(0, answerLost: false);
            }
        }

        public void CheckConservation()
        {
            var (state, inTransit) = (Campaign.State, Campaign.State.Dues.OwedMicros - InWallets);
            Assert.True(inTransit >= 0, "A wallet has more than was sent.");
            Assert.Equal(state.FundedMicros, state.Escrow.Remaining + state.Escrow.Held + inTransit + InWallets);
        }

        // A new hold, or the Reserve of an earlier one that comes again or late; another provider each.
        private void Reserve(Turn turn)
        {
            if (turn.Which >= _holds.Count)
            {
                _holds.Add((Campaign.NextId(), false, null));
            }

            var n = Math.Min(turn.Which, _holds.Count - 1);
            Campaign.When(Sample.Reserve(_holds[n].Id, 20 + n, "keywords", provider: $"provider-{n % 2}"));
            _holds[n] = _holds[n] with { Accepted = _holds[n].Accepted || Campaign.Last.Answer?.Reply is FundReserved };
        }

        // The session posts only what was reserved, and keeps to what it has decided.
        private void DecideHold(Turn turn)
        {
            if (turn.Which >= _holds.Count) return;

            var hold = _holds[turn.Which];
            var outcome = hold.Outcome ?? (hold.Accepted ? turn.Amount % 20 : 0);
            _holds[turn.Which] = hold with { Outcome = outcome };
            Campaign.When(outcome > 0 ? new NodeCommand.Post(hold.Id, outcome) : new NodeCommand.Void(hold.Id));
        }

        private void Deliver(int which, bool answerLost)
        {
            var steps = CampaignDecider.Unfinished(Campaign.State, Campaign.Now).ToList();
            if (steps.Count == 0) return;

            var step = steps[which % steps.Count];
            var target = (StepTarget.Entity)step.Target;
            _credits.Add((target.Stream.Id, (WalletCommand)Manifest.Heard(target.Stream, target.Command)));
            var reply = Credit(_credits[^1]);
            if (answerLost) return;

            _late.Add((CampaignCommand)step.Then(Answered(reply))!);
            Campaign.When(_late[^1]);
        }

        private void RepeatLate(int which)
        {
            if (_credits.Count > 0) Credit(_credits[which % _credits.Count]);
            if (_late.Count > 0) Campaign.When(_late[which % _late.Count]);
        }

        private object Credit((string Wallet, WalletCommand Credit) transfer)
        {
            if (!_wallets.TryGetValue(transfer.Wallet, out var wallet))
            {
                wallet = _wallets[transfer.Wallet] = Wallet.Of(StreamId.Wallet(transfer.Wallet)).Natural(c => c is WalletCommand.Node { Asked: NodeCommand.Credit }).Anew((c, _) => c is WalletCommand.Node { Asked: NodeCommand.Credit });
            }

            return wallet.When(transfer.Credit).Last.Answer!.Reply!;
        }
    }
}

using Agora.Core.Campaigns;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Tests.Kernel;
using Agora.Core.Wallets;
using FsCheck;
using FsCheck.Fluent;
using static Agora.Core.Tests.Wallets.WalletSample;

namespace Agora.Core.Tests.Campaigns;

/// <summary>A campaign, its wallets and a session that decides holds, while messages are lost, repeated and late.</summary>
public sealed class CampaignMoneyTests
{
    private static readonly StreamId Stream = StreamId.Campaign("c1");

    /// <param name="Kind">Which thing happens next.</param>
    /// <param name="Which">To which hold, wallet or message.</param>
    public sealed record Turn(int Kind, int Which, int Amount);

    [Fact]
    public void Money_that_was_funded_is_in_escrow_or_in_wallets_and_none_is_under_way_at_rest() => Prop.ForAll(Drawn(), turns =>
    {
        var world = new Turns();
        foreach (var turn in turns)
        {
            world.Play(turn);
            world.CheckConservation();
        }

        world.ComeToRest();
        world.CheckConservation();
        Assert.False(CampaignDecider.IsUnfinished(world.Campaign));
        Assert.Equal(world.Campaign.Dues.ArrivedMicros, world.InWallets);
        Assert.Equal(world.PostedMicros, world.Campaign.Escrow.Posted);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(80));

    private static Arbitrary<Turn[]> Drawn() =>
        (from kind in Gen.Frequency((2, Gen.Constant(0)), (6, Gen.Constant(1)), (6, Gen.Constant(2)), (4, Gen.Constant(3)), (2, Gen.Constant(4)), (1, Gen.Constant(5)), (1, Gen.Constant(6)))
         from which in Gen.Choose(0, 11)
         from amount in Gen.Choose(0, 80)
         select new Turn(kind, which, amount)).ArrayOf().ToArbitrary();

    private sealed class Turns
    {
        private readonly List<(Guid Id, bool Accepted, long? Outcome)> _holds = [];

        public Turns()
        {
            World.Add(Sample.Funded(200));
            for (var n = 0; n < 2; n++) World.Add(NewWallet(Provider(n)));
            World.Add(NewWallet(WalletIds.Sponsor("c1")));
        }

        public DeciderWorld World { get; } = new();

        public CampaignState Campaign => World.State<CampaignState>(Stream);

        public long InWallets => World.All<WalletState>().Sum(w => w.State.CreditedMicros);

        /// <summary>What the session says was spent, known to it alone.</summary>
        public long PostedMicros => _holds.Sum(h => h.Outcome ?? 0);

        public void Play(Turn turn)
        {
            switch (turn.Kind)
            {
                case 0: World.Tell(Stream, new CampaignCommand.Fund(turn.Amount)); break;
                case 1: Reserve(turn); break;
                case 2: DecideHold(turn); break;
                case 3: Deliver(turn.Which, turn.Amount % 3 == 0 ? Fate.AnswerIsLost : Fate.Arrives); break;
                case 4: World.Repeat((turn.Which * 81) + turn.Amount); break;
                case 5: World.Pass(Stream, TimeSpan.FromSeconds(turn.Amount)); break;
                case 6: if (turn.Which == 0) World.Tell(Stream, new CampaignCommand.Close()); break;
            }
        }

        public void ComeToRest()
        {
            for (var n = 0; n < _holds.Count; n++)
            {
                DecideHold(new(2, n, 10));
            }

            while (!World.IsAtRest)
            {
                Deliver(0, Fate.Arrives);
            }
        }

        public void CheckConservation()
        {
            var (state, inTransit) = (Campaign, Campaign.Dues.OwedMicros - InWallets);
            Assert.True(inTransit >= 0, "A wallet has more than was sent.");
            Assert.Equal(state.FundedMicros, state.Escrow.Remaining + state.Escrow.Held + inTransit + InWallets);
        }

        private static string Provider(int n) => $"provider-{n}";

        // A new hold, or the Reserve of an earlier one that comes again or late; another provider each.
        private void Reserve(Turn turn)
        {
            if (turn.Which >= _holds.Count)
            {
                _holds.Add((World.NewId(), false, null));
            }

            var n = Math.Min(turn.Which, _holds.Count - 1);
            var answer = World.Tell(Stream, Sample.Reserve(_holds[n].Id, 20 + n, "keywords", provider: Provider(n % 2)));
            _holds[n] = _holds[n] with { Accepted = _holds[n].Accepted || answer?.Reply is FundReserved };
        }

        // The session posts only what was reserved, and keeps to what it has decided.
        private void DecideHold(Turn turn)
        {
            if (turn.Which >= _holds.Count) return;

            var hold = _holds[turn.Which];
            var outcome = hold.Outcome ?? (hold.Accepted ? turn.Amount % 20 : 0);
            _holds[turn.Which] = hold with { Outcome = outcome };
            World.Tell(Stream, outcome > 0 ? new NodeCommand.Post(hold.Id, outcome) : new NodeCommand.Void(hold.Id));
        }

        private void Deliver(int which, Fate fate)
        {
            World.Resume();
            if (World.Messages.Count > 0)
            {
                World.Deliver(World.Take(which % World.Messages.Count), fate);
            }
        }
    }
}

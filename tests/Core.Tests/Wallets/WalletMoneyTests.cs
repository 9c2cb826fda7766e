using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Wallets;
using FsCheck;
using FsCheck.Fluent;
using Wallet = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Wallets.WalletState, Agora.Core.Wallets.WalletCommand, Agora.Core.Wallets.WalletEvent>;
using static Agora.Core.Tests.Wallets.WalletSample;

namespace Agora.Core.Tests.Wallets;

/// <summary>Wallets that pay each other and a provider, while credits and their answers are lost, repeated and late.</summary>
public sealed class WalletMoneyTests
{
    /// <param name="Kind">Which thing happens next.</param>
    public sealed record Turn(int Kind, int Which, int Amount);

    [Fact]
    public void Money_that_entered_and_did_not_leave_is_in_wallets_or_in_transit_and_none_is_in_transit_at_rest() => Prop.ForAll(Turns(), turns =>
    {
        var world = new World();
        foreach (var turn in turns)
        {
            world.Play(turn);
            world.CheckConservation();
        }

        world.ComeToRest();
        world.CheckConservation();
        Assert.Equal(0, world.InTransit);
        Assert.Equal(world.Entered, world.All.Sum(w => w.OwnMicros));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(120));

    private static Arbitrary<Turn[]> Turns() =>
        (from kind in Gen.Frequency((2, Gen.Constant(0)), (1, Gen.Constant(1)), (6, Gen.Constant(2)), (3, Gen.Constant(3)), (3, Gen.Constant(4)), (6, Gen.Constant(5)), (2, Gen.Constant(6)), (1, Gen.Constant(7)))
         from which in Gen.Choose(0, 11)
         from amount in Gen.Choose(0, 90)
         select new Turn(kind, which, amount)).ArrayOf().ToArbitrary();

    private sealed class World
    {
        private readonly SortedDictionary<string, Wallet> _wallets = new(StringComparer.Ordinal);
        private readonly List<(Wallet Wallet, Guid Id, bool Accepted, long? Outcome)> _holds = [];
        private readonly List<(Wallet Wallet, WalletCommand.Transfer Command)> _transfers = [];
        private readonly List<(string Wallet, WalletCommand Credit)> _credits = [];
        private readonly List<(Wallet Wallet, WalletCommand Arrived)> _late = [];
        private long _deposited;
        private long _withdrawn;

        public World()
        {
            Of("agent:a").When(new WalletCommand.Deposit(150));
            _deposited = 150;
            Of("agent:b");
        }

        public IEnumerable<WalletState> All => _wallets.Values.Select(w => w.State);

        public long Entered => _deposited - _withdrawn;

        public long InTransit => All.Sum(w => w.Book.SentMicros - w.Book.ReceivedMicros);

        public void Play(Turn turn)
        {
            var (wallet, other) = (Of(turn.Which % 2 == 0 ? "agent:a" : "agent:b"), turn.Which % 2 == 0 ? "agent:b" : "agent:a");
            switch (turn.Kind)
            {
                case 0: Deposit(wallet, turn.Amount); break;
                case 1: Withdraw(wallet, turn.Amount); break;
                case 2: Pay(wallet, other, turn); break;
                case 3: Hold(wallet, turn); break;
                case 4: Decide(turn); break;
                case 5: Deliver(turn.Which, answerLost: turn.Amount % 3 == 0); break;
                case 6: RepeatLate(turn.Which); break;
                case 7: wallet.After(TimeSpan.FromSeconds(turn.Amount)); break;
            }
        }

        public void ComeToRest()
        {
            for (var n = 0; n < _holds.Count; n++)
            {
                Decide(new(4, n, 10));
            }

            while (All.Any(WalletDecider.IsUnfinished))
            {
                Deliver(0, answerLost: false);
            }
        }

        /// <summary>By the books that the table shows, and by what is really there.</summary>
        public void CheckConservation()
        {
            var world = All.Sum(w => w.Book.LeftMicros - w.Book.EnteredMicros);
            Assert.Equal(-Entered, world);
            Assert.True(InTransit >= 0, "A wallet has more than was sent.");
            Assert.Equal(0, All.Sum(w => w.Book.BalanceMicros) + world + InTransit);
            Assert.Equal(Entered, All.Sum(w => w.OwnMicros + w.Dues.OwedMicros) - All.Sum(w => w.CreditedMicros));
        }

        private Wallet Of(string id) => _wallets.TryGetValue(id, out var wallet) ? wallet : _wallets[id] = NewWallet(id);

        private void Deposit(Wallet wallet, long amount) => _deposited += Took(wallet.When(new WalletCommand.Deposit(amount))) ? amount : 0;

        private void Withdraw(Wallet wallet, long amount) => _withdrawn += Took(wallet.When(new WalletCommand.Withdraw(amount))) ? amount : 0;

        // A new transfer, or an earlier one that comes again or late.
        private void Pay(Wallet wallet, string to, Turn turn)
        {
            if (turn.Which >= _transfers.Count)
            {
                _transfers.Add((wallet, Transfer(wallet.NextId(), turn.Amount, to)));
            }

            var (payer, command) = _transfers[Math.Min(turn.Which, _transfers.Count - 1)];
            payer.When(command);
        }

        private void Hold(Wallet wallet, Turn turn)
        {
            var id = wallet.NextId();
            var provider = turn.Which < 3 ? "agent:b" : Provider;
            wallet.When(Reserve(id, turn.Amount, provider, fee: turn.Which * 100));
            _holds.Add((wallet, id, Took(wallet), null));
        }

        private void Decide(Turn turn)
        {
            if (turn.Which >= _holds.Count) return;

            var hold = _holds[turn.Which];
            var held = hold.Wallet.State.Holds.Open.GetValueOrDefault(hold.Id)?.Lines[0].Amount ?? 0;
            var outcome = hold.Outcome ?? (hold.Accepted ? Math.Min(turn.Amount, held) : -1);
            _holds[turn.Which] = hold with { Outcome = outcome };
            hold.Wallet.When(outcome >= 0 ? new NodeCommand.Post(hold.Id, outcome) : new NodeCommand.Void(hold.Id));
        }

        private void Deliver(int which, bool answerLost)
        {
            var steps = _wallets.Values.SelectMany(w => WalletDecider.Unfinished(w.State, w.Now).Select(step => (Wallet: w, Step: step))).ToList();
            if (steps.Count == 0) return;

            var (wallet, step) = steps[which % steps.Count];
            var target = (StepTarget.Entity)step.Target;
            _credits.Add((target.Stream.Id, (WalletCommand)Manifest.Heard(target.Stream, target.Command)));
            var answer = Of(target.Stream.Id).When((WalletCommand)Manifest.Heard(target.Stream, target.Command)).Last.Answer!;
            if (answerLost) return;

            // The wallets' clocks differ by more than processes' may: whoever is behind catches up, and sends it anew.
            if (answer.Rejection is not null) wallet.After(Limits.ReserveMaxAge + TimeSpan.FromSeconds(1));
            _late.Add((wallet, (WalletCommand)step.Then(new StepOutcome.Answered(answer))!));
            wallet.When(_late[^1].Arrived);
        }

        private void RepeatLate(int which)
        {
            if (_credits.Count > 0) Of(_credits[which % _credits.Count].Wallet).When(_credits[which % _credits.Count].Credit);
            if (_late.Count > 0) _late[which % _late.Count].Wallet.When(_late[which % _late.Count].Arrived);
        }

        private static bool Took(Wallet wallet) => wallet.Last.Answer?.Rejection is null;
    }
}

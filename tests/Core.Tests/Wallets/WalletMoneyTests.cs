using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Tests.Kernel;
using Agora.Core.Wallets;
using FsCheck;
using FsCheck.Fluent;
using static Agora.Core.Tests.Wallets.WalletSample;

namespace Agora.Core.Tests.Wallets;

/// <summary>Wallets that pay each other and a provider, while credits and their answers are lost, repeated and late.</summary>
public sealed class WalletMoneyTests
{
    /// <param name="Kind">Which thing happens next.</param>
    public sealed record Turn(int Kind, int Which, int Amount);

    [Fact]
    public void Money_that_entered_and_did_not_leave_is_in_wallets_or_in_transit_and_none_is_in_transit_at_rest() => Prop.ForAll(Drawn(), turns =>
    {
        var world = new Turns();
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

    private static Arbitrary<Turn[]> Drawn() =>
        (from kind in Gen.Frequency((2, Gen.Constant(0)), (1, Gen.Constant(1)), (6, Gen.Constant(2)), (3, Gen.Constant(3)), (3, Gen.Constant(4)), (6, Gen.Constant(5)), (2, Gen.Constant(6)), (1, Gen.Constant(7)))
         from which in Gen.Choose(0, 11)
         from amount in Gen.Choose(0, 90)
         select new Turn(kind, which, amount)).ArrayOf().ToArbitrary();

    private sealed class Turns
    {
        private static readonly StreamId A = StreamId.Wallet("agent:a");
        private static readonly StreamId B = StreamId.Wallet("agent:b");
        private readonly DeciderWorld _world = new();
        private readonly List<(StreamId Wallet, Guid Id, bool Accepted, long? Outcome)> _holds = [];
        private readonly List<(StreamId Wallet, WalletCommand.Transfer Command)> _transfers = [];
        private long _deposited;
        private long _withdrawn;

        public Turns()
        {
            foreach (var id in new[] { A.Id, B.Id, Provider, WalletIds.Fee }) _world.Add(NewWallet(id));
            Deposit(A, 150);
        }

        public IEnumerable<WalletState> All => _world.All<WalletState>().Select(w => w.State);

        public long Entered => _deposited - _withdrawn;

        public long InTransit => All.Sum(w => w.Book.SentMicros - w.Book.ReceivedMicros);

        public void Play(Turn turn)
        {
            var (wallet, other) = turn.Which % 2 == 0 ? (A, B) : (B, A);
            switch (turn.Kind)
            {
                case 0: Deposit(wallet, turn.Amount); break;
                case 1: Withdraw(wallet, turn.Amount); break;
                case 2: Pay(wallet, other.Id, turn); break;
                case 3: Hold(wallet, turn); break;
                case 4: Decide(turn); break;
                case 5: Deliver(turn.Which, answerLost: turn.Amount % 3 == 0); break;
                case 6: _world.Repeat((turn.Which * 91) + turn.Amount); break;
                case 7: _world.Pass(wallet, TimeSpan.FromSeconds(turn.Amount)); break;
            }
        }

        public void ComeToRest()
        {
            for (var n = 0; n < _holds.Count; n++)
            {
                Decide(new(4, n, 10));
            }

            while (!_world.IsAtRest)
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

        private void Deposit(StreamId wallet, long amount) => _deposited += Took(wallet, new WalletCommand.Deposit(amount)) ? amount : 0;

        private void Withdraw(StreamId wallet, long amount) => _withdrawn += Took(wallet, new WalletCommand.Withdraw(amount)) ? amount : 0;

        // A new transfer, or an earlier one that comes again or late.
        private void Pay(StreamId wallet, string to, Turn turn)
        {
            if (turn.Which >= _transfers.Count)
            {
                _transfers.Add((wallet, Transfer(_world.NewId(), turn.Amount, to)));
            }

            var (payer, command) = _transfers[Math.Min(turn.Which, _transfers.Count - 1)];
            _world.Tell(payer, command);
        }

        private void Hold(StreamId wallet, Turn turn)
        {
            var (id, provider) = (_world.NewId(), turn.Which < 3 ? B.Id : Provider);
            _holds.Add((wallet, id, Took(wallet, Reserve(id, turn.Amount, provider, fee: turn.Which * 100)), null));
        }

        private void Decide(Turn turn)
        {
            if (turn.Which >= _holds.Count) return;

            var hold = _holds[turn.Which];
            var held = _world.State<WalletState>(hold.Wallet).Holds.Open.GetValueOrDefault(hold.Id)?.Lines[0].Amount ?? 0;
            var outcome = hold.Outcome ?? (hold.Accepted ? Math.Min(turn.Amount, held) : -1);
            _holds[turn.Which] = hold with { Outcome = outcome };
            _world.Tell(hold.Wallet, outcome >= 0 ? new NodeCommand.Post(hold.Id, outcome) : new NodeCommand.Void(hold.Id));
        }

        private void Deliver(int which, bool answerLost)
        {
            _world.Resume();
            if (_world.Messages.Count == 0) return;

            var message = _world.Take(which % _world.Messages.Count);
            if (message.Step.Target is StepTarget.Later)
            {
                _world.Conclude(message, new StepOutcome.Unreachable());
                return;
            }

            var answer = _world.Reach(message)!;
            if (answerLost) return;

            // The wallets' clocks differ by more than processes' may: whoever is behind catches up, and sends it anew.
            if (answer.Rejection is not null)
            {
                _world.Pass(message.From, Limits.ReserveMaxAge + TimeSpan.FromSeconds(1));
            }

            _world.Conclude(message, new StepOutcome.Answered(answer));
        }

        private bool Took(StreamId wallet, object command) => _world.Tell(wallet, command)?.Rejection is null;
    }
}

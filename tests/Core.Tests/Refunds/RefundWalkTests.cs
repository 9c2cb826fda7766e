using Agora.Core.Access;
using Agora.Core.Campaigns;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Refunds;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Tests.Kernel;
using Agora.Core.Users;
using Agora.Core.Wallets;

namespace Agora.Core.Tests.Refunds;

/// <summary>
/// Runs, some of a delegated session, paid by a campaign or the agent's wallet, and refunds of them, while messages are lost, late and repeated and processes end. Whatever
/// happens: nobody gets back more than was paid, and money is neither made nor lost. When it has calmed down, each limit
/// stands at what was paid less what was given back, in the period in which it was paid, and each wallet has exactly its share.
/// </summary>
public sealed class RefundWalkTests
{
    private static readonly StreamId User = StreamId.User("u1");
    private static readonly StreamId Agent = StreamId.Wallet(WalletIds.Agent("a1"));
    private static readonly StreamId Provider = StreamId.Wallet("provider-1");
    private static readonly StreamId Fees = StreamId.Wallet(WalletIds.Fee);
    private static readonly StreamId Campaign = StreamId.Campaign("c1");

    [Fact]
    public void Whatever_is_lost_late_or_repeated_money_and_limits_end_where_the_refunds_say()
    {
        var (accepted, refused, payments) = (0, 0, 0);
        for (var seed = 1; seed <= 60; seed++)
        {
            var walk = new Walk(seed);
            walk.Go(steps: 40);
            walk.Check();
            (accepted, refused, payments) = (accepted + walk.Accepted, refused + walk.Refused, payments + walk.Payments);
        }

        Assert.True(payments > 300 && accepted > 200 && refused > 100, $"{payments} payments, {accepted} refunds and {refused} refusals prove little.");
    }

    private sealed class Walk
    {
        private const long Deposited = 1_000_000;
        private readonly Random _random;
        private readonly DeciderWorld _world;
        private readonly List<StreamId> _sessions = [];
        private long _withdrawn;
        private int _inputs;

        public Walk(int seed)
        {
            (_random, _world) = (new(seed), RefundWorld.Of(new Random(seed)));
            _world.Ask(User, new UserCommand.PutUser(Personal.Of(new Profile([], null)), _random.Next(2) == 0 ? null : 1_000_000, 5_000_000));
            _world.Ask(User, new UserCommand.PutGrant("a1", new(new(["*"], ["*"], ["*"], ["*"]), 5_000_000, _random.Next(2) == 0 ? null : 3_000_000, 50, null)));
            _world.Ask(Agent, new WalletCommand.Deposit(Deposited));
            _world.Ask(Campaign, new CampaignCommand.PutCampaign(new(
                "Acme", null, new("Survey", "survey", "", "{}", [], []), [new("echo", null)], [], 1_000, null, null, null, null, null, true)));
            _world.Ask(Campaign, new CampaignCommand.Fund(1_000_000));
            Open();
            _world.Ask(_sessions[0], new SessionCommand.CompleteTask(Request("do_task"), "c1", new("c1", "survey", [], [], [], true), [], Personal.Of("fine")));
        }

        public int Accepted => Refunds.Count;

        public int Refused { get; private set; }

        public int Payments => Concluded.Count;

        private List<(StreamId Session, RunEvent.Concluded Run)> Concluded =>
            [.. _world.All<SessionState>().SelectMany(s => _world.Happened<RunEvent.Concluded>(s.Stream).Where(e => e.Posted).Select(e => (s.Stream, e)))];

        private List<(PaymentFacts Payment, RefundView View)> Refunds =>
            [.. _world.All<RefundState>().SelectMany(p => _world.Happened<RefundEvent.Accepted>(p.Stream).Select(e => (p.State.Payment!, e.View)))];

        public void Go(int steps)
        {
            _world.Storms = true;
            for (var step = 0; step < steps; step++)
            {
                switch (_random.Next(100))
                {
                    case < 40: Run(_sessions[_random.Next(_sessions.Count)]); break;
                    case < 80: Refund(); break;
                    case < 84: Open(); break;
                    case < 88: Withdraw(); break;
                    case < 90: _world.Ask(Campaign, new CampaignCommand.Close()); break;
                    case < 95: _world.Pass(TimeSpan.FromMinutes(_random.Next(1, 30))); break;
                    default: _world.Ring(); break;
                }

                Never();
            }
        }

        public void Check()
        {
            _world.Storms = false;
            for (var ring = 0; ring < 8; ring++)
            {
                _world.Pass(TimeSpan.FromSeconds(35));
                _world.Ring();
            }

            Assert.True(_world.IsAtRest);
            _world.CheckReplays();
            Never();
            Sums();
            Limits();
        }

        private void Open()
        {
            if (_sessions.Count > 0 && _random.Next(2) == 0)
            {
                var delegated = _world.Ask(_sessions[0], new SessionCommand.Delegate(Request("delegate_session"), $"a{_inputs++ + 10}", new(null, null, null, null), null, null));
                if (delegated?.Reply is SessionOpened below)
                {
                    _sessions.Add(StreamId.Session(below.SessionId));
                }
            }
            else if (_world.Ask(User, new UserCommand.OpenSession("a1", new(null, null, null, null), 2_000_000, 86_000, Vouched: false))?.Reply is SessionOpened opened)
            {
                _sessions.Add(StreamId.Session(opened.SessionId));
            }
        }

        private void Run(StreamId session)
        {
            var sponsored = _random.Next(2) == 0;
            var price = _random.Next(1, 9) * 9_999L;
            IReadOnlyList<Candidate> candidates = sponsored ? [new("c1", "Acme", 1_000, null, null)] : [];
            _world.Ask(session, new RunCommand.RunService(
                Request("run_service"), "echo", new("echo", "text", price, Provider.Id, null, false), Personal.Of("hello"), $"{_inputs++:x64}", null, true, sponsored ? null : price, candidates,
                Keyed: false, sponsored ? null : PayWith.Wallet));
        }

        private void Refund()
        {
            if (Concluded is not { Count: > 0 } concluded) return;

            var (session, run) = concluded[_random.Next(concluded.Count)];
            var (payment, state) = (run.Payment!, _world.State<SessionState>(session));
            var facts = new PaymentFacts(
                payment.PaymentId.ToString("D"), session.Id, run.RunId, state.UserId!, state.AgentId!, payment.PayerKind, payment.PayerId, run.Run.Provider, payment.AmountMicros,
                payment.FeeMicros, payment.Nodes);
            var amount = _random.Next(3) == 0 ? default(long?) : _random.NextInt64(1, 80_000);
            var answer = _world.Ask(StreamId.Payment(facts.PaymentId), new RefundCommand.Refund(facts, amount, "why not", "operator:root"));
            Refused += answer?.Rejection is null ? 0 : 1;
        }

        private void Withdraw()
        {
            var amount = _random.Next(1, 5) * 10_000L;
            if (_world.Ask(Provider, new WalletCommand.Withdraw(amount))?.Reply is not null)
            {
                _withdrawn += amount;
            }
        }

        private void Never()
        {
            foreach (var (_, payment) in _world.All<RefundState>().Where(p => p.State.Payment is not null))
            {
                Assert.InRange(payment.Back.Posted, 0, payment.Payment!.AmountMicros);
            }

            var books = _world.All<WalletState>().Select(w => w.State.Book).Concat(_world.All<CampaignState>().Select(c => c.State.Book)).ToList();
            Assert.Equal(books.Sum(b => b.EnteredMicros - b.LeftMicros), books.Sum(b => b.BalanceMicros + b.SentMicros - b.ReceivedMicros));
        }

        private void Sums()
        {
            var paid = Concluded.Select(s => s.Run.Payment!).ToList();
            var (fees, feesBack) = (paid.Sum(p => p.FeeMicros), Refunds.Sum(r => r.View.FeeMicros));
            Assert.Equal(paid.Sum(p => p.AmountMicros - p.FeeMicros) - Refunds.Sum(r => r.View.AmountMicros - r.View.FeeMicros) - _withdrawn, _world.State<WalletState>(Provider).OwnMicros);
            Assert.Equal(fees - feesBack, _world.State<WalletState>(Fees).OwnMicros);
            Assert.Equal(Deposited - Of(PayerKinds.Wallet), _world.State<WalletState>(Agent).OwnMicros);
            Assert.Equal(
                1_000_000 - Of(PayerKinds.Campaign), _world.State<CampaignState>(Campaign).Escrow.Remaining + _world.State<WalletState>(StreamId.Wallet(WalletIds.Sponsor("c1"))).OwnMicros);

            long Of(string kind) => paid.Where(p => p.PayerKind == kind).Sum(p => p.AmountMicros) - Refunds.Where(r => r.Payment.PayerKind == kind).Sum(r => r.View.AmountMicros);
        }

        private void Limits()
        {
            var expected = new SortedDictionary<string, long>(StringComparer.Ordinal);
            foreach (var (session, run) in Concluded) Count(session.Id, run.Payment!.Nodes, run.Payment.AmountMicros);
            foreach (var (payment, view) in Refunds) Count(payment.SessionId, payment.Nodes, -view.AmountMicros);

            foreach (var (stream, session) in _world.All<SessionState>())
            {
                Assert.Equal(expected.GetValueOrDefault($"session/{stream.Id}"), session.Budget.Posted);
                Assert.Equal((0L, 0), (session.Budget.Held, session.Refunds.Open.Count));
            }

            var user = _world.State<UserState>(User);
            Assert.Empty(user.Refunds.Open);
            foreach (var (key, account) in user.Accounts.Where(a => AccountKeys.IsLimit(a.Key)))
            {
                Assert.Equal(expected.GetValueOrDefault($"user/u1/{key}"), account.Posted);
            }

            void Count(string session, string? nodes, long amount)
            {
                foreach (var node in (nodes ?? $"session/{session}").Split(' ')) expected[node] = expected.GetValueOrDefault(node) + amount;
            }
        }

        private static RequestInfo Request(string operation) => new(operation, "POST /agent/test", "", new(100_000, 0, FeeBasisPoints: 333));
    }
}

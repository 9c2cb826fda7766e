using System.Text.Json;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Testing;
using Xunit.Abstractions;
using static Agora.Core.Tests.Sessions.SessionScenario;

namespace Agora.Core.Tests.Sessions;

/// <summary>
/// Random trees, commands and times: at each step the deciders, with their messages in random order, must give the answer and the state of a naive model
/// that recomputes every sum: 105,000 steps; 30,000 in <c>./test</c>.
/// </summary>
public sealed class TreeWalkTests(ITestOutputHelper output)
{
    private static readonly int Worlds = Length.Of(420, shorter: 120);
    private const int Steps = 250;

    [Fact]
    public void Steps_of_random_trees_agree_with_a_naive_model()
    {
        var seen = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var seed = 1; seed <= Worlds; seed++)
        {
            new Walk(seed, seen).Go(Steps);
        }

        output.WriteLine(string.Join(", ", seen.Select(s => $"{s.Key} {s.Value}")));
        string[] wanted =
        [
            "delegated", "run", "succeeded", "failed", "refused by the leaf", "refused above", "refused by grant_total", "refused by daily_cap", "refused by monthly_cap", "several refuse",
            "ended session_revoked", "ended session_expired", "ended session_suspended", "cycle", "depth", "children", "allowed_categories", "budget_limit_cents", "expires_in_seconds", "below what is in use",
        ];
        Assert.All(wanted, what => Assert.True(seen.GetValueOrDefault(what) >= 10, $"{what} came {seen.GetValueOrDefault(what)} times."));
    }

    private sealed class Walk
    {
        private static readonly string[] Roots = ["a1", "a2"];
        private static readonly string[] Agents = [.. Roots, .. Enumerable.Range(3, 8).Select(i => $"a{i}")];
        private readonly Random _random;
        private readonly SortedDictionary<string, int> _seen;
        private readonly TreeWorld _world;
        private readonly TreeModel _model = new();
        private readonly int _style;
        private readonly string _seed;

        public Walk(int seed, SortedDictionary<string, int> seen)
        {
            (_seed, _random, _seen, _style) = ($"seed {seed}", new(seed), seen, seed % 3);
            _world = new(_random);
            PutUser(null, null);
            foreach (var agent in Roots)
            {
                PutGrant(agent, null);
            }

            Open();
            Told(_world.Ask(TreeWorld.User, new UserCommand.CompleteTask(_world.NewId(), "c1", _model.Nodes[0].Id, "a1", Vias.Agent, TaskOutput, [], [])));
        }

        public void Go(int steps)
        {
            for (var i = 0; i < steps; i++)
            {
                Step();
            }

            foreach (var node in _model.Nodes)
            {
                Look(node);
                Compare(node);
            }

            _world.CheckReplays();
        }

        private void Step()
        {
            if (_style > 0 && _random.Next(2) == 0)
            {
                Grow(_style == 1 ? _model.Nodes[0] : _model.Nodes.MaxBy(n => _model.Ended(n, _world.Now).Count > 0 ? 0 : n.Depth)!);
                return;
            }

            switch (_random.Next(100))
            {
                case < 34: Run(Any()); break;
                case < 54: Finish(); break;
                case < 70: Delegate(Any()); break;
                case < 78: Look(Any()); break;
                case < 84: Pass(); break;
                case < 89: PutUser(Amount(400), Amount(900)); break;
                case < 93: PutGrant(Roots[_random.Next(2)], Amount(500)); break;
                case < 96: ChangeStanding(Agents[_random.Next(Agents.Length)]); break;
                case < 97: Revoke(Any()); break;
                default: Open(); break;
            }
        }

        /// <summary>Mostly one that is live.</summary>
        private TreeModel.Node Any()
        {
            var node = _model.Nodes[_random.Next(_model.Nodes.Count)];
            for (var tries = 0; tries < 4 && _model.Ended(node, _world.Now).Count > 0; tries++)
            {
                node = _model.Nodes[_random.Next(_model.Nodes.Count)];
            }

            return node;
        }

        private long? Amount(int most) => _random.Next(3) == 0 ? null : _random.Next(most);

        private void Open()
        {
            var agent = Roots[_random.Next(2)];
            var (limit, seconds, all) = (_random.Next(50, 400), _random.Next(500, 20_000), _random.Next(2) == 0);
            var answer = _world.Ask(TreeWorld.User, new UserCommand.OpenSession(agent, new(null, null, all ? ["*"] : ["text"], null), limit, seconds, Vouched: true))!;
            if (_model.Suspended.Contains(agent))
            {
                Same(Codes.SessionSuspended, answer.Rejection?.Code);
                return;
            }

            _model.Nodes.Add(new(((SessionOpened)Told(answer)).SessionId, agent, null, limit, _world.Now.AddSeconds(seconds), all));
        }

        /// <summary>Trees become as wide, or as deep, as they may.</summary>
        private void Grow(TreeModel.Node parent) => Delegate(parent, Agents.FirstOrDefault(a => !_model.Suspended.Contains(a) && parent.Up.All(n => n.Agent != a)) ?? "a99", null, false, null, false);

        private void Delegate(TreeModel.Node parent)
        {
            var left = Left(parent);
            long? limit = _random.Next(4) switch { 0 => null, 1 => parent.Limit, 2 => parent.Limit + _random.Next(0, 2), _ => _random.NextInt64(parent.Limit + 1) };
            int? seconds = _random.Next(4) switch { 0 => null, 1 => left, 2 => left + _random.Next(0, 2), _ => _random.Next(1, left + 1) };
            var all = _random.Next(5) > 0;
            Delegate(parent, Agents[_random.Next(Agents.Length)], limit, all && !parent.AllScopes && _random.Next(2) == 0, seconds, !all);
        }

        private int Left(TreeModel.Node parent) => (int)Math.Max(1, (parent.ExpiresAt - _world.Now).TotalSeconds);

        private void Delegate(TreeModel.Node parent, string agent, long? limit, bool wide, int? seconds, bool narrow)
        {
            var scopes = new RequestedScopes(null, null, wide ? ["art"] : narrow ? ["text"] : null, null);
            var answer = _world.Ask(StreamId.Session(parent.Id), ToAgent(agent, scopes, limit, seconds))!;
            if (IsEnded(parent, answer)) return;

            if (_model.Exceeded(parent, agent, limit, wide, seconds, _world.Now) is { } exceeded)
            {
                Same((Codes.GrantExceeded, exceeded), (answer.Rejection?.Code, answer.Rejection?.Facts?.First(f => f.Name == "exceeded").Value));
                Seen(exceeded);
                return;
            }

            if (_model.Suspended.Contains(agent))
            {
                Same(Codes.SessionSuspended, answer.Rejection?.Code);
                return;
            }

            Seen("delegated");
            var opened = (SessionOpened)Told(answer);
            _model.Nodes.Add(new(opened.SessionId, agent, parent, limit ?? parent.Limit, _world.Now.AddSeconds(seconds ?? Left(parent)), parent.AllScopes && !narrow));
            Same(_model.Nodes[^1].ExpiresAt, opened.ExpiresAt);
        }

        private void Run(TreeModel.Node node)
        {
            var (price, id, metered) = ((long)_random.Next(0, 90), _world.NewId(), _random.Next(3) == 0);
            var answer = _world.Ask(
                StreamId.Session(node.Id),
                new RunCommand.RunService(
                    Request() with { Policy = new(1_000_000, 0) }, "echo", new("echo", "text", price, "provider-1", null, false, metered), Input, "h", null, true, null, [new("c1", "Acme", 1_000_000, null, null)], false),
                id);
            if (answer is not null && IsEnded(node, answer)) return;

            var refusals = _model.Refusals(node, price, _world.Now);
            if (refusals.Count == 0)
            {
                Assert.True(answer is null && _world.Calls.Contains(id), $"{_seed}: a run of {price} that nobody refuses was answered {answer}.");
                Seen("run");
                _model.Runs.Add(new(id, node, price, metered, _world.Now, _model.LeastAbove(node, price, _world.Now)));
            }
            else
            {
                Assert.Contains(Told(answer?.Rejection, refusals), refusals);
                Seen(refusals is [{ Kind: "session" } only] ? only.Id == node.Id ? "refused by the leaf" : "refused above" : refusals.Count > 1 ? "several refuse" : $"refused by {refusals[0].Limit}");
            }

            CompareUp(node);
        }

        /// <summary>A service answers, or fails; money that is held is spent even where its session has ended, or a limit was lowered.</summary>
        private void Finish()
        {
            if (_world.Calls.Count == 0) return;

            var id = _world.Calls[_random.Next(_world.Calls.Count)];
            var run = _model.Runs.Single(r => r.Id == id);
            var (succeeds, cost) = (_random.Next(3) > 0, run.Metered ? _random.NextInt64(run.Price + 1) : run.Price);
            var answer = _world.Finish(run.Id, succeeds ? new ServiceOutcome.Output("1"u8.ToArray(), 1, run.Metered ? cost : null) : new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "No.", 1));
            run.Cost = succeeds ? cost : 0;
            Seen(succeeds ? "succeeded" : "failed");
            Same(succeeds ? null : Codes.UpstreamFailed, answer.Rejection?.Code);
            if (succeeds)
            {
                Same(run.Least + (run.Price - cost), ((RunView)answer.Reply!).AboveMicros);
            }

            CompareUp(run.Node);
        }

        private void Look(TreeModel.Node node)
        {
            var answer = _world.Ask(StreamId.Session(node.Id), new SessionCommand.Visit(Request() with { Policy = new(1_000_000, 0) }))!;
            if (!IsEnded(node, answer))
            {
                Same(_model.Remaining(node), ((SessionView)Told(answer)).Budget.RemainingMicros);
            }

            var sponsorship = (Sponsorship)Told(_world.Ask(TreeWorld.User, new UserCommand.GetSponsorship(node.Root)));
            Same(_model.UserLimits(node, _world.Now).Select(l => (long?)l.Remaining).Min(), sponsorship.RemainingMicros);
        }

        private void Pass() => _world.Pass(TimeSpan.FromSeconds(_random.Next(8) == 0 ? _random.Next(3_600, 30_000) : _random.Next(1, 300)));

        private void PutUser(long? day, long? month)
        {
            if (_model.UserLimits(_model.Nodes.FirstOrDefault() ?? new("", "", null, 0, _world.Now, true), _world.Now).Any(l => l.Remaining < (l.Limit == "daily_cap" ? _model.DailyCap - day : _model.MonthlyCap - month)))
            {
                Seen("below what is in use");
            }

            Told(_world.Ask(TreeWorld.User, new UserCommand.PutUser(Personal.Of(new Profile([], null)), day, month)));
            (_model.DailyCap, _model.MonthlyCap) = (day, month);
        }

        private void PutGrant(string agent, long? total)
        {
            Told(_world.Ask(TreeWorld.User, new UserCommand.PutGrant(agent, new(Everything, Limits.MaxMicros, total, Limits.MaxLiveSessions, null))));
            _model.GrantTotals[agent] = total;
        }

        private void ChangeStanding(string agent)
        {
            var suspends = !_model.Suspended.Contains(agent);
            Told(_world.Ask(TreeWorld.User, suspends ? new UserCommand.Suspend(agent, "odd") : new UserCommand.Resume(agent, "fine")));
            if (!(suspends ? _model.Suspended.Add(agent) : _model.Suspended.Remove(agent))) throw new InvalidOperationException(agent);
        }

        private void Revoke(TreeModel.Node node)
        {
            var answer = _world.Ask(StreamId.Session(node.Id), new SessionCommand.Revoke(Request()))!;
            Assert.True(answer.Rejection is null || _model.Ended(node, _world.Now).Count > 0, $"{_seed}: {answer}");
            node.Revoked |= answer.Rejection is null;
        }

        /// <summary>A session that has expired may or may not have heard that one above was ended.</summary>
        private bool IsEnded(TreeModel.Node node, Answer answer)
        {
            var codes = _model.Ended(node, _world.Now);
            if (codes.Count == 0) return false;

            Assert.True(codes.Contains(answer.Rejection?.Code ?? ""), $"{_seed}: {string.Join(" or ", codes)} instead of {answer}");
            Seen("ended " + answer.Rejection!.Code);
            return true;
        }

        private void CompareUp(TreeModel.Node node)
        {
            foreach (var above in node.Up)
            {
                Compare(above);
            }
        }

        private void Compare(TreeModel.Node node)
        {
            var budget = _world.Session(node.Id).Budget;
            Same((_model.Spent(node), _model.Held(node)), (budget.Posted, budget.Held));
        }

        private TreeModel.Refusal Told(Rejection? rejection, IReadOnlyList<TreeModel.Refusal> wanted)
        {
            Assert.True(rejection?.Code == Codes.BudgetExceeded, $"{_seed}: {rejection} instead of {string.Join(" or ", wanted)}");
            var node = JsonDocument.Parse(rejection.Facts!.Single(f => f.Name == "node").Value).RootElement;
            Money.TryParseCents(rejection.Facts!.Single(f => f.Name == "remaining_cents").Value, out var remaining);
            return new(node.GetProperty("kind").GetString()!, node.GetProperty("id").GetString()!, node.GetProperty("limit").GetString()!, remaining);
        }

        private object Told(Answer? answer)
        {
            Assert.True(answer is { Rejection: null }, $"{_seed}: {answer}");
            return answer.Reply!;
        }

        private void Same<T>(T expected, T actual) => Assert.True(EqualityComparer<T>.Default.Equals(expected, actual), $"{_seed}: {actual} instead of {expected}");

        private void Seen(string what) => _seen[what] = _seen.GetValueOrDefault(what) + 1;
    }
}

using Agora.Core.Kernel;
using Agora.Core.Tests.Kernel;
using Agora.Core.Users;
using Agora.Core.Watches;
using Xunit.Abstractions;

namespace Agora.Core.Tests.Watches;

/// <summary>
/// Dialogues that two drivers drive and two people step into, while messages come several times, late, in any order or never, drivers and the entity's process die, and views are stale. A naive book of calls, interventions and budgets
/// counts along.
/// </summary>
public sealed class WatchWalkTests(ITestOutputHelper output)
{
    private const int Walks = 300;
    private const int Steps = 600;

    [Fact]
    public void No_turn_has_two_calls_under_way_no_intervention_is_done_twice_and_no_budget_is_overdrawn()
    {
        var seen = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var seed = 1; seed <= Walks; seed++)
        {
            new Walk(seed, seen).Go(Steps);
        }

        output.WriteLine(string.Join(", ", seen.Select(s => $"{s.Key} {s.Value}")));
        string[] wanted =
        [
            "begun", "ended", "failed", "died with a call", "taken over", "found ended", "found lost", "found never begun", "given up", "told again", "precondition_failed", "budget_exceeded", "conversation_closed",
            "Pause", "Resume", "Say", "TakeSeat", "LeaveSeat", "RaiseBudget", "Stop", "at once", "words ahead", "asked", "over by Turns", "over by StopWord", "over by Silence", "over by Stopped",
        ];
        Assert.All(wanted, what => Assert.True(seen.GetValueOrDefault(what) >= 10, $"{what} came {seen.GetValueOrDefault(what)} times."));
    }

    private sealed class Walk
    {
        private static readonly TimeSpan ModelGivenUp = Limits.ModelLostAfter;

        private readonly Random _random;
        private readonly SortedDictionary<string, int> _seen;
        private readonly IDecides _watch = WalkOf.New(Tenant.Default.Watch(OwnedIds.Of(Sample.Id, "ann")));
        private readonly List<WatchCommand> _underWay = [];
        private readonly Dictionary<Guid, Run> _runs = [];
        private readonly Dictionary<Guid, string> _taken = [];
        private readonly HashSet<Guid> _done = [];
        private readonly Dictionary<int, int> _replies = [];
        private readonly WatchPlan _plan;
        private readonly long[] _budgets;
        private readonly long[] _spent;
        private readonly List<WatchView> _views = [];
        private readonly Driver[] _drivers;
        private DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        private WatchEvent.TurnBegun? _open;
        private int _minted;

        public Walk(int seed, SortedDictionary<string, int> seen)
        {
            (_random, _seen) = (new(seed), seen);
            _plan = new([.. Enumerable.Range(0, _random.Next(2, 5)).Select(n => n > 0 && _random.Next(6) == 0 ? new Seat(null, 0) : new Seat("m", _random.Next(50, 600)))], _random.Next(3, 30), _random.Next(4), _random.Next(4));
            (_budgets, _spent) = ([.. _plan.Seats.Select(seat => seat.BudgetMicros)], new long[_plan.Seats.Count]);
            _drivers = [new(NewId()), new(NewId())];
            Deliver(new WatchCommand.Begin("a", "s-1", _plan, Sample.Brief));
        }

        private WatchState State => (WatchState)_watch.State;

        public void Go(int steps)
        {
            for (var step = 0; step < steps; step++)
            {
                _now += TimeSpan.FromMilliseconds(_random.Next(20) == 0 ? _random.Next(40_000) : _random.Next(1_500));
                _views.Add(State.View);
                switch (_random.Next(40))
                {
                    case < 20: Drive(_random.Next(2)); break;
                    case < 37: Arrive(); break;
                    case 37: Intervene(); break;
                    case 38 when _random.Next(4) == 0: Die(_random.Next(2)); break;
                    case 39 when _random.Next(4) == 0: _watch.Reload(); break;
                }
            }

            _watch.CheckReplay();
            GoesOn();
        }

        /// <summary>When nothing goes wrong any more it comes to its end, or waits for a person.</summary>
        private void GoesOn()
        {
            for (var step = 0; step < 4_000 && State is not { End: not null, Under: null }; step++)
            {
                _now += TimeSpan.FromSeconds(1);
                _views.Add(State.View);
                Drive(0, isStale: false);
                while (_underWay.Count > 0) Arrive();
                if (State is { Under: null, End: null, Pause: not null })
                {
                    Deliver(new WatchCommand.Stop(NewId(), null));
                }

                if (State is { Under: null, End: null } && State.Seats[State.Seat].IsPersons)
                {
                    Deliver(new WatchCommand.Say(NewId(), State.Seen, Sample.Words, State.Seat));
                }
            }

            Assert.Equal(WatchStandings.Ended, State.Standing);
            Saw($"over by {State.End}");
            Assert.Equal(_spent, State.Seats.Select(seat => seat.SpentMicros));
        }

        private void Drive(int number, bool isStale = true)
        {
            var driver = _drivers[number];
            GiveUp();
            if (driver.Calls is { } calls)
            {
                calls.Told = _now;
                if (_random.Next(3) > 0)
                {
                    Send(new WatchCommand.HoldTurn(driver.Id, calls.Begun.Number, calls.Begun.Attempt));
                    return;
                }

                // A failure may have cost something all the same.
                calls.Cost = _random.NextInt64(calls.Begun.MostMicros + 1);
                calls.IsWhole = _random.Next(4) > 0;
                driver.Calls = null;
            }

            var view = isStale && _random.Next(4) == 0 ? _views[_random.Next(_views.Count)] : State.View;
            if (view.Under is { } under)
            {
                Follow(driver, under);
            }

            else if (view is { Pause: null, End: null } && !view.Seats[view.Seat].IsPersons && view.NotBefore <= _now)
            {
                Send(new WatchCommand.BeginTurn(driver.Id, view.Turn, view.Attempts + 1, Math.Max(0, Math.Min(_random.Next(1, 120), view.Seats[view.Seat].LeftMicros + _random.Next(-5, 3)))));
            }
        }

        private void Follow(Driver driver, TurnUnderWay under)
        {
            if (under.Driver != driver.Id)
            {
                if (under.Until <= _now)
                {
                    Send(new WatchCommand.HoldTurn(driver.Id, under.Number, under.Attempt));
                }

                return;
            }

            var run = _runs[under.RunId];
            if (run.Cost is null && under.Caller == driver.Id && driver.Called.Add(under.RunId))
            {
                Call(driver, run);
                return;
            }

            if (run.Cost is null && run.Told is null)
            {
                // Whoever comes after its caller has the session decide that it never begins.
                (run.Cost, run.IsWhole) = (0, false);
                if (under.Caller != driver.Id)
                {
                    Saw("found never begun");
                }
            }

            if (run.Cost is not { } cost) return;

            if (under.Caller != driver.Id)
            {
                Saw(run.IsWhole ? "found ended" : "found lost");
            }

            Send(run.IsWhole
                ? new WatchCommand.EndTurn(driver.Id, under.Number, under.Attempt, _random.Next(12) switch { 0 => TurnFinish.StopWord, < 5 => TurnFinish.Silent, _ => TurnFinish.Said }, cost)
                : new WatchCommand.FailTurn(driver.Id, under.Number, under.Attempt, Codes.Unavailable, cost, _random.Next(8) == 0));
        }

        private void Call(Driver driver, Run run)
        {
            if (_runs.Values.FirstOrDefault(other => other is { Told: not null, Cost: null }) is { } two)
            {
                Assert.Fail($"Run {run.Begun.RunId} calls while {two.Begun.RunId} does.");
            }

            Assert.Null(run.Told);
            (run.Told, driver.Calls) = (_now, run);
        }

        /// <summary>The session gives up on whoever says nothing, and posts what was held; whoever it was finds that out.</summary>
        private void GiveUp()
        {
            foreach (var run in _runs.Values.Where(run => run is { Told: not null, Cost: null } && _now - run.Told > ModelGivenUp))
            {
                (run.Cost, run.IsWhole) = (run.Begun.MostMicros, false);
                foreach (var driver in _drivers.Where(driver => driver.Calls == run))
                {
                    driver.Calls = null;
                    Saw("given up");
                }
            }
        }

        private void Die(int number)
        {
            if (_drivers[number].Calls is not null)
            {
                Saw("died with a call");
            }

            _drivers[number] = new(NewId());
        }

        private void Intervene()
        {
            var view = _random.Next(5) == 0 ? _views[_random.Next(_views.Count)] : State.View;
            var count = _random.Next(3) == 0 ? 2 : 1;
            if (count == 2)
            {
                Saw("at once");
            }

            for (; count > 0; count--)
            {
                var intervention = Any(NewId(), new(view.Turn, view.Interventions), view);
                _underWay.AddRange([intervention, intervention, intervention]);
            }
        }

        private WatchCommand Any(Guid id, Seen seen, WatchView view) => _random.Next(view.Pause is null ? 12 : 24) switch
        {
            < 2 => new WatchCommand.Pause(id, _random.Next(3) == 0 ? null : seen),
            < 5 => new WatchCommand.Say(id, seen, Sample.Words, _random.Next(2) == 0 ? null : _random.Next(view.Seats.Count)),
            5 or 6 => new WatchCommand.TakeSeat(id, seen, _random.Next(view.Seats.Count)),
            7 or 8 => new WatchCommand.LeaveSeat(id, seen, _random.Next(view.Seats.Count)),
            9 or 10 => new WatchCommand.RaiseBudget(id, seen, _random.Next(view.Seats.Count), _random.Next(1, 200)),
            11 => _random.Next(10) == 0 ? new WatchCommand.Stop(id, _random.Next(2) == 0 ? null : seen) : new WatchCommand.Pause(id, seen),
            _ => new WatchCommand.Resume(id, seen),
        };

        /// <summary>One to three times, or never.</summary>
        private void Send(WatchCommand command) => _underWay.AddRange(Enumerable.Repeat(command, _random.Next(4)));

        private void Arrive()
        {
            for (var times = _random.Next(1, 4); times > 0; times--) ArriveOne();
        }

        private void ArriveOne()
        {
            if (_underWay.Count == 0) return;

            // The newest mostly, so that many come in time.
            var which = _random.Next(3) == 0 ? _random.Next(_underWay.Count) : _underWay.Count - 1;
            var command = _underWay[which];
            _underWay.RemoveAt(which);
            Deliver(command);
        }

        private void Deliver(WatchCommand command)
        {
            var decided = _watch.Decide(command, _now, NewId());
            if (decided.Answer!.Rejection is { } refused)
            {
                Saw(refused.Code);
            }

            if (command is WatchCommand.Intervention { Id: var id })
            {
                Assert.False(_taken.ContainsKey(id) && decided.Answer.Reply is null, $"Intervention {id} was taken, and is refused when it comes again.");
                if (decided.Answer.Reply is Intervened did)
                {
                    if (_taken.ContainsKey(id))
                    {
                        Saw("told again");
                    }

                    Assert.Equal(_taken.GetValueOrDefault(id, Laws.Text(decided.Answer)), Laws.Text(decided.Answer));
                    _taken[id] = Laws.Text(decided.Answer);
                }
            }

            foreach (var happened in decided.Events) Happened((WatchEvent)happened);
        }

        private void Happened(WatchEvent happened)
        {
            switch (happened)
            {
                case WatchEvent.TurnBegun e:
                    Assert.Null(_open);
                    _runs.Add(e.RunId, new(e));
                    _open = e;
                    Saw("begun");
                    break;
                case WatchEvent.TurnHeld e:
                    if (e.Driver != _open!.Driver)
                    {
                        Saw("taken over");
                    }

                    break;
                case WatchEvent.TurnEnded e:
                    Over(e.RunId, e.CostMicros, isWhole: true);
                    Assert.True(_replies.TryAdd(e.Number, 0), $"Turn {e.Number} has two replies.");
                    Saw("ended");
                    break;
                case WatchEvent.TurnFailed e:
                    Over(e.RunId, e.CostMicros, isWhole: false);
                    Saw("failed");
                    break;
                case WatchEvent.Asked:
                    Saw("asked");
                    break;
                case WatchEvent.Intervention e:
                    Assert.True(_done.Add(e.Did.Id), $"Intervention {e.Did.Id} is done twice.");
                    Saw(e.Did.What.ToString());
                    if (e is WatchEvent.BudgetRaised raised)
                    {
                        _budgets[e.Did.Seat!.Value] += raised.Micros;
                    }

                    if (e is WatchEvent.Said)
                    {
                        Assert.True(_replies.TryAdd(e.Did.Turn, 0), $"Turn {e.Did.Turn} has two replies.");
                    }

                    if (State.Ahead?.Number == e.Did.Turn)
                    {
                        Saw("words ahead");
                    }

                    break;
            }

            for (var seat = 0; seat < _spent.Length; seat++)
            {
                Assert.True(_spent[seat] + (_open?.Seat == seat ? _open.MostMicros : 0) <= _budgets[seat], $"Seat {seat} spends more than its budget.");
            }
        }

        private void Over(Guid runId, long costMicros, bool isWhole)
        {
            var run = _runs[runId];
            Assert.Equal((_open!.RunId, run.Cost, run.IsWhole), (runId, costMicros, isWhole));
            _spent[_open.Seat] += costMicros;
            _open = null;
        }

        private void Saw(string what) => _seen[what] = _seen.GetValueOrDefault(what) + 1;

        private Guid NewId() => Ids.Derive(_now, Guid.Empty, _minted++);

        private sealed class Driver(Guid id)
        {
            public Guid Id { get; } = id;

            public Run? Calls { get; set; }

            public HashSet<Guid> Called { get; } = [];
        }

        /// <param name="begun">As the dialogue has it.</param>
        private sealed class Run(WatchEvent.TurnBegun begun)
        {
            public WatchEvent.TurnBegun Begun { get; } = begun;

            /// <summary>When its caller was last heard of; null: it does not call yet.</summary>
            public DateTimeOffset? Told { get; set; }

            /// <summary>Null: the session has not decided.</summary>
            public long? Cost { get; set; }

            public bool IsWhole { get; set; }
        }
    }
}

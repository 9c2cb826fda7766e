using System.Globalization;
using Agora.Contracts;
using Agora.Specifications;
using Agora.Testing;
using Orleans.Runtime;

namespace Agora.TestEngine.Tests;

/// <summary>Each thing that the adversary does, done every time, and then all of them by chance.</summary>
public sealed class AdversaryTests
{
    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(10);

    private static readonly TextEnvelopeCodec Codec = new();

    private readonly List<string> _history = [];
    private readonly SimTimeProvider _time = new();
    private readonly SimScheduler _scheduler;
    private readonly Random _random;
    private int _recoded;

    public AdversaryTests()
    {
        _random = new Random(7);
        _scheduler = new SimScheduler(_random, _time);
    }

    [Fact]
    public void A_lost_request_is_never_executed_and_its_caller_times_out()
    {
        var adversary = NewAdversary(new() { Lose = 1 });
        Assert.Throws<TimeoutException>(() => Ask(adversary, "add"));
        Assert.Equal(TimeSpan.FromSeconds(30), _time.Elapsed);
        Assert.Empty(_history);
    }

    [Fact]
    public void A_request_whose_answer_is_lost_is_executed_and_its_caller_times_out()
    {
        var adversary = NewAdversary(new() { LoseAnswer = 1 });
        Assert.Throws<TimeoutException>(() => Ask(adversary, "add"));
        Assert.Equal(["activate 0", "add 1"], _history);
    }

    [Fact]
    public void A_broken_call_fails_with_SiloUnavailableException_whether_it_is_executed_or_not()
    {
        var adversary = NewAdversary(new() { Break = 1 });
        for (var call = 0; call < 20; call++)
            Assert.Throws<SiloUnavailableException>(() => Ask(adversary, "add"));
        _scheduler.RunReady();
        Assert.InRange(_history.Count(entry => entry.StartsWith("add", StringComparison.Ordinal)), 1, 19);
    }

    [Fact]
    public void A_duplicated_request_is_executed_twice_and_answered_once()
    {
        var adversary = NewAdversary(new() { Duplicate = 1 });
        Assert.InRange(int.Parse(Ask(adversary, "add")), 1, 2);
        _scheduler.RunReady();
        Assert.Equal(["activate 0", "add 1", "add 2"], _history);
    }

    [Fact]
    public void Delayed_requests_all_arrive_in_another_order()
    {
        var adversary = NewAdversary(new() { Delay = 1 });
        _scheduler.Run(() => Task.WhenAll(Enumerable.Range(0, 20).Select(i => Send(adversary, $"note {i}"))));
        var arrived = _history.Skip(1).ToList();
        var sent = Enumerable.Range(0, 20).Select(i => $"note {i}").ToList();
        Assert.Equal(sent.Order(StringComparer.Ordinal), arrived.Order(StringComparer.Ordinal));
        Assert.NotEqual(sent, arrived);
    }

    [Fact]
    public void A_moved_grain_lives_twice_at_once()
    {
        var adversary = NewAdversary(new() { Move = 1 }, silos: 2);
        var counts = Enumerable.Range(0, 4).Select(_ => Ask(adversary, "add")).ToList();
        Assert.Equal(["1", "1", "2", "2"], counts);
        Assert.Equal(["activate 0", "activate 1"], _history.Where(entry => entry.StartsWith("activate", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(_history, entry => entry.StartsWith("deactivate", StringComparison.Ordinal));
    }

    [Fact]
    public void A_grain_deactivated_in_the_middle_finishes_its_call_and_starts_afresh()
    {
        var adversary = NewAdversary(new() { Deactivate = 1, Delay = 1, MaxDelay = Hold / 2 });
        Assert.Equal("held", Ask(adversary, "hold"));
        adversary.Rates = AdversaryRates.None;
        Assert.Equal("1", Ask(adversary, "add"));
        Assert.Equal(["activate 0", "hold", "held", "deactivate 0", "activate 0", "add 1"], _history);
    }

    [Fact]
    public void A_killed_silo_forgets_its_grains_and_never_runs_another_turn_or_timer_of_them()
    {
        var adversary = NewAdversary(AdversaryRates.None);
        var holding = _scheduler.Start(() => Send(adversary, "hold"));
        _scheduler.RunFor(Hold / 2);
        adversary.Kill(0);
        Assert.Equal("1", Ask(adversary, "add"));
        Assert.Throws<TimeoutException>(() => { _scheduler.RunUntil(holding); holding.GetAwaiter().GetResult(); });
        _scheduler.RunFor(TimeSpan.FromMinutes(10));
        Assert.Equal(["activate 0", "hold", "activate 0", "add 1"], _history);
        Assert.Equal(1, adversary.Silos[0].Start);
    }

    [Fact]
    public void What_a_process_had_queued_and_armed_dies_with_it()
    {
        var adversary = NewAdversary(AdversaryRates.None);
        var silo = adversary.Silos[0];
        var fired = false;
        using var timer = silo.Clock.CreateTimer(_ => fired = true, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        var queued = Task.Factory.StartNew(static () => { }, CancellationToken.None, TaskCreationOptions.None, silo);
        adversary.Kill(0);
        _scheduler.RunFor(TimeSpan.FromSeconds(2));
        Assert.False(fired);
        Assert.False(queued.IsCompleted);
    }

    [Fact]
    public void A_kill_rate_kills_before_delivery_and_the_next_process_answers()
    {
        var adversary = NewAdversary(new() { Kill = 1 });
        Assert.Equal("1", Ask(adversary, "add"));
        Assert.Equal("1", Ask(adversary, "add"));
        Assert.Equal(2, adversary.Silos[0].Start);
    }

    [Fact]
    public void Every_envelope_is_encoded_and_decoded_there_and_back()
    {
        var adversary = NewAdversary(AdversaryRates.None);
        Assert.Equal("1", Ask(adversary, "add"));
        Assert.Equal(2, _recoded);
        Assert.Equal("relayed 2", Ask(adversary, "relay"));
        Assert.Equal(8, _recoded);
    }

    [Fact]
    public void Silos_disagree_about_the_time_of_day_but_not_about_how_long_something_takes()
    {
        var adversary = NewAdversary(new() { MaxSkew = TimeSpan.FromSeconds(2) }, silos: 3);
        var skews = adversary.Silos.Select(silo => silo.Clock.GetUtcNow() - _time.GetUtcNow()).ToList();
        Assert.Equal(3, skews.Distinct().Count());
        Assert.All(skews, skew => Assert.InRange(skew.Duration(), TimeSpan.Zero, TimeSpan.FromSeconds(2)));
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.All(adversary.Silos, silo => Assert.Equal(TimeSpan.FromSeconds(5), silo.Clock.GetElapsedTime(0)));
    }

    [Theory]
    [InlineData(1, "78c2e920403663f8")]
    [InlineData(2, "16177daa4ffd80be")]
    public void The_same_seed_gives_the_same_trace_in_every_process(int seed, string pinned)
    {
        Assert.Equal(pinned, TraceOf(seed));
        Assert.Equal(pinned, TraceOf(seed));
    }

    [Fact]
    public void Other_seeds_give_other_traces() => Assert.Equal(50, Enumerable.Range(0, 50).Select(TraceOf).Distinct().Count());

    /// <summary>All faults together; what is left of the callers' and the engines' doings is one number.</summary>
    private static string TraceOf(int seed)
    {
        var random = new Random(seed);
        var time = new SimTimeProvider();
        var scheduler = new SimScheduler(random, time);
        var rates = new AdversaryRates
        {
            Lose = 0.02, LoseAnswer = 0.02, Break = 0.02, Duplicate = 0.05, Delay = 0.2, Move = 0.05, Deactivate = 0.05, Kill = 0.01,
        };
        var adversary = new Adversary(
            random, scheduler, time, rates, 3, silo => StartSilo(silo, (key, entry) => Add(scheduler.Trace, key, entry), TimeSpan.FromSeconds(20)), Recode);
        adversary.Observe = fate =>
        {
            Add(scheduler.Trace, fate.Stream.Id, fate.Fate);
            scheduler.Trace.Add(fate.Silo);
            scheduler.Trace.Add(fate.CommandId);
        };
        scheduler.Run(() => Task.WhenAll(Enumerable.Range(0, 40).Select(caller => Caller(adversary, caller))));
        // Long enough for the idle sweep to end what lives: it must take the grains in the same order everywhere.
        scheduler.RunFor(TimeSpan.FromMinutes(1));
        return scheduler.Trace.ToString();
    }

    private static void Add(TraceHash trace, string key, string entry)
    {
        trace.Add(key);
        trace.Add(entry);
    }

    private static async Task Caller(Adversary adversary, int caller)
    {
        for (var call = 0; call < 25; call++)
        {
            try
            {
                await adversary.Send(Probe.Stream($"g{(caller + call) % 10}"), new Envelope(new Guid(caller, (short)call, 0, new byte[8]), null, call % 5 == 0 ? "relay" : "add"));
            }
            catch (Exception failure) when (failure is TimeoutException or SiloUnavailableException)
            {
                // Outcomes that callers must live with; the trace has them.
            }
        }
    }

    private static Envelope Recode(Envelope envelope) => Codec.Decode(Codec.Encode(envelope));

    private static GrainEngine StartSilo(SimulatedSilo silo, Action<string, string> note, TimeSpan idleAge) =>
        new GrainEngine(new() { TurnsPerSlice = 1, IdleAge = idleAge }, silo, silo.Clock)
            .Register(Probe.Kind, host => new Historic(host, silo, note));

    private Adversary NewAdversary(AdversaryRates rates, int silos = 1) =>
        new(_random, _scheduler, _time, rates, silos, silo => StartSilo(silo, (_, entry) => _history.Add(entry), TimeSpan.FromHours(1)), envelope =>
        {
            _recoded++;
            return Recode(envelope);
        });

    private string Ask(Adversary adversary, string command) => _scheduler.Run(() => Send(adversary, command));

    private static async Task<string> Send(Adversary adversary, string command) =>
        (string)(await adversary.Send(Probe.Stream("a"), new Envelope(Guid.Empty, null, command))).Body;

    private sealed class Historic(IActivationHost host, SimulatedSilo silo, Action<string, string> note) : EntityActivation
    {
        private int _count;

        public override Task Begin(CancellationToken cancel) => Note($"activate {silo.Number}");

        public override Task End() => Note($"deactivate {silo.Number}");

        public override void Receive(Envelope envelope, IReply reply) => _ = reply.Await(() => Send(envelope), null, silo.Clock);

        private async Task<Envelope> Send(Envelope envelope)
        {
            var command = (string)envelope.Body;
            switch (command.Split(' ')[0])
            {
                case "add":
                    await Note($"add {++_count}");
                    return envelope with { Body = _count.ToString(CultureInfo.InvariantCulture) };
                case "hold":
                    await Note("hold");
                    await Task.Delay(Hold, silo.Clock);
                    await Note("held");
                    return envelope with { Body = "held" };
                case "relay":
                    var next = Probe.Stream(host.Stream.Id + "+");
                    var replies = await Task.WhenAll(silo.Calls.Send(next, envelope with { Body = "add" }), silo.Calls.Send(next, envelope with { Body = "add" }));
                    return envelope with { Body = $"relayed {replies.Length}" };
                default:
                    await Note(command);
                    return envelope;
            }
        }

        private Task Note(string entry)
        {
            note(host.Stream.Id, entry);
            return Task.CompletedTask;
        }
    }
}

using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Specifications;
using Agora.Testing;
using Orleans.Runtime;

namespace Agora.TestEngine.Tests;

/// <summary>What is the test engine's own: its scheduler, its clock, its end.</summary>
public sealed class EngineTests
{
    private readonly SimTimeProvider _time = new();

    [Fact]
    public async Task Drain_refuses_new_calls_finishes_running_ones_and_ends_every_activation()
    {
        var (engine, key, idle) = (NewEngine(), NewKey(), NewKey());
        await Ask(engine, idle, "count");
        var running = Ask(engine, key, "wait");
        await Probe.Of(key).Entered.Task;
        var drained = engine.DrainAsync();
        await Assert.ThrowsAsync<SiloUnavailableException>(() => Ask(engine, NewKey(), "count"));
        Assert.False(drained.IsCompleted);
        Probe.Of(key).Gate.SetResult();
        Assert.Equal("waited", await running);
        await drained;
        Assert.Equal(0, engine.ActivationCount);
        Assert.Equal(["activate", "wait", "waited", "deactivate"], Probe.Of(key).Log);
        Assert.Equal(["activate", "deactivate"], Probe.Of(idle).Log);
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task While_draining_a_running_call_still_reaches_other_entities()
    {
        var engine = NewEngine();
        var (key, other) = (NewKey(), NewKey());
        var running = Ask(engine, key, $"wait-then-relay {other}");
        await Probe.Of(key).Entered.Task;
        var drained = engine.DrainAsync();
        Probe.Of(key).Gate.SetResult();
        Assert.Equal(other, await running);
        await drained;
        Assert.Equal(["activate", "deactivate"], Probe.Of(other).Log);
    }

    [Fact]
    public async Task An_activation_that_does_not_end_makes_drain_fail_with_TimeoutException()
    {
        var (engine, key) = (NewEngine(), NewKey());
        var running = Ask(engine, key, "wait");
        await Probe.Of(key).Entered.Task;
        var drained = engine.DrainAsync();
        _time.Advance(TimeSpan.FromSeconds(60));
        await Assert.ThrowsAsync<TimeoutException>(() => drained);
        await Assert.ThrowsAsync<TimeoutException>(() => running);
    }

    [Fact]
    public async Task A_drain_that_is_cancelled_stops_waiting()
    {
        var (engine, key) = (NewEngine(), NewKey());
        var running = Ask(engine, key, "wait");
        await Probe.Of(key).Entered.Task;
        using var cancellation = new CancellationTokenSource();
        var drained = engine.DrainAsync(cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => drained);
        Probe.Of(key).Gate.SetResult();
        Assert.Equal("waited", await running);
    }

    [Fact]
    public async Task An_end_that_fails_is_reported_and_the_entity_can_be_called_again()
    {
        var reported = new TaskCompletionSource<(StreamId, Exception)>();
        var engine = new GrainEngine(new() { EndFailed = (stream, failure) => reported.SetResult((stream, failure)) }, time: _time)
            .Register(Probe.Kind, _ => new Stubborn());
        await Ask(engine, "k", "x");
        engine.Deactivate(Probe.Stream("k"));
        var (stream, failure) = await reported.Task;
        Assert.Equal((Probe.Stream("k"), "will not go"), (stream, failure.Message));
        Assert.Equal("x", await Ask(engine, "k", "x"));
    }

    [Fact]
    public async Task A_call_that_expires_before_its_turn_is_never_executed()
    {
        var loading = new TaskCompletionSource();
        var received = new List<object>();
        var engine = new GrainEngine(time: _time).Register(Probe.Kind, _ => new Slow(loading.Task, received));
        var early = Ask(engine, "k", "early");
        _time.Advance(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<TimeoutException>(() => early);
        var later = Ask(engine, "k", "later");
        loading.SetResult();
        Assert.Equal("later", await later);
        await engine.DrainAsync();
        Assert.Equal(["later"], received);
    }

    [Fact]
    public async Task A_call_that_comes_when_those_before_are_over_fails_at_the_end_of_its_own_time()
    {
        var engine = NewEngine();
        foreach (var key in new[] { NewKey(), NewKey() })
        {
            var waiting = Ask(engine, key, "wait");
            await Probe.Of(key).Entered.Task;
            _time.Advance(TimeSpan.FromSeconds(29));
            Assert.False(waiting.IsCompleted);
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal("The call was not answered in time.", (await Assert.ThrowsAsync<TimeoutException>(() => waiting.WaitAsync(Hang.Timeout))).Message);
            Probe.Of(key).Gate.SetResult();
        }

        await engine.DrainAsync();
    }

    [Fact]
    public async Task Leaving_again_and_again_under_load_loses_no_call()
    {
        var (engine, key) = (NewEngine(), NewKey());
        var replies = await Task.WhenAll(Enumerable.Range(0, 4000).Select(i => Ask(engine, key, i % 8 == 7 ? "deactivate" : "step")));
        Assert.Equal(3500, replies.Count(reply => reply == "stepped"));
        await engine.DisposeAsync();
        Assert.Equal(Probe.Of(key).Activations, Probe.Of(key).Log.Count(entry => entry == "deactivate"));
    }

    [Fact]
    public async Task An_activation_in_use_outlives_the_idle_age()
    {
        var (engine, key) = (NewEngine(), NewKey());
        for (var quarter = 1; quarter <= 12; quarter++)
        {
            Assert.Equal(quarter.ToString(System.Globalization.CultureInfo.InvariantCulture), await Ask(engine, key, "count"));
            _time.Advance(TimeSpan.FromMinutes(5));
        }
        Assert.Equal(["activate"], Probe.Of(key).Log);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_call_that_races_the_idle_sweep_keeps_its_activation_or_finds_the_next(int earlierCalls)
    {
        var scheduler = new SimScheduler(new Random(earlierCalls), _time);
        var engine = new GrainEngine(scheduler: scheduler, time: _time).RegisterProbe();
        var key = NewKey();
        for (var call = 1; call <= earlierCalls; call++)
            scheduler.Run(() => Ask(engine, key, "count"));
        _time.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromTicks(1));
        var racing = scheduler.Start(() => Ask(engine, key, "count"));
        _ = scheduler.Start(() =>
        {
            _time.Advance(TimeSpan.FromTicks(1));
            return Task.CompletedTask;
        });
        scheduler.RunReady();
        string[] kept = ["activate"];
        string[] found = ["activate", "deactivate", "activate"];
        Assert.Equal(await racing == "1" ? found : kept, Probe.Of(key).Log);
    }

    [Fact]
    public async Task An_activation_does_not_inherit_the_ambient_state_of_its_caller()
    {
        var engine = new GrainEngine(time: _time).Register(Probe.Kind, _ => new Ambient());
        Ambient.OfCaller.Value = "caller";
        Assert.Equal("nothing", await Ask(engine, "k", "x"));
        Assert.Equal("caller", Ambient.OfCaller.Value);
    }

    [Fact]
    public void A_call_to_a_kind_that_nothing_serves_is_refused() =>
        Assert.Throws<ArgumentException>(() => { _ = new GrainEngine().Send(Probe.Stream("k"), new Envelope(Guid.Empty, null, "x")); });

    private static string NewKey() => Guid.NewGuid().ToString("N");

    private static async Task<string> Ask(GrainEngine engine, string key, string command) =>
        (string)(await engine.Send(Probe.Stream(key), new Envelope(Guid.NewGuid(), null, command))).Body;

    private GrainEngine NewEngine() => new GrainEngine(time: _time).RegisterProbe();

    private sealed class Stubborn : EntityActivation
    {
        public override void Receive(Envelope envelope, IReply reply) => reply.Answered(envelope.Body);

        public override Task End() => throw new InvalidOperationException("will not go");
    }

    private sealed class Slow(Task loaded, List<object> received) : EntityActivation
    {
        public override Task Begin(CancellationToken cancel) => loaded;

        public override void Receive(Envelope envelope, IReply reply)
        {
            received.Add(envelope.Body);
            reply.Answered(envelope.Body);
        }
    }

    private sealed class Ambient : EntityActivation
    {
        public static readonly AsyncLocal<string?> OfCaller = new();

        public override void Receive(Envelope envelope, IReply reply) => reply.Answered(OfCaller.Value ?? "nothing");
    }
}

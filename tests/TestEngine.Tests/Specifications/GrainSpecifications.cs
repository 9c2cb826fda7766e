using Agora.Contracts;
using Agora.Core.Kernel;

namespace Agora.Specifications;

/// <summary>What entities need of an engine. The same sources run on the test engine and on Orleans with two silos.</summary>
public abstract class GrainSpecifications
{
    protected abstract IEntityCalls Calls { get; }

    /// <summary>Lets the timeout of the calls under way pass.</summary>
    protected abstract Task PassCallTimeout();

    /// <summary>Ends every activation without running calls, as if the idle age had passed.</summary>
    protected abstract Task CollectIdle();

    [Fact]
    public async Task Concurrent_first_calls_share_one_activation()
    {
        var key = NewKey();
        var counts = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Ask(key, "count")));
        Assert.Equal(Enumerable.Range(1, 100), counts.Select(int.Parse).Order());
        Assert.Equal(1, Probe.Of(key).Activations);
    }

    [Fact]
    public async Task Turns_of_one_activation_never_overlap()
    {
        var key = NewKey();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Ask(key, "turns")));
        Assert.False(Probe.Of(key).Overlapped);
    }

    [Fact]
    public async Task Calls_interleave_at_awaits()
    {
        var key = NewKey();
        var waiting = Ask(key, "wait");
        Assert.Equal("opened", await Ask(key, "open"));
        Assert.Equal("waited", await waiting);
    }

    [Fact]
    public async Task An_await_returns_to_the_scheduler_of_its_activation()
    {
        var key = NewKey();
        var asked = Ask(key, "scheduler");
        await Probe.Of(key).Entered.Task;
        Probe.Of(key).Gate.SetResult();
        Assert.Equal("True", await asked);
    }

    [Fact]
    public async Task A_turn_that_another_thread_adds_is_one_of_the_activation()
    {
        var key = NewKey();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Ask(key, i % 2 == 0 ? "posted" : "turns")));
        Assert.False(Probe.Of(key).Overlapped);
        Assert.Equal("True", await Ask(key, "posted"));
    }

    [Fact]
    public async Task An_activation_knows_its_stream()
    {
        var key = NewKey();
        Assert.Equal(key, await Ask(key, "key"));
    }

    [Fact]
    public async Task Entities_call_entities()
    {
        var targets = Enumerable.Range(0, 20).Select(_ => NewKey()).ToList();
        var reached = await Task.WhenAll(targets.Select(target => Ask(NewKey(), $"relay {target}")));
        Assert.Equal(targets, reached);
    }

    [Fact]
    public async Task What_an_activation_posts_is_answered_in_a_turn_of_its_own()
    {
        Assert.Equal("True", await Ask(NewKey(), $"post {NewKey()}"));
    }

    [Fact]
    public async Task Command_id_and_trace_travel_there_and_back()
    {
        var sent = new Envelope(Guid.NewGuid(), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "key");
        var key = NewKey();
        Assert.Equal(sent with { Body = key }, await Calls.Send(Probe.Stream(key), sent));
    }

    [Fact]
    public async Task An_exception_of_the_activation_reaches_the_caller_and_it_lives_on()
    {
        var key = NewKey();
        await Ask(key, "count");
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => Ask(key, "fail"));
        Assert.Equal("as asked", failure.Message);
        Assert.Equal("2", await Ask(key, "count"));
    }

    [Fact]
    public async Task A_cancellation_within_the_activation_reaches_the_caller() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Ask(NewKey(), "cancel"));

    [Fact]
    public async Task A_call_that_gets_no_answer_in_time_fails_with_TimeoutException_and_is_still_finished()
    {
        var key = NewKey();
        var waiting = Ask(key, "wait");
        await Probe.Of(key).Entered.Task;
        await PassCallTimeout();
        await Assert.ThrowsAsync<TimeoutException>(() => waiting);
        await Ask(key, "open");
        await Ask(key, "deactivate");
        await Probe.Of(key).Deactivated.Task;
        Assert.Equal(["activate", "wait", "waited", "deactivate"], Probe.Of(key).Log);
    }

    [Fact]
    public async Task A_failed_activation_fails_its_calls_and_the_next_call_tries_again()
    {
        var key = $"fails-first-{NewKey()}";
        await Assert.ThrowsAnyAsync<Exception>(() => Ask(key, "count"));
        Assert.Equal("1", await Ask(key, "count"));
        Assert.Equal(2, Probe.Of(key).Activations);
    }

    [Fact]
    public async Task After_it_left_the_next_call_finds_a_fresh_activation()
    {
        var key = NewKey();
        await Ask(key, "count");
        await Ask(key, "deactivate");
        Assert.Equal("1", await Ask(key, "count"));
        Assert.Equal(["activate", "deactivate", "activate"], Probe.Of(key).Log);
    }

    [Fact]
    public async Task Leaving_lets_running_calls_finish_and_later_ones_go_to_the_next_activation()
    {
        var key = NewKey();
        var waiting = Ask(key, "wait");
        await Probe.Of(key).Entered.Task;
        await Ask(key, "deactivate");
        var later = Ask(key, "count");
        Probe.Of(key).Gate.SetResult();
        Assert.Equal("waited", await waiting);
        Assert.Equal("1", await later);
        Assert.Equal(["activate", "wait", "waited", "deactivate", "activate"], Probe.Of(key).Log);
    }

    [Fact]
    public async Task An_idle_activation_is_ended_and_the_next_call_loads_it_again()
    {
        var key = NewKey();
        await Ask(key, "count");
        await CollectIdle();
        await Probe.Of(key).Deactivated.Task;
        Assert.Equal("1", await Ask(key, "count"));
        Assert.Equal(["activate", "deactivate", "activate"], Probe.Of(key).Log);
    }

    // Once only: Orleans refuses a call that meets three ending activations in a row.
    [Fact]
    public async Task Leaving_under_load_loses_no_call()
    {
        var key = NewKey();
        var replies = await Task.WhenAll(Enumerable.Range(0, 400).Select(i => Ask(key, i == 200 ? "deactivate" : "step")));
        Assert.Equal(399, replies.Count(reply => reply == "stepped"));
        await Probe.Of(key).Deactivated.Task;
    }

    protected static string NewKey() => Guid.NewGuid().ToString("N");

    protected async Task<string> Ask(string key, string command) =>
        (string)(await Calls.Send(Probe.Stream(key), new Envelope(Guid.NewGuid(), null, command))).Body;
}

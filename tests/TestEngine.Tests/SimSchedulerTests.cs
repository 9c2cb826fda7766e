using Agora.Testing;

namespace Agora.TestEngine.Tests;

public sealed class SimSchedulerTests
{
    private readonly SimTimeProvider _time = new();

    [Fact]
    public void Ready_tasks_run_in_an_order_that_the_seed_decides()
    {
        var orders = Enumerable.Range(0, 20).Select(seed => string.Join(' ', OrderOf(seed))).ToList();
        Assert.Equal(orders, Enumerable.Range(0, 20).Select(seed => string.Join(' ', OrderOf(seed))));
        Assert.True(orders.Distinct().Count() > 15);
        Assert.All(orders, order => Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{i}"), order.Split(' ').Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Time_moves_to_the_next_timer_only_when_nothing_is_ready()
    {
        var scheduler = new SimScheduler(new Random(1), _time);
        var woken = new List<double>();
        scheduler.Run(() => Task.WhenAll(new[] { 30, 10, 20 }.Select(async seconds =>
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds), _time);
            woken.Add(_time.Elapsed.TotalSeconds);
        })));
        Assert.Equal([10, 20, 30], woken);
    }

    [Fact]
    public void A_task_that_never_completes_is_reported_after_the_virtual_patience()
    {
        var scheduler = new SimScheduler(new Random(1), _time);
        using var tick = _time.CreateTimer(static _ => { }, null, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        Assert.Throws<InvalidOperationException>(() => scheduler.RunUntil(new TaskCompletionSource().Task));
        Assert.Equal(scheduler.Patience, _time.Elapsed);
    }

    [Fact]
    public void A_task_that_goes_round_while_no_time_passes_is_reported()
    {
        var scheduler = new SimScheduler(new Random(1), _time);
        var task = scheduler.Start(async () =>
        {
            while (_time.Elapsed < TimeSpan.FromSeconds(1)) await Task.Yield();
        });
        Assert.Throws<InvalidOperationException>(() => scheduler.RunUntil(task));
        Assert.Equal(TimeSpan.Zero, _time.Elapsed);
    }

    [Fact]
    public void Code_that_comes_back_from_another_thread_is_reported()
    {
        var scheduler = new SimScheduler(new Random(1), _time);
        var task = scheduler.Start(async () => await Task.Yield());
        var stranger = new Thread(() => Task.Factory.StartNew(static () => { }, CancellationToken.None, TaskCreationOptions.None, scheduler));
        stranger.Start();
        stranger.Join();
        Assert.Throws<InvalidOperationException>(() => scheduler.RunUntil(task));
    }

    [Fact]
    public void A_timer_fires_at_its_own_time_repeats_and_stops_when_disposed()
    {
        var fired = new List<double>();
        var timer = _time.CreateTimer(_ => fired.Add(_time.Elapsed.TotalSeconds), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        _time.Advance(TimeSpan.FromSeconds(6));
        timer.Dispose();
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal([1, 3, 5], fired);
        Assert.Equal(TimeSpan.FromSeconds(12), _time.Elapsed);
    }

    private List<int> OrderOf(int seed)
    {
        var scheduler = new SimScheduler(new Random(seed), _time);
        var order = new List<int>();
        scheduler.Run(() => Task.WhenAll(Enumerable.Range(0, 10).Select(i => scheduler.Start(() =>
        {
            order.Add(i);
            return Task.CompletedTask;
        }))));
        return order;
    }
}

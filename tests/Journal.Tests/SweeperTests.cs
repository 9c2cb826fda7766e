using Agora.Journal.Memory;
using Agora.Journal.Tests.Fakes;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests;

public sealed class SweeperTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly ManualTime _time = new();
    private readonly TurnScheduler _turns = new();
    private readonly MemoryJournal _journal;
    private readonly List<string> _woken = [];
    private readonly List<string?> _failed = [];
    private readonly Dictionary<string, TaskCompletionSource> _held = [];
    private JournalFailure _failure;

    public SweeperTests() => _journal = new MemoryJournal(_time, _ => new JournalFault(_failure));

    [Fact]
    public async Task The_first_sweep_wakes_all_and_later_ones_only_those_that_are_due()
    {
        await Alarm("future", _time.NowMicros + 60_000_000);
        await Alarm("past", 1);
        var sweeper = Start();
        Assert.Equal(["past", "future"], _woken);
        Next();
        Assert.Equal(["past", "future", "past"], _woken);
        _time.Advance(TimeSpan.FromSeconds(60));
        _turns.Run();
        Assert.Contains("future", _woken.Skip(3));
        await Stop(sweeper);
    }

    [Fact]
    public async Task The_first_sweep_is_repeated_until_it_went_through()
    {
        await Alarm("future", _time.NowMicros + 60_000_000);
        _failure = JournalFailure.Unavailable;
        var sweeper = Start();
        Assert.Equal([null], _failed);
        _failure = JournalFailure.None;
        Next();
        Assert.Equal(["future"], _woken);
        await Stop(sweeper);
    }

    [Fact]
    public async Task All_pages_are_swept_though_every_other_stream_fails_and_those_are_tried_again()
    {
        for (var i = 0; i < 10; i++) await Alarm($"s/{i}", i);
        var sweeper = Start(wake: stream => stream[^1] % 2 == 0 ? throw new InvalidOperationException(stream) : Task.CompletedTask, pageSize: 3);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"s/{i}"), _woken);
        Assert.Equal(["s/0", "s/2", "s/4", "s/6", "s/8"], _failed);
        Next();
        Assert.Equal(20, _woken.Count);
        await Stop(sweeper);
    }

    [Fact]
    public async Task No_more_are_woken_at_once_than_the_bound()
    {
        for (var i = 0; i < 5; i++) await Alarm($"s/{i}", i);
        var sweeper = Start(wake: Hold, concurrency: 2);
        Assert.Equal(["s/0", "s/1"], _woken);
        Release("s/1");
        Assert.Equal(["s/0", "s/1", "s/2"], _woken);
        foreach (var i in new[] { 0, 2, 3, 4 }) Release($"s/{i}");
        Assert.Equal(5, _woken.Count);
        await Stop(sweeper);
    }

    [Fact]
    public async Task A_wake_up_that_hangs_is_left_after_its_time_and_the_others_go_on()
    {
        await Alarm("hangs", 1);
        await Alarm("waits", 2);
        var sweeper = Start(wake: stream => stream == "hangs" ? Hold(stream) : Task.CompletedTask, concurrency: 1);
        Assert.Equal(["hangs"], _woken);
        _time.Advance(TimeSpan.FromSeconds(30));
        _turns.Run();
        Assert.Equal(["hangs", "waits"], _woken);
        Assert.Equal(["hangs"], _failed);
        await Stop(sweeper);
    }

    [Fact]
    public async Task Stopping_in_a_sweep_ends_it_without_waking_more()
    {
        for (var i = 0; i < 3; i++) await Alarm($"s/{i}", i);
        var sweeper = Start(wake: Hold, concurrency: 1);
        await Stop(sweeper);
        Assert.Equal(["s/0"], _woken);
        Assert.Empty(_failed);
        Next();
        Assert.Single(_woken);
    }

    private Sweeper Start(Func<string, Task>? wake = null, int pageSize = 500, int concurrency = 64)
    {
        var sweeper = new Sweeper(
            _journal,
            (stream, _) =>
            {
                _woken.Add(stream);
                return wake?.Invoke(stream) ?? Task.CompletedTask;
            },
            (stream, _) => _failed.Add(stream),
            new SweeperOptions { Interval = Interval, PageSize = pageSize, Concurrency = concurrency },
            _turns,
            _time);
        sweeper.Start();
        _turns.Run();
        return sweeper;
    }

    private void Next()
    {
        _time.Advance(Interval);
        _turns.Run();
    }

    private async Task Stop(Sweeper sweeper)
    {
        var stopped = sweeper.DisposeAsync().AsTask();
        _turns.Run();
        await stopped;
    }

    private Task Hold(string stream) => (_held[stream] = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private void Release(string stream)
    {
        _held[stream].SetResult();
        _turns.Run();
    }

    private Task Alarm(string stream, long atMicros) =>
        _journal.Append([Append(stream, StreamHead.Empty, Entry("a")) with { Alarm = new AlarmChange(atMicros) }], false, default);
}

namespace Agora.Journal;

/// <summary>Bounds of a <see cref="Sweeper"/>.</summary>
public sealed record SweeperOptions
{
    /// <summary>An alarm is coarse (half a minute while anything is unfinished): a few seconds more do not matter.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    public int PageSize { get; init; } = 500;

    /// <summary>Wake-ups at the same time; each may load an activation.</summary>
    public int Concurrency { get; init; } = 64;

    /// <summary>A wake-up that takes longer than a grain call may is left to itself, so that it does not hold up the others.</summary>
    public TimeSpan WakeTimeout { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>
/// Wakes streams whose alarm is due: first all that have one, due or not (whoever had work when the last process died), then each
/// interval those that are due, by the world's time and, of streams that have another, by theirs. It only reads: an alarm goes when its stream's own append moves it.
/// <para>Invariants. NoStarving: a sweep goes through all pages by a cursor, whatever single wake-ups do, so a stream that fails is tried
/// again by the next sweep and holds up no other. OneAtATime: sweeps do not overlap, so a stream is not woken twice at once from here.</para>
/// </summary>
public sealed class Sweeper : IAsyncDisposable
{
    private readonly IJournal _journal;
    private readonly Func<string, CancellationToken, Task> _wake;
    private readonly Action<string?, Exception> _failed;
    private readonly SweeperOptions _options;
    private readonly TaskScheduler _scheduler;
    private readonly TimeProvider _time;
    private readonly Func<CancellationToken, Task<IReadOnlyList<StreamsAhead>>>? _ahead;
    private readonly CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;
    private long _wentWellAt;

    /// <param name="ahead">Prefixes of streams whose time is ahead of the world's, and by how much; null: there are none.</param>
    /// <param name="failed">Told of each failed wake-up, or with null of a failed reading of alarms; for the log.</param>
    public Sweeper(IJournal journal, Func<string, CancellationToken, Task> wake, Action<string?, Exception> failed, SweeperOptions options, TaskScheduler scheduler, TimeProvider time,
        Func<CancellationToken, Task<IReadOnlyList<StreamsAhead>>>? ahead = null)
    {
        _journal = journal;
        _wake = wake;
        _failed = failed;
        _options = options;
        _scheduler = scheduler;
        _time = time;
        _ahead = ahead;
        _wentWellAt = time.GetTimestamp();
    }

    /// <summary>The time since the last round that read all due alarms; before the first such round, since the start.</summary>
    public TimeSpan RoundAge => _time.GetElapsedTime(Volatile.Read(ref _wentWellAt));

    /// <summary>Once. The sweeps run on the scheduler.</summary>
    public void Start() => _run = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _scheduler).Unwrap();

    /// <summary>Stops after the wake-ups that are under way, which are told to stop.</summary>
    public async ValueTask DisposeAsync()
    {
        _stop.Tell();
        await _run;
    }

    private async Task Run()
    {
        try
        {
            for (var all = true; ; await Task.Delay(_options.Interval, _time, _stop.Token))
                if (await Sweep(all ? long.MaxValue : NowMicros()))
                    all = false;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    private async Task<bool> Sweep(long upToMicros)
    {
        var running = new List<Task>(_options.Concurrency);
        try
        {
            await Sweep(running, after => _journal.Alarms(upToMicros, after, _options.PageSize, _stop.Token));
            foreach (var streams in _ahead is null ? [] : await _ahead(_stop.Token))
            {
                var upTo = NowMicros() + streams.ByMicros;
                await Sweep(running, after => _journal.AlarmsUnder(streams.Prefix, upTo, after, _options.PageSize, _stop.Token));
            }

            Volatile.Write(ref _wentWellAt, _time.GetTimestamp());
            return true;
        }
        catch (Exception e) when (!_stop.IsCancellationRequested)
        {
            _failed(null, e);
            return false;
        }
        finally
        {
            await Task.WhenAll(running);
        }
    }

    private async Task Sweep(List<Task> running, Func<Alarm?, Task<IReadOnlyList<Alarm>>> read)
    {
        for (Alarm? after = null; ;)
        {
            var page = await read(after);
            foreach (var alarm in page)
            {
                if (running.Count == _options.Concurrency)
                {
                    running.Remove(await Task.WhenAny(running));
                }

                _stop.Token.ThrowIfCancellationRequested();
                running.Add(Wake(alarm.Stream));
            }

            if (page.Count < _options.PageSize) return;
            after = page[^1];
        }
    }

    private async Task Wake(string stream)
    {
        try
        {
            await Call(stream).WaitAsync(_options.WakeTimeout, _time, _stop.Token);
        }
        catch (Exception e)
        {
            if (!_stop.IsCancellationRequested)
            {
                _failed(stream, e);
            }
        }
    }

    // Awaited here, on the scheduler: WaitAsync on a task that runs its continuations asynchronously would go on through the thread pool.
    private async Task Call(string stream) => await _wake(stream, _stop.Token);

    private long NowMicros() => (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}

/// <param name="Prefix">With which the names of all of them start.</param>
public sealed record StreamsAhead(string Prefix, long ByMicros);

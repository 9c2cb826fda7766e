using System.Collections.Concurrent;
using Agora.Application.Reading;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Core.Watches;
using Agora.Grains.Clocks;
using Agora.Grains.Kernel;
using Agora.Hosting;
using Agora.Journal;
using Microsoft.Extensions.Logging;

namespace Agora.Application.Watches;

/// <summary>
/// Moves dialogues: those that were begun here, or that people stepped into here, at once; and those of all processes that nobody moves any more. It has no place of its own: several may drive one dialogue, and the dialogue decides which
/// of them has a turn.
/// </summary>
internal sealed partial class WatchDriver(WatchTurns turns, TableReader tables, TenantTimes times, WatchSettings settings, TimeProvider time, ILogger<WatchDriver> log) : BackgroundWork
{
    /// <summary>The most turns that this process drives at a time, in total and for one session.</summary>
    private const int Turns = 64, TurnsOfSession = 16;

    /// <summary>Dialogues of this process that go on, those that wait for their next turn among them.</summary>
    private const int Most = 10_000;

    /// <summary>Rows of a page of those that are due.</summary>
    private const int Looked = 500;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<StreamId, Moving> _moving = new();

    /// <summary>Dialogues whose turn another driver holds, and until when: they are not looked at before.</summary>
    private readonly ConcurrentDictionary<StreamId, DateTimeOffset> _held = new();

    private readonly FairPlaces _places = new(Most);
    private readonly FairPlaces _turns = new(Turns, ofSession: TurnsOfSession);
    private CancellationToken _stopping;

    /// <summary>Something has changed in it: whoever moves it here looks again, or somebody begins to.</summary>
    public void Wake(StreamId watch)
    {
        while (!_stopping.IsCancellationRequested)
        {
            if (_moving.TryGetValue(watch, out var moving))
            {
                if (moving.Wake()) return;

                continue; // it is just being left
            }

            // Without a place, a later look finds its row again.
            if (_places.Take(new(watch.Tenant, OwnedIds.UserOf(watch.Id))) is not { } place) return;

            var mine = new Moving(place);
            if (_moving.TryAdd(watch, mine))
            {
                mine.Task = Move(watch, mine);
                return;
            }

            place.Dispose();
        }
    }

    protected override TimeProvider Time => time;

    protected override ILogger Log => log;

    protected override async Task Work(CancellationToken stoppingToken)
    {
        _stopping = stoppingToken;
        while (!stoppingToken.IsCancellationRequested)
        {
            foreach (var (watch, _) in _held.Where(held => held.Value <= time.GetUtcNow())) _held.TryRemove(watch, out _);
            foreach (var tenant in settings.Tenants)
            {
                await LookUp(tenant, stoppingToken);
            }

            await Task.Delay(LookEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        // A call that is under way costs what it costs: its end is waited for, as long as whoever ends this process waits.
        await Task.WhenAll(_moving.Values.Select(static moving => moving.Task));
    }

    private async Task LookUp(Tenant named, CancellationToken cancel)
    {
        try
        {
            if (await times.Current(named) is not { } tenant) return;

            await LookUp(tenant, (times.Now(tenant) - WatchLimits.LeftFor).ToMicros(), cancel);
        }
        catch (Exception e) // the other tenants are looked up anyway, and this one again at the next look
        {
            NotLookedUp(log, named.Name, e);
        }
    }

    /// <summary>All that are due and that no process moves, page by page. Those that wait for people are not among them, however many there are.</summary>
    private async Task LookUp(Tenant tenant, long since, CancellationToken cancel)
    {
        for (var from = 0L; ;)
        {
            var rows = await tables.In(tenant).First(
                WatchTables.Watches, [new("due_at"), new("watch_id")], [new("due_at", Comparison.AtLeast, from), new("due_at", Comparison.LessThan, since)], Looked, cancel);
            foreach (var row in rows)
            {
                var watch = tenant.Watch(OwnedIds.Of(Guid.ParseExact(row.Text("watch_id"), "N"), row.Text("user_id")));
                if (!_held.ContainsKey(watch))
                {
                    Wake(watch);
                }
            }

            if (rows.Count < Looked || rows[^1].Number("due_at") == from) return;

            from = rows[^1].Number("due_at");
        }
    }

    private async Task Move(StreamId watch, Moving moving)
    {
        await Task.Yield();
        try
        {
            do
            {
                await Move(watch, moving.Driver, moving);
            }
            while (!_stopping.IsCancellationRequested && !moving.Leave());
        }
        catch (Exception e)
        {
            NotMoved(log, watch.Id, e); // it is found again by its row
        }
        finally
        {
            moving.Leave(always: true);
            _moving.TryRemove(new(watch, moving));
            moving.Place.Dispose();
        }
    }

    /// <summary>Until there is nothing to do for a driver.</summary>
    private async Task Move(StreamId watch, Guid me, Moving moving)
    {
        while (!_stopping.IsCancellationRequested && await turns.Look(watch) is { } view)
        {
            var now = times.Now(Tenant.Of(watch));
            if (view.Under is { } under)
            {
                if (under.Driver != me && under.Until > now)
                {
                    _held[watch] = time.GetUtcNow() + (under.Until - now);
                    return;
                }

                if (!await InTurn(watch, under.SessionId, () => turns.TakeOver(watch, view, under, me, _stopping))) return;
            }
            else if (view.Standing != WatchStandings.Running || view.Seats[view.Seat].IsPersons)
            {
                return;
            }
            else if (view.NotBefore > now)
            {
                if (view.NotBefore - now > WatchLimits.SleepAtMost) return;

                await moving.Sleep(view.NotBefore - now, time, _stopping);
            }
            else if (!await InTurn(watch, view.SessionId, () => turns.Take(watch, view, me, _stopping)))
            {
                return;
            }
        }
    }

    /// <summary>Waits for a place, so that turns of one session, user or tenant cannot keep all others waiting.</summary>
    private async Task<bool> InTurn(StreamId watch, string sessionId, Func<Task<bool>> turn)
    {
        using var place = await _turns.Wait(new(watch.Tenant, OwnedIds.UserOf(watch.Id), sessionId), _stopping);
        return await turn();
    }

    /// <summary>A dialogue that is moved here, by one driver of its own.</summary>
    private sealed class Moving(IDisposable place)
    {
        private readonly Lock _gate = new();
        private bool _isLeft;
        private bool _isWoken;

        public Guid Driver { get; } = Guid.NewGuid();

        public IDisposable Place { get; } = place;

        public Task Task { get; set; } = Task.CompletedTask;

        /// <returns>False: whoever moves it has left.</returns>
        public bool Wake()
        {
            lock (_gate)
            {
                _isWoken = true;
                return !_isLeft;
            }
        }

        /// <returns>False: it was woken meanwhile, and is looked at once more.</returns>
        public bool Leave(bool always = false)
        {
            lock (_gate)
            {
                _isLeft |= always || !_isWoken;
                _isWoken = false;
                return _isLeft;
            }
        }

        public Task Sleep(TimeSpan left, TimeProvider time, CancellationToken stopping) =>
            Task.Delay(left + TimeSpan.FromMilliseconds(1), time, stopping).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "Tenant {Tenant}: dialogues that nobody moves were not looked up")]
    private static partial void NotLookedUp(ILogger log, string tenant, Exception e);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "Dialogue {Watch} was not moved on; it is tried again within a minute")]
    private static partial void NotMoved(ILogger log, string watch, Exception e);
}

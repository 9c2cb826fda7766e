using System.Collections.Concurrent;
using Agora.Core;
using Agora.Core.Cached;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Grains.Clocks;
using Agora.Grains.Kernel;

namespace Agora.Grains.Services;

/// <summary>
/// Calls services for runs, but for those that take the output of an equal run: of these the first calls, and the others have what came of it. Whoever waits for that looks at the first one's run, too: where it is over and has left nothing, the next one calls.
/// <para>Bound: the run's own time. Whoever came first ends first, for both have as long; and where nobody can say who came first, the service is called.</para>
/// </summary>
public sealed class CachedCaller(IServiceCaller services, EntityCalls calls, TenantTimes times) : IServiceCaller
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LookAgainAtMost = TimeSpan.FromSeconds(1);

    /// <summary>Whoever says who came first has so long to say it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Left of a run's time for the call, where waiting came to nothing.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time = times.World;

    /// <summary>Runs that wait for another's output here.</summary>
    private readonly ConcurrentDictionary<Guid, Waiting> _waiting = new();

    public async Task<StepOutcome> Call(Tenant tenant, ServiceCall call, string? trace)
    {
        if (call.Cache is not { } wish) return await services.Call(tenant, call, trace);

        var started = _time.GetTimestamp();
        var waiting = _waiting[call.RunId] = new();
        StepOutcome? found;
        try
        {
            found = await Look(tenant, call, wish, started, waiting);
        }
        finally
        {
            _waiting.TryRemove(KeyValuePair.Create(call.RunId, waiting));
        }

        return waiting.IsUnwanted ? new ServiceOutcome.NotCalled() : found ?? await services.Call(tenant, call with { Deadline = call.Deadline - _time.GetElapsedTime(started) }, trace);
    }

    /// <summary>Of one that waits no service has heard.</summary>
    public Task Cancel(Tenant tenant, ServiceCancel cancelled, string? trace)
    {
        if (!_waiting.TryGetValue(cancelled.RunId, out var waiting)) return services.Cancel(tenant, cancelled, trace);

        waiting.IsUnwanted = true;
        return Task.CompletedTask;
    }

    /// <returns>Null: it is this run that calls.</returns>
    private async Task<StepOutcome?> Look(Tenant tenant, ServiceCall call, CacheWish wish, long started, Waiting waiting)
    {
        var (cached, pause, over, waited) = (tenant.Cached(wish.Id), LookAgain, 0, false);
        while (true)
        {
            var claimed = await Ask(cached, new CachedCommand.Claim(call.RunId, call.SessionId, wish.MaxAgeSeconds), call.RunId);
            if (claimed?.Reply is not CachedView view || view.RunId == call.RunId) return null;
            if (view is { FilledAt: { } filled, Reply: { } output })
            {
                RunMetrics.CountCached();
                return new ServiceOutcome.Output(output.Utf8, 0, wish.HitMicros(view.CostMicros)) { Cached = new(view.RunId, Math.Max(0, (int)(times.Now(tenant) - filled).TotalSeconds), waited) };
            }

            if (waiting.IsUnwanted || call.Deadline - _time.GetElapsedTime(started) <= pause + Least) return null;

            waited = true;
            await Task.Delay(pause, _time);
            pause = pause + pause < LookAgainAtMost ? pause + pause : LookAgainAtMost;
            over = pause == LookAgainAtMost && await IsOver(tenant, view, call.RunId) ? over + 1 : 0;
            if (over > 1)
            {
                await Ask(cached, new CachedCommand.Release(view.RunId), call.RunId);
            }
        }
    }

    /// <summary>As its session knows it. What cannot be asked is not over; of a session that is not there, it is.</summary>
    private async Task<bool> IsOver(Tenant tenant, CachedView first, Guid runId) =>
        await Ask(tenant.Session(first.SessionId), new SessionCommand.Peek(first.RunId), runId) is { } answer && !(answer.Reply is SessionView session && session.Runs.Any(run => run.RunId == first.RunId && run.State == RunState.Pending));

    /// <returns>Null: it is out of reach.</returns>
    private async Task<Answer?> Ask(StreamId stream, object command, Guid runId) =>
        await calls.Ask(new(stream, command, Patience), Ids.Derive(times.Now(Tenant.Of(stream)), runId, Interlocked.Increment(ref _sent)), trace: null) is StepOutcome.Answered { Answer: var answer } ? answer : null;

    private int _sent;

    /// <summary>No token: whoever waits looks again within a second, on the scheduler that it is on.</summary>
    private sealed class Waiting
    {
        private volatile bool _isUnwanted;

        public bool IsUnwanted
        {
            get => _isUnwanted;
            set => _isUnwanted = value;
        }
    }
}

using System.Collections.Concurrent;
using Agora.Application.Calls;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Grains.Clocks;
using Agora.Hosting;
using Microsoft.Extensions.Logging;

namespace Agora.Application.Models;

/// <summary>
/// Calls of models that this process makes. Their sessions are told every few seconds that they go on: one of which nothing is heard is over, and what was held for it is posted.
/// </summary>
internal sealed partial class OpenCalls(IEntities entities, TenantTimes times, TimeProvider time, ILogger<OpenCalls> log) : BackgroundWork
{
    private readonly ConcurrentDictionary<Guid, StreamId> _open = new();

    /// <summary>Sessions that have not answered yet. None of them delays the others: a session that hears nothing for <see cref="Limits.ModelLostAfter"/> posts what it holds.</summary>
    private readonly ConcurrentDictionary<StreamId, bool> _asked = new();

    public int Count => _open.Count;

    /// <summary>As its session knows it, whichever process makes the call.</summary>
    public static async Task<bool> IsUnderWay(IEntities entities, ModelCaller call, string sessionId, Guid runId)
    {
        var session = await entities.In(call.Tenant).Session(sessionId).Peek(call.Fresh(), runId);
        return session?.Runs.Any(run => run.RunId == runId && run.State == RunState.Pending) == true;
    }

    /// <returns>To be disposed of when the session has been told how it ended.</returns>
    public IDisposable Begin(Guid runId, StreamId session)
    {
        _open[runId] = session;
        return new Open(this, runId);
    }

    protected override TimeProvider Time => time;

    protected override ILogger Log => log;

    protected override async Task Work(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Limits.ModelCallTold, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            foreach (var session in _open.GroupBy(static call => call.Value, static call => call.Key))
            {
                if (_asked.TryAdd(session.Key, true))
                {
                    _ = Tell(session.Key, [.. session]);
                }
            }
        }
    }

    private async Task Tell(StreamId session, IReadOnlyList<Guid> runIds)
    {
        try
        {
            await entities.In(Tenant.Of(session)).Session(session.Id).Send(new RunCommand.CallsGoOn(runIds), Commands.Fresh(times.Of(Tenant.Of(session))));
        }
        catch (Exception e) // the other sessions are told all the same
        {
            NotTold(log, runIds.Count, e);
        }
        finally
        {
            _asked.TryRemove(session, out _);
        }
    }

    private sealed class Open(OpenCalls calls, Guid runId) : IDisposable
    {
        public void Dispose() => calls._open.TryRemove(runId, out _);
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "A session could not be told that {Calls} calls of models go on; it is told again within seconds")]
    private static partial void NotTold(ILogger log, int calls, Exception e);
}

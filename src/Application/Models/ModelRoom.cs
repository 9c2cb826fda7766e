using Agora.Application.Calls;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Application.Models;

/// <summary>Waits at the limit that refused a call, where others hold there what they may not spend: in the order in which they came.</summary>
internal sealed class ModelRoom(IEntities entities, TimeProvider time)
{
    /// <returns>Null: it was no limit that anybody can wait at.</returns>
    public async Task<RoomTold?> Await(ModelCaller call, Rejection refused, ModelHold hold, TimeSpan wait)
    {
        if (refused.Node() is not var (kind, id)) return null;

        var seconds = (int)Math.Ceiling(wait.TotalSeconds);
        var answer = kind == "session" ? await entities.In(call.Tenant).Session(id).Send((SessionCommand)new NodeCommand.AwaitRoom(hold.BoundMicros, seconds, new ReserveTerms.OfSession("")), call.Fresh())
            : await AtUser(call, hold, seconds);
        return answer?.Reply as RoomTold;
    }

    /// <summary>Waits for the user, who is asked to raise the session's budget.</summary>
    /// <param name="since">It waits, also for what others hold.</param>
    /// <returns>False: there is no answer yet.</returns>
    public async Task<bool> IsAnswered(ModelCaller call, Guid runId, long since)
    {
        var most = call.Wait is { } wanted ? wanted < Limits.RaiseWaitAtMost ? wanted : Limits.RaiseWaitAtMost : Limits.RaiseWait;
        while (true)
        {
            var session = await call.Session.Peek(call.Fresh(), runId);
            if (session?.Runs.Any(run => run.RunId == runId && run.State == RunState.AwaitingApproval) != true) return true;
            if (call.Cancel.IsCancellationRequested || time.GetElapsedTime(since) > most) return false;

            await Task.Delay(Limits.RaiseLooked, time);
        }
    }

    /// <summary>How long this request may wait: as it prefers (RFC 7240), else as usual; less what it has waited.</summary>
    public TimeSpan Left(ModelCaller call, long since)
    {
        var most = call.Wait is { } wanted ? wanted < Limits.RoomWaitAtMost ? wanted : Limits.RoomWaitAtMost : Limits.RoomWait;
        return most - time.GetElapsedTime(since);
    }

    private async Task<Answer?> AtUser(ModelCaller call, ModelHold hold, int seconds)
    {
        if (await call.Peek() is not { } session) return null;

        var terms = new ReserveTerms.OfUser(
            session.AgentId, [], Named: false, session.Path is { Count: > 0 } path ? [.. path.Select(node => node.AgentId)] : null, ServiceId: hold.Service.ServiceId, Category: hold.Service.Definition.Category);
        return await entities.In(call.Tenant).User(session.UserId).Send((Core.Users.UserCommand)new NodeCommand.AwaitRoom(hold.BoundMicros, seconds, terms), call.Fresh());
    }
}

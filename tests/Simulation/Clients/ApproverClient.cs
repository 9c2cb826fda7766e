using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Runs;

namespace Agora.Simulation.Clients;

/// <summary>
/// Users who are asked for approval: they approve, often twice at the same time, deny, change their minds, and let some expire. When
/// all is over they deny whatever still waits.
/// </summary>
public sealed class ApproverClient(Tenant tenant) : Caller(tenant)
{
    /// <summary>By then every run that was under way when the clients went has come to wait, if it has to.</summary>
    private static readonly TimeSpan LastRuns = Limits.RunVoidedAfter + Limits.UnfinishedAlarm;

    public async Task Live()
    {
        while (await GoesOn(4 * Cluster.Options.Think))
        {
            if (Tenant.Approvals.Asked is { Count: > 0 } asked)
            {
                await Act(asked[Math.Max(0, asked.Count - 1 - Random.Next(4))]);
            }
        }

        var left = Cluster.ClosedAt + LastRuns + Cluster.Options.Aftermath - Cluster.Time.GetUtcNow();
        await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, Cluster.Time);
        await Task.WhenAll(Tenant.Approvals.Waiting.Select(waiting => End(waiting.SessionId, waiting.RunId))); // at once: what follows needs its time to come to rest
    }

    /// <summary>A session that is suspended refuses an approval and lets the run wait on.</summary>
    private async Task End(string session, Guid run)
    {
        if (await Decide(session, run, approve: Random.Next(2) == 0) is { Rejection: null }) return;

        while (await Decide(session, run, approve: false) is null && Cluster.Options.Room is not null)
        {
            // Nobody else asks for anything: there is room soon.
        }
    }

    private Task Act((string SessionId, Guid RunId) asked) => Random.Next(10) switch
    {
        < 4 => Decide(asked.SessionId, asked.RunId, approve: true),
        < 6 => Task.WhenAll(Decide(asked.SessionId, asked.RunId, approve: true), Decide(asked.SessionId, asked.RunId, approve: Random.Next(4) > 0)),
        < 8 => Decide(asked.SessionId, asked.RunId, approve: false),
        _ => Task.CompletedTask,
    };

    /// <summary>As the API's catalogue would say by then.</summary>
    private Listing? Listed(Guid run)
    {
        var asked = Tenant.Approvals.Run(run);
        return asked.IsTransfer ? null : new(Checks.Approvals.IsGone(asked) ? null : Tenant.Catalogue.Services.SingleOrDefault(s => s.ServiceId == asked.ServiceId) ?? Tenant.Tools.Terms(asked.ServiceId!));
    }

    private Task<Answer?> Decide(string session, Guid run, bool approve)
    {
        var sending = Random.Next(2) == 0 ? NewSending() : NewKeyed("approver");
        var stream = Stream(Kinds.Session, session);
        return Ask(Entities.Session(session), new RunCommand.DecideApproval(run, approve, "link", null, Listed(run)), sending, $"Deciding {run}", given => given.Reply is ApprovalGiven told
            ? history => told.Approval == ApprovalState.Approved
                ? history.Count<RunEvent.Approved>(stream, (e, _) => e.Run.RunId == run) + history.Count<RunEvent.ApprovalAnswered>(stream, (e, _) => e == new RunEvent.ApprovalAnswered(run, told.Approval))
                : history.Count<RunEvent.ApprovalAnswered>(stream, (e, _) => e == new RunEvent.ApprovalAnswered(run, told.Approval))
            : null);
    }
}

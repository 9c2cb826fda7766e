using Agora.Contracts;
using Agora.Core;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;

namespace Agora.Simulation.Clients;

/// <summary>
/// Somebody who takes runs back, as their agents and as operators do: at any moment of a run, often twice at the same time, and now and then one that is
/// long decided.
/// </summary>
public sealed class CancelClient(Tenant tenant) : Caller(tenant, new Random(unchecked((tenant.Cluster.Options.Seed * 47) + 11 + (1_000_003 * tenant.Number))))
{
    private readonly SessionPolicy _policy = new(RateLimitPerMinute: 60, DuplicateWindowSeconds: 2);
    private (string SessionId, Guid RunId)? _before;

    public async Task Live()
    {
        while (await GoesOn(6 * Cluster.Options.Think))
        {
            Cluster.History.CatchUp();
            if (Tenant.Cancellations.Open is { Count: > 0 } open && Random.Next(6) > 0)
            {
                _before = Any(open);
            }

            if (_before is { } run)
            {
                await (Random.Next(4) == 0 ? Task.WhenAll(Cancel(run), Cancel(run)) : Cancel(run));
            }
        }
    }

    /// <summary>Told so twice it is the same run; what else a repeat says is what its session says by then.</summary>
    private async Task Cancel((string SessionId, Guid RunId) run)
    {
        var (stream, sending, what) = (Stream(Kinds.Session, run.SessionId), NewSending(), $"Cancelling {run.RunId}");
        var command = Random.Next(2) == 0
            ? new RunCommand.Cancel(run.RunId, new("cancel_run", "POST /agent/runs/{run_id}/cancel", "", _policy))
            : new RunCommand.Cancel(run.RunId, Request: null, "operator:ada", "POST /admin/sessions/{session_id}/runs/{run_id}/cancel", "Enough.");
        if (await Ask(Entities.Session(run.SessionId), command, sending, what, static _ => null) is { Reply: RunView { State: RunState.Cancelled } })
        {
            Cluster.Acknowledgements.Given(new(
                what, sending.CommandId, "cancelled", history => history.Count<RunEvent.Concluded>(stream, (e, _) => e.RunId == run.RunId && e.FailureCode == Codes.RunCancelled)
                    + history.Count<RunEvent.WaitEnded>(stream, (e, _) => e.RunId == run.RunId && e.Outcome.Code == Codes.RunCancelled)));
        }
    }
}

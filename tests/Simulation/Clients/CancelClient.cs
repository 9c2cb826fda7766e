using Agora.Contracts;
using Agora.Core;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Simulation.Checks;

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

    private Task Cancel((string SessionId, Guid RunId) run) => Random.Next(2) == 0 ? AsAgent(run) : AsOperator(run);

    /// <summary>Under a key or without one: what it was told is what it is told again.</summary>
    private Task AsAgent((string SessionId, Guid RunId) run) => Ask(
        Entities.Session(run.SessionId),
        new RunCommand.Cancel(run.RunId, new("cancel_run", "POST /agent/runs/{run_id}/cancel", "", _policy)),
        Random.Next(2) == 0 ? NewSending() : NewKeyed($"session:{run.SessionId}"),
        $"Cancelling {run.RunId}",
        given => given is { Reply: RunView { State: RunState.Cancelled } } ? Ended(run) : null);

    /// <summary>Told so twice it is the same run; what else a repeat says is what its session says by then.</summary>
    private async Task AsOperator((string SessionId, Guid RunId) run)
    {
        var (sending, what) = (NewSending(), $"Cancelling {run.RunId}");
        var command = new RunCommand.Cancel(run.RunId, Request: null, "operator:ada", "POST /admin/sessions/{session_id}/runs/{run_id}/cancel", "Enough.");
        if (await Ask(Entities.Session(run.SessionId), command, sending, what, static _ => null) is { Reply: RunView { State: RunState.Cancelled } })
        {
            Cluster.Acknowledgements.Given(new(what, sending.CommandId, "cancelled", Ended(run)));
        }
    }

    private Func<History, int> Ended((string SessionId, Guid RunId) run)
    {
        var stream = Stream(Kinds.Session, run.SessionId);
        return history => history.Count<RunEvent.Concluded>(stream, (e, _) => e.RunId == run.RunId && e.FailureCode == Codes.RunCancelled)
            + history.Count<RunEvent.WaitEnded>(stream, (e, _) => e.RunId == run.RunId && e.Outcome.Code == Codes.RunCancelled);
    }
}

using Agora.Core.Kernel;
using Agora.Core.Runs;

namespace Agora.Simulation.Checks;

/// <summary>
/// A run is cancelled while its session decides it: under way or waiting, never once its payment is being settled or a model is called for it. It costs nothing, and nothing becomes of
/// it afterwards. Its service is told only of what is durable.
/// </summary>
public sealed class Cancellations(Findings findings) : IChecker
{
    private readonly SortedDictionary<Guid, (string SessionId, string? Is)> _open = [];
    private readonly HashSet<Guid> _cancelled = [];

    /// <summary>Under way, or waiting for approval.</summary>
    public IReadOnlyList<(string SessionId, Guid RunId)> Open => [.. _open.Select(run => (run.Value.SessionId, run.Key))];

    public int Count => _cancelled.Count;

    public void Happened(Committed committed)
    {
        switch (committed.Event)
        {
            case RunEvent.Requested e:
                Begin(e.RunId, committed.Stream);
                break;
            case RunEvent.Approved e:
                Begin(e.Run.RunId, committed.Stream);
                break;
            case RunEvent.AwaitsApproval e:
                Begin(e.Run.RunId, committed.Stream);
                break;
            case RunEvent.SettlementBegun e:
                _open[e.RunId] = (committed.Stream.Id, "its payment is being settled");
                break;
            case RunEvent.CallBegun e:
                _open[e.RunId] = (committed.Stream.Id, "a model is called for it");
                break;
            case RunEvent.Refused e:
                _open.Remove(e.RunId);
                break;
            case RunEvent.WaitEnded e:
                End(e.RunId, isCancelled: e.Outcome.Code == Codes.RunCancelled);
                break;
            case RunEvent.Concluded e:
                End(e.RunId, isCancelled: e.FailureCode == Codes.RunCancelled);
                findings.Expect(e.FailureCode != Codes.RunCancelled || e is { Posted: false, AmountMicros: 0, Output: null, Payment: null }, $"Run {e.RunId} was cancelled and costs {e.AmountMicros}.");
                break;
        }
    }

    /// <summary>Called when a service hears of it.</summary>
    public void Told(Guid runId) => findings.Expect(_cancelled.Contains(runId), $"The service was told that run {runId} is cancelled, which is not durable.");

    private void Begin(Guid runId, StreamId session)
    {
        findings.Expect(!_cancelled.Contains(runId), $"Run {runId} begins again though it was cancelled.");
        _open[runId] = (session.Id, null);
    }

    private void End(Guid runId, bool isCancelled)
    {
        findings.Expect(!_cancelled.Contains(runId), $"Run {runId} is decided though it was cancelled.");
        if (_open.Remove(runId, out var run) && isCancelled)
        {
            findings.Expect(run.Is is null, $"Run {runId} is cancelled while {run.Is}.");
            _cancelled.Add(runId);
        }
    }
}

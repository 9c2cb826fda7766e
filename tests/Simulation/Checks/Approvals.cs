using Agora.Core;
using Agora.Core.Runs;
using Agora.Core.Users;

namespace Agora.Simulation.Checks;

/// <summary>
/// A run above what the grant lets an agent spend unasked is never posted unless its session's stream has approved it before, and it is
/// approved once at most: while it waits, never after it was denied or its time was over, nor when its service was gone. Whatever waited holds nothing.
/// </summary>
public sealed class Approvals(Findings findings) : IChecker
{
    private readonly Dictionary<(string User, string Agent), long?> _thresholds = [];
    private readonly Dictionary<string, string> _grantees = new(StringComparer.Ordinal);
    private readonly HashSet<Guid> _asking = [];
    private readonly HashSet<Guid> _approvedHolds = [];
    private readonly List<(Guid HoldId, string User)> _postedAsking = [];
    private readonly SortedDictionary<Guid, Wait> _waits = [];

    /// <summary>Every run that ever waited, whatever became of it, oldest first.</summary>
    public IReadOnlyList<(string SessionId, Guid RunId)> Asked => [.. _waits.Select(w => (w.Value.SessionId, w.Key))];

    public IReadOnlyList<(string SessionId, Guid RunId)> Waiting => [.. _waits.Where(w => w.Value.State == ApprovalState.Pending).Select(w => (w.Value.SessionId, w.Key))];

    /// <summary>What is asked for, as it stood when it began to wait.</summary>
    public AwaitingRun Run(Guid runId) => _waits[runId].Run;

    /// <summary>Whoever approves such a run finds that its service was taken from the catalogue while it waited.</summary>
    public static bool IsGone(AwaitingRun run) => !run.IsTransfer && run.RunId.ToByteArray(bigEndian: true)[^1] % 8 == 0;

    public int Count(ApprovalState state) => _waits.Values.Count(w => w.State == state);

    public void Happened(Committed committed)
    {
        switch (committed.Event)
        {
            case UserEvent.GrantPut e:
                _thresholds[(committed.Stream.Id, e.AgentId)] = e.Grant.ApprovalAboveMicros;
                break;
            case UserEvent.GrantEnded e:
                _thresholds.Remove((committed.Stream.Id, e.AgentId));
                break;
            case UserEvent.SessionOpened e:
                _grantees[(committed.Stream with { Kind = Kinds.Session, Id = e.Session.SessionId }).ToString()] = e.Session.Path is { Count: > 0 } path ? path[0].AgentId : e.Session.AgentId;
                break;
            case UserEvent.HoldReserved e when e.AmountMicros > _thresholds.GetValueOrDefault((committed.Stream.Id, _grantees[e.Owner])):
                _asking.Add(e.HoldId);
                break;
            case UserEvent.HoldPosted e when _asking.Contains(e.HoldId):
                _postedAsking.Add((e.HoldId, committed.Stream.Id));
                break;
            case RunEvent.AwaitsApproval e:
                findings.Expect(_waits.TryAdd(e.Run.RunId, new(committed.Stream.Id, e.Run)), $"Run {e.Run.RunId} waits for approval twice.");
                break;
            case RunEvent.Approved e:
                findings.Expect(!(_waits.TryGetValue(e.Run.RunId, out var asked) && IsGone(asked.Run)), $"Run {e.Run.RunId} is begun by an approval though its service was gone.");
                End(e.Run.RunId, ApprovalState.Approved);
                _approvedHolds.Add(e.Run.UserHold);
                break;
            case RunEvent.WaitEnded e:
                End(e.RunId, e.Approval);
                break;
            case RunEvent.Requested e:
                findings.Expect(!_waits.ContainsKey(e.RunId), $"Run {e.RunId} is requested anew though it waited for approval.");
                break;
            case RunEvent.Concluded { Posted: true } e when _waits.TryGetValue(e.RunId, out var wait):
                findings.Expect(wait.State == ApprovalState.Approved, $"Run {e.RunId} is posted and is {wait.State}.");
                findings.Expect(!wait.Posted, $"Run {e.RunId} was approved and is posted twice.");
                wait.Posted = true;
                break;
        }
    }

    public void Point()
    {
        foreach (var (hold, user) in _postedAsking.Where(p => !_approvedHolds.Contains(p.HoldId)))
        {
            findings.Add($"Hold {hold} of user {user} was above what the grant allows unasked, and is posted without an approval.");
        }

        _postedAsking.Clear();
    }

    public void Rest() => findings.Expect(Waiting.Count == 0, $"Run {Waiting.FirstOrDefault().RunId} is left waiting for approval.");

    private void End(Guid runId, ApprovalState state)
    {
        if (!_waits.TryGetValue(runId, out var wait) || wait.State != ApprovalState.Pending)
        {
            findings.Add($"Run {runId} is {state} though it was {wait?.State.ToString() ?? "never asked about"}.");
            return;
        }

        wait.State = state;
    }

    private sealed class Wait(string sessionId, AwaitingRun run)
    {
        public AwaitingRun Run { get; } = run;

        public string SessionId { get; } = sessionId;

        public ApprovalState State { get; set; } = ApprovalState.Pending;

        public bool Posted { get; set; }
    }
}

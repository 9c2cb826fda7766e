using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;

namespace Agora.Core.Sessions;

/// <summary>What one agent may do for one user: the leaf of the budget, and the only place where its runs are decided.</summary>
public static class SessionEntity
{
    public const string Kind = Kinds.Session;

    public static Entity<SessionState, LeafCommand, LeafEvent> Entity { get; } = new(Kind)
    {
        Events = SessionCodec.Events,
        Commands = SessionCodec.Commands,
        Answers = new UnionCodec<object>()
            .Case<SessionView>("answer.session")
            .Case<Completed>("answer.completed")
            .Case<RunView>("answer.run")
            .Case<PendingRuns>("answer.pending_runs")
            .Case<ApprovalGiven>("answer.approval_given")
            .Case<CallsKnown>("answer.calls_known")
            .Case<SessionEnded>("answer.session_ended")
            .Case<StandingTaken>("answer.standing_taken")
            .Case<Inquired>("answer.inquired")
            .Case<RateTaken>("answer.rate_taken")
            .Case<SessionReserved>("answer.session_reserved"),
        Tables = SessionTables.All,
        Snapshots = new(SessionCodec.SnapshotVersion, SessionCodec.Save, SessionCodec.Restore),
        Initial = static stream => new SessionState(stream.Id, stream.Tenant),
        Hear = static asked => asked switch
        {
            NodeCommand node => new SessionCommand.Node(node),
            AccessCommand told => new SessionCommand.Access(told),
            _ => null,
        },
        Decide = SessionDecider.Decide,
        Evolve = static (state, happened, at) => state.Evolve(happened, at),
        CheckInvariants = static (state, thorough) => state.CheckInvariants(thorough),
        Unfinished = SessionDecider.Unfinished,
        IsUnfinished = SessionDecider.IsUnfinished,
        Due = SessionDecider.Due,
        Recall = SessionDecider.Recall,
        Rows = SessionTables.Rows,
        PersonalKey = static state => state.PersonalKey,
        Tick = new SessionCommand.Tick(),
    };
}

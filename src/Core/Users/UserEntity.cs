using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Users;

/// <summary>Who is acted for: grants, caps, sessions, completions and consents.</summary>
public static class UserEntity
{
    public const string Kind = Kinds.User;

    public static Entity<UserState, UserCommand, UserEvent> Entity { get; } = new(Kind)
    {
        Events = UserCodec.Events,
        Commands = UserCodec.Commands,
        Answers = new UnionCodec<object>()
            .Case<UserView>("answer.user")
            .Case<UserInspected>("answer.user_inspected")
            .Case<GrantView>("answer.grant")
            .Case<UserErased>("answer.user_erased")
            .Case<SessionOpened>("answer.session_opened")
            .Case<SessionClosed>("answer.session_closed")
            .Case<Standing>("answer.standing")
            .Case<TaskDone>("answer.task_done")
            .Case<TaskVoided>("answer.task_voided")
            .Case<UserReserved>("answer.user_reserved")
            .Case<ApprovalNeeded>("answer.approval_needed")
            .Case<ConsentWithdrawn>("answer.consent_withdrawn")
            .Case<Sponsorship>("answer.sponsorship")
            .Case<TaskClaim>("answer.task_claim")
            .Case<RewardStood>("answer.reward_stood")
            .Case<GrantEnded>("answer.grant_ended")
            .Case<UserStanding>("answer.user_standing")
            .Case<UserLinked>("answer.user_linked")
            .Case<UserLinksEnded>("answer.user_links_ended"),
        Tables = UserTables.All,
        Snapshots = new(UserSnapshot.Version, UserSnapshot.Save, UserSnapshot.Restore),
        Initial = static stream => new UserState(stream),
        Hear = static asked => asked is NodeCommand node ? new UserCommand.Node(node) : null,
        Decide = UserDecider.Decide,
        Evolve = static (state, happened, at) => state.Evolve(happened, at),
        CheckInvariants = static (state, thorough) => state.CheckInvariants(thorough),
        Unfinished = UserDecider.Unfinished,
        IsUnfinished = UserDecider.IsUnfinished,
        Due = UserDecider.Due,
        Recall = UserDecider.Recall,
        Rows = UserTables.Rows,
        PersonalKey = static state => state.PersonalKey,
        KeepsCause = UserDecider.KeepsCause,
        Tick = new UserCommand.Tick(),
    };
}

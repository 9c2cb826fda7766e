using Agora.Core.Kernel;

namespace Agora.Core.Users;

/// <summary>Stored names, for ever. Own commands (answers of steps) have none on purpose: nobody outside can forge one.</summary>
public static class UserCodec
{
    public static readonly UnionCodec<UserCommand> Commands = new UnionCodec<UserCommand>()
        .Case<UserCommand.PutUser>("user.put", personal: c => c.Profile, with: (c, p) => c with { Profile = p! })
        .Case<UserCommand.PutGrant>("user.put_grant")
        .Case<UserCommand.EraseData>("user.erase_data")
        .Case<UserCommand.OpenSession>("user.open_session")
        .Case<UserCommand.OpenDelegated>("user.open_delegated")
        .Case<UserCommand.CloseSession>("user.close_session")
        .Case<UserCommand.ReportViolation>("user.report_violation")
        .Case<UserCommand.Suspend>("user.suspend")
        .Case<UserCommand.Resume>("user.resume")
        .Case<UserCommand.CompleteTask>("user.complete_task", personal: c => c.Output, with: (c, p) => c with { Output = p! })
        .Case<UserCommand.VoidTask>("user.void_task")
        .Case<UserCommand.WithdrawConsent>("user.withdraw_consent")
        .Case<UserCommand.Reserve>("user.reserve", hot: UserJson.Default.Reserve)
        .Case<UserCommand.NextFund>("user.next_fund")
        .Case<UserCommand.Post>("user.post")
        .Case<UserCommand.Void>("user.void")
        .Case<UserCommand.TakeRefund>("user.take_refund")
        .Case<UserCommand.ReleaseRefund>("user.release_refund")
        .Case<UserCommand.Get>("user.get")
        .Case<UserCommand.GetSponsorship>("user.get_sponsorship")
        .Case<UserCommand.Tick>("user.tick");

    public static readonly UnionCodec<UserEvent> Events = new UnionCodec<UserEvent>()
        .Case<UserEvent.UserPut>("user.profile_put", personal: e => e.Profile, with: (e, p) => e with { Profile = p })
        .Case<UserEvent.UserVouched>("user.vouched")
        .Case<UserEvent.GrantPut>("user.grant_put")
        .Case<UserEvent.PersonalDataErased>("user.personal_data_erased")
        .Case<UserEvent.SessionOpened>("user.session_opened")
        .Case<UserEvent.SessionBegun>("user.session_begun")
        .Case<UserEvent.OpeningRefused>("user.opening_refused")
        .Case<UserEvent.SessionClosed>("user.session_closed")
        .Case<UserEvent.ViolationCounted>("user.violation_counted")
        .Case<UserEvent.RefusedInScope>("user.refused_in_scope")
        .Case<UserEvent.PairSuspended>("user.pair_suspended")
        .Case<UserEvent.PairResumed>("user.pair_resumed")
        .Case<UserEvent.SessionTold>("user.session_told")
        .Case<UserEvent.StandingAnnounced>("user.standing_announced")
        .Case<UserEvent.TaskClaimed>("user.task_claimed", personal: e => e.Output, with: (e, p) => e with { Output = p })
        .Case<UserEvent.TaskCompleted>("user.task_completed")
        .Case<UserEvent.TaskRefused>("user.task_refused")
        .Case<UserEvent.TaskVoided>("user.task_voided")
        .Case<UserEvent.CompletionReleased>("user.completion_released")
        .Case<UserEvent.ConsentWithdrawn>("user.consent_withdrawn")
        .Case<UserEvent.HoldReserved>("user.hold_reserved", personal: e => e.Attributes, with: (e, p) => e with { Attributes = p }, hot: UserJson.Default.HoldReserved)
        .Case<UserEvent.FundPassed>("user.fund_passed", personal: e => e.Attributes, with: (e, p) => e with { Attributes = p })
        .Case<UserEvent.HoldPosted>("user.hold_posted", hot: UserJson.Default.HoldPosted)
        .Case<UserEvent.HoldVoided>("user.hold_voided")
        .Case<UserEvent.RefundTaken>("user.refund_taken")
        .Case<UserEvent.RefundReleased>("user.refund_released");
}

using System.Diagnostics;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Users.UserState, Agora.Core.Users.UserEvent>;
using Limit = Agora.Core.Nodes.LimitDecider<Agora.Core.Users.UserDecider, Agora.Core.Users.UserState, Agora.Core.Users.UserEvent>;
using Node = Agora.Core.Nodes.NodeDecider<Agora.Core.Users.UserDecider, Agora.Core.Users.UserState, Agora.Core.Users.UserEvent>;

namespace Agora.Core.Users;

/// <summary>
/// The principal's own stream: who the user is, what agents were granted, how each agent stands, which tasks were completed,
/// and what a run may cost. It is the only writer of all of these, so that a second session, or a new one, washes nothing off.
/// <para>Invariants: <see cref="UserState"/>. Bounds: <see cref="Limits"/>.</para>
/// </summary>
public sealed partial class UserDecider : ILimit<UserState, UserEvent>
{

    private UserDecider()
    {
    }

    public static Decided Decide(UserState state, UserCommand command, Context context) => command switch
    {
        UserCommand.PutUser c => PutUser(state, c, context),
        UserCommand.PutGrant c => PutGrant(state, c, context),
        UserCommand.RaiseCaps c => RaiseCaps(state, c, context),
        UserCommand.EndRaise c => EndRaise(state, c, context),
        UserCommand.RaiseGrant c => RaiseGrant(state, c, context),
        UserCommand.EndGrantRaise c => EndGrantRaise(state, c, context),
        UserCommand.EndGrant c => EndGrant(state, c, context),
        UserCommand.EraseData => EraseData(state, context),
        UserCommand.Pause c => Pause(state, c, context),
        UserCommand.Unpause c => Unpause(state, c, context),
        UserCommand.MakeLink c => MakeLink(state, c, context),
        UserCommand.EndLinks => EndLinks(state, context),
        UserCommand.EndKey c => EndKey(state, c, context),
        UserCommand.SetAgentStanding c => SetAgentStanding(state, c, context),
        UserCommand.OpenSession c => OpenSession(state, c, context),
        UserCommand.OpenDelegated c => OpenDelegated(state, c, context),
        UserCommand.SessionBegun c => SessionBegun(state, c, context),
        UserCommand.CloseSession c => CloseSession(state, c),
        UserCommand.ReportViolation c => ReportViolation(state, c, context),
        UserCommand.ReportFlood c => ReportFlood(state, c, context),
        UserCommand.Suspend c => Suspend(state, c, context),
        UserCommand.Resume c => Resume(state, c, context),
        UserCommand.SessionTold c => SessionTold(state, c, context),
        UserCommand.CompleteTask c => CompleteTask(state, c, context),
        UserCommand.CompletionAnswered c => CompletionAnswered(state, c, context),
        UserCommand.VoidTask c => VoidTask(state, c, context),
        UserCommand.ClaimReward c => ClaimReward(state, c, context),
        UserCommand.ClaimAnswered c => ClaimAnswered(state, c),
        UserCommand.RewardTold c => RewardTold(state, c),
        UserCommand.CompletionReleased c => CompletionReleased(state, c),
        UserCommand.WithdrawConsent c => WithdrawConsent(state, c, context),
        UserCommand.Node { Asked: NodeCommand.InquireReward c } => InquireReward(state, c, context),
        UserCommand.Node c => Limit.Decide(state, c.Asked, context),
        UserCommand.Learned { Outcome: NodeOutcome.RoomLooked } => RoomDecider<UserDecider, UserState, UserEvent>.Look(state, context),
        UserCommand.Learned { Outcome: NodeOutcome.HoldInquired c } => Node.Inquired(state, c, context),
        UserCommand.Learned { Outcome: NodeOutcome.HoldStaysOpen c } => Node.StaysOpen(state, c, context),
        UserCommand.NextFund c => NextFund(state, c, context),
        UserCommand.Get => state.Exists ? Decided.Query(state.View) : Decided.Reject(UserRejection.NotFound),
        UserCommand.Inspect => state.Exists ? Decided.Query(state.Inspected(context)) : Decided.Reject(UserRejection.NotFound),
        UserCommand.GetSponsorship c => Decided.Query(Told(state, c, context)),
        UserCommand.Tick => Ring(state, context),
        _ => throw new UnreachableException(),
    };

    private static Sponsorship Told(UserState state, UserCommand.GetSponsorship asked, Context context)
    {
        var told = state.Sponsorship with { Known = asked.WithProfile ? new(state.Profile?.Whole) : null };
        return asked.Grantee is null ? told
            : told with { RemainingMicros = Remaining(state, asked.Grantee, context), Parts = PartsLeft(state, context), Claimed = Claimed(state, context.Now) };
    }

    public static IEnumerable<Step> Unfinished(UserState state, DateTimeOffset now) =>
    [
        .. state.Unheard.Select(id => state.Sessions[id]).Select(s => s.Begun ? TellStep(state, s, now) : BeginStep(state, s, now)),
        .. state.Claims.Values.Select(c => CountStep(state, c)),
        .. state.RewardClaims.Values.Where(c => c.AmountMicros is null).Select(c => HoldStep(state, c)),
        .. state.Untold.Select(u => TellStep(state, u.Key, u.Value)),
        .. state.Uncounting.Select(u => UncountStep(state, u.Key, u.Value)),
    ];

    public static bool IsUnfinished(UserState state) => !state.Unheard.IsEmpty || !state.Claims.IsEmpty || !state.Uncounting.IsEmpty
        || !state.Untold.IsEmpty || IsClaiming(state);

    public static DateTimeOffset? Due(UserState state)
    {
        var due = state.Holds.NextInquiry;
        foreach (var (_, claim) in state.RewardClaims)
        {
            if (!(due <= claim.ExpiresAt))
            {
                due = claim.ExpiresAt;
            }
        }

        return due;
    }

    public static LateAnswer? Recall(UserEvent @event, Guid commandId) => @event switch
    {
        UserEvent.UserPut e => Gave(commandId, e.View),
        UserEvent.GrantPut { Awaited: null } e => Gave(commandId, e.View),
        UserEvent.GrantEnded { Awaited.Count: 0 } e => Gave(commandId, new GrantEnded(e.AgentId, e.EndedAt)),
        UserEvent.PersonalDataErased { Awaited: null } e => Gave(commandId, new UserErased(e.UserId, e.ErasedAt)),
        UserEvent.UserPaused { Awaited.Count: 0 } e => Gave(e.CommandId, new UserStanding(e.UserId, Paused: true)),
        UserEvent.UserUnpaused { Awaited.Count: 0 } e => Gave(e.CommandId, new UserStanding(e.UserId, Paused: false)),
        UserEvent.LinkMade e => Gave(commandId, Linked(e)),
        UserEvent.LinksEnded e => Gave(commandId, Unlinked(e)),
        UserEvent.KeyEnded { Awaited.Count: 0 } e => Gave(e.CommandId, Nothing.Value),
        UserEvent.AgentStandingTaken { Awaited.Count: 0 } e when e.CommandId != Guid.Empty => Gave(e.CommandId, Nothing.Value),
        UserEvent.AccessAnnounced e => Gave(e.CommandId, e.Reply.Value),
        UserEvent.SessionBegun e => Gave(e.CommandId, e.Session),
        UserEvent.OpeningRefused e => new(e.CommandId, Answer.No(e.Refused)),
        UserEvent.SessionClosed e => Gave(commandId, new SessionClosed(e.Session.SessionId)),
        UserEvent.ViolationCounted e => Gave(e.CommandId, new Standing(false, null, e.InRow, e.Revision)),
        UserEvent.RefusedInScope e => new(commandId, Answer.No(e.Refused)),
        UserEvent.PairSuspended { Awaited.Count: 0 } e => Gave(e.CommandId, new Standing(true, e.ForSeconds, e.Violations, e.Revision)),
        UserEvent.PairResumed { Awaited.Count: 0 } e => Gave(e.CommandId, new Standing(e.Stopped, null, 0, e.Revision)),
        UserEvent.StandingAnnounced e => Gave(e.CommandId, e.Standing),
        UserEvent.TaskCompleted e => Gave(e.CommandId, e.Done),
        UserEvent.RewardClaimed e => Gave(e.CommandId, e.Claim),
        UserEvent.ClaimRefused e => new(e.CommandId, Answer.No(e.Refused)),
        UserEvent.RewardDisowned e => Gave(commandId, new RewardStood(e.Id, RewardStanding.Void)),
        UserEvent.TaskRefused e => new(e.CommandId, Answer.No(e.Refused)),
        UserEvent.TaskVoided e => Gave(commandId, new TaskVoided(e.CompletionId)),
        UserEvent.ConsentWithdrawn e => Gave(commandId, new ConsentWithdrawn(e.ConsentId, e.CampaignId, e.WithdrawnAt)),
        UserEvent.HoldReserved e => Gave(commandId, Reserved(e)),
        UserEvent.FundPassed { Exhausted: { } exhausted } => new(commandId, Answer.No(exhausted)),
        UserEvent.FundPassed e => Gave(commandId, new UserReserved(e.HoldId, e.Next, e.Attributes, e.Why ?? "")),
        UserEvent.HoldPosted e => Gave(commandId, new HoldEnded(e.HoldId, HoldStanding.Posted)),
        UserEvent.HoldVoided e => Gave(commandId, new HoldEnded(e.HoldId, HoldStanding.Voided)),
        UserEvent.RefundTaken e => Gave(commandId, new RefundTold(e.TellId, HoldStanding.Held)),
        UserEvent.RefundReleased e => Gave(commandId, new RefundTold(e.TellId, HoldStanding.Posted)),
        UserEvent.UserVouched or UserEvent.GrantPut or UserEvent.GrantEnded or UserEvent.PersonalDataErased or UserEvent.UserPaused or UserEvent.UserUnpaused
            or UserEvent.KeyEnded or UserEvent.AgentStandingTaken or UserEvent.SessionsReplaced or UserEvent.SessionOpened or UserEvent.PairSuspended or UserEvent.PairResumed
            or UserEvent.SessionTold or UserEvent.TaskClaimed or UserEvent.CompletionReleased
            or UserEvent.RewardAsked or UserEvent.ClaimEnded or UserEvent.RewardTold => null,
        _ => throw new UnreachableException(),
    };

    public static bool KeepsCause(UserCommand command) => 
        command is UserCommand.OpenSession or UserCommand.OpenDelegated or UserCommand.Node { Asked: NodeCommand.Reserve }
            or UserCommand.CompleteTask { Targeting.Count: 0 } or UserCommand.ClaimReward { Targeting.Count: 0 }; // the rules that a user satisfied say what the user is

    // The user.

    private static Decided PutUser(UserState state, UserCommand.PutUser c, Context context)
    {
        if (state.ErasedAt is not null) return Decided.Reject(UserRejection.Erased);
        if (c.Replacing?.If?.Refusal(state.Exists ? state.View.Etag : null) is { } failed) return Decided.Reject(failed);
        if (!InRange(c.DailyCapMicros) || !InRange(c.MonthlyCapMicros) || !AreInRange(c.Parts)) return Decided.Reject(UserRejection.AmountOutOfRange);
        if (context.DayIn(c.Profile.Read<Profile>()?.TimeZone) is not { } day) return Decided.Reject(UserRejection.UnknownTimeZone);

        var dropped = c.Replacing?.Dropped(state.Given, UserState.GivenIn(KnownProfile.Of(c.Profile), c.DailyCapMicros, c.MonthlyCapMicros, c.Parts));
        var put = new UserEvent.UserPut(state.Stream.Id, c.DailyCapMicros, c.MonthlyCapMicros, state.GrantViews, PeriodsIn(state, day, counts: c is not { DailyCapMicros: null, MonthlyCapMicros: null, Parts: null }, context), state.Pause.Suspension is not null, dropped, c.Parts) { Profile = c.Profile }
            .Under(state.RaiseOver(c.DailyCapMicros, c.MonthlyCapMicros, context.Now));
        var same = state.Exists && state.DailyCapMicros == c.DailyCapMicros && state.MonthlyCapMicros == c.MonthlyCapMicros && PartCap.Same(state.Parts, c.Parts)
            && state.Profile is { } known && known.Whole.Utf8.Span.SequenceEqual(c.Profile.Utf8.Span);
        return same ? Decided.Accept(state.View with { Raise = put.Raise }) : Decided.Accept(put.View, put);
    }

    /// <summary>Said only where it is needed: the ends of a day tell of the user's whereabouts.</summary>
    /// <param name="day">Of the zone in which the user lives from here on.</param>
    /// <param name="counts">There is a limit or a grant from here on.</param>
    private static Periods? PeriodsIn(UserState state, LocalDay day, bool counts, Context context) =>
        state.IsCounted ? day.Zone != state.DayAt(context).Zone || state.HasUncounted ? state.PeriodsAt(context) : null
        : counts && state.HasUncounted ? Periods.Of(day) : null;

    private static bool AreInRange(IReadOnlyList<PartCap>? parts) => parts is null || parts.All(cap => InRange(cap.DailyCapMicros) && InRange(cap.MonthlyCapMicros));

    private static bool InRange(long? micros) => micros is not { } amount || Money.InRange(amount);

    private static LateAnswer Gave(Guid commandId, object reply) => new(commandId, Answer.Of(reply));
}

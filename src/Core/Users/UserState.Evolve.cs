using System.Collections.Immutable;
using System.Diagnostics;
using Agora.Core.Access;

namespace Agora.Core.Users;

public sealed partial record UserState
{
    public UserState Evolve(UserEvent happened, DateTimeOffset at) => happened switch
    {
        UserEvent.UserPut e => (this with
        {
            Exists = true,
            Profile = e.Profile is { } p ? KnownProfile.Of(p) : null,
            DailyCapMicros = e.View.DailyCapMicros,
            MonthlyCapMicros = e.View.MonthlyCapMicros,
            Raise = e.Raise,
            Parts = e.Parts,
            CountsParts = CountsParts || e.Parts is not null,
            IsCounted = IsCounted || e is not { DailyCapMicros: null, MonthlyCapMicros: null, Parts: null },
        }).In(e.Periods),
        UserEvent.UserVouched => this with { Exists = true },
        UserEvent.GrantPut e => Put(e),
        UserEvent.GrantEnded e => End(e),
        UserEvent.PersonalDataErased e => Erase(e),
        UserEvent.UserPaused e => Stand(new(at, null), e.CommandId, e.Revision, e.Awaited),
        UserEvent.UserUnpaused e => Stand(null, e.CommandId, e.Revision, e.Awaited),
        UserEvent.LinkMade e => this with { LinksUntil = e.Until < LinksUntil ? LinksUntil : e.Until },
        UserEvent.LinksEnded e => this with { LinkGeneration = e.Generation, LinksUntil = null },
        UserEvent.KeyEnded e => End(e),
        UserEvent.AgentStandingTaken e => Take(e),
        UserEvent.SessionsReplaced e => End(e),
        UserEvent.SessionOpened e => WithoutExpired(at).Open(e),
        UserEvent.SessionBegun e => Begin(e),
        UserEvent.OpeningRefused e => Without(e.Session.SessionId),
        UserEvent.SessionClosed e => Ticked(e.Session.SessionId, long.MaxValue).Without(e.Session.SessionId),
        UserEvent.ViolationCounted e => Count(e, at),
        UserEvent.RefusedInScope e => Forgiven(e.AgentId),
        UserEvent.PairSuspended e => Suspend(e, at),
        UserEvent.PairResumed e => Resume(e),
        UserEvent.SessionTold e => Tell(e),
        UserEvent.StandingAnnounced e => this with { Announcements = Announcements.RemoveAll(a => a.CommandId == e.CommandId) },
        UserEvent.AccessAnnounced e => this with { Announcements = Announcements.RemoveAll(a => a.CommandId == e.CommandId) },
        UserEvent.TaskClaimed e => Claim(e),
        UserEvent.TaskCompleted e => Complete(e),
        UserEvent.RewardAsked e => this with
        {
            RewardClaims = RewardClaims.Add(e.CampaignId, new(e.CommandId, e.ClaimId, e.RequestId, e.CampaignId, e.AgentId, e.AgentOwner, e.ExpiresAt)),
        },
        UserEvent.RewardClaimed e => this with
        {
            RewardClaims = RewardClaims.SetItem(e.Claim.CampaignId, RewardClaims[e.Claim.CampaignId] with { AmountMicros = e.Claim.RewardMicros }),
        },
        UserEvent.ClaimRefused e => this with { RewardClaims = RewardClaims.Remove(e.CampaignId) },
        UserEvent.ClaimEnded e => this with { RewardClaims = RewardClaims.Remove(e.CampaignId), Uncounting = Uncounting.SetItem(e.ClaimId, e.CampaignId) },
        UserEvent.RewardTold e => Untold.GetValueOrDefault(e.CompletionId)?.Withdrawn == e.Withdrawn ? this with { Untold = Untold.Remove(e.CompletionId) } : this,
        UserEvent.RewardDisowned => this,
        UserEvent.TaskRefused e => this with { Claims = Claims.Remove(e.CompletionId) },
        UserEvent.TaskVoided e => VoidTask(e, at),
        UserEvent.CompletionReleased e => this with { Uncounting = Uncounting.Remove(e.CompletionId) },
        UserEvent.ConsentWithdrawn e => Withdraw(e),
        UserEvent.HoldReserved e => Reserve(e, at),
        UserEvent.FundPassed e => Pass(e),
        UserEvent.HoldPosted e => Decide(e.HoldId, e.AmountMicros, at),
        UserEvent.HoldVoided e => Decide(e.HoldId, null, at),
        UserEvent.RefundTaken e => Take(e, at),
        UserEvent.RefundReleased e => this with { Refunds = Refunds.Decide(e.TellId, posted: true, at) },
        _ => throw new UnreachableException(),
    };

    // Sessions.

    public UserState WithOpening(string agentId, DateTimeOffset at) => this with
    {
        Openings = Openings.RemoveRange(Openings.Where(o => o.Value.IsOver(at)).Select(o => o.Key)).SetItem(agentId, Openings.GetValueOrDefault(agentId, RateWindow.Fresh).Take(at)),
    };

    private UserState Open(UserEvent.SessionOpened e) => this with
    {
        Sessions = Sessions.Add(e.Session.SessionId, new(e.Session, e.CommandId, false)),
        Unheard = Unheard.Add(e.Session.SessionId),
    };

    private UserState Begin(UserEvent.SessionBegun e) => this with
    {
        Sessions = Sessions.SetItem(e.Session.SessionId, Sessions[e.Session.SessionId] with { Begun = true }),
        Unheard = Unheard.Remove(e.Session.SessionId),
    };

    private UserState Without(string sessionId) => this with { Sessions = Sessions.Remove(sessionId), Unheard = Unheard.Remove(sessionId) };

    /// <summary>A session that has something to hear stays until it has heard it: else a caller might wait for ever.</summary>
    private UserState WithoutExpired(DateTimeOffset at) => this with
    {
        Sessions = Sessions.RemoveRange(Sessions.Values.Where(s => s.Terms.ExpiresAt <= at && !Unheard.Contains(s.Terms.SessionId)).Select(s => s.Terms.SessionId)),
    };

    // Standing.

    private UserState With(string agentId, Pair pair) => this with { Pairs = Pairs.SetItem(agentId, pair) };

    private UserState Forgiven(string agentId) => PairOf(agentId) is { InRow.IsEmpty: false } pair ? With(agentId, pair with { InRow = [] }) : this;

    private UserState Count(UserEvent.ViolationCounted e, DateTimeOffset at)
    {
        var pair = PairOf(e.AgentId);
        return With(e.AgentId, pair with { InRow = [.. pair.InRow.TakeLast(e.InRow - 1), new(e.CommandId, at)] });
    }

    private UserState Suspend(UserEvent.PairSuspended e, DateTimeOffset at)
    {
        var pair = PairOf(e.AgentId);
        var reported = e.ReportedBy is not null;
        return With(e.AgentId, pair with
        {
            InRow = reported ? [.. pair.InRow.TakeLast(e.Violations - 1), new(e.CommandId, at)] : pair.InRow,
            Suspension = new(at, e.ForSeconds is { } seconds ? at.AddSeconds(seconds) : null),
            AnomalyAt = reported ? at : pair.AnomalyAt,
            Revision = e.Revision,
        }).Calm(e.AgentId).Announce(s => s.IsUnder(e.AgentId), e.CommandId, e.Revision, new(true, e.ForSeconds, e.Violations, e.Revision), e.Awaited);
    }

    private UserState Calm(string agentId) => Floods.IsEmpty ? this : this with { Floods = Floods.Remove(agentId) };

    private UserState Resume(UserEvent.PairResumed e) =>
        With(e.AgentId, PairOf(e.AgentId) with { InRow = [], Suspension = null, Revision = e.Revision })
            .Announce(s => s.IsUnder(e.AgentId), e.CommandId, e.Revision, new(PairOf(e.AgentId).Stopped, null, 0, e.Revision), e.Awaited);

    /// <summary>Also the session that reported what has changed is told like any other: an answer to it would say less than there is to hear under its revision.</summary>
    private UserState Announce(Func<SessionOpened, bool> concerns, Guid commandId, long revision, Standing standing, IReadOnlyList<string> awaited, AccessReply? reply = null) => this with
    {
        Unheard = Unheard.Union(Sessions.Values.Where(s => concerns(s.Terms) && s.Begun).Select(s => s.Terms.SessionId)),
        Announcements = awaited.Count == 0 ? Announcements : Announcements.Add(new(commandId, revision, standing, ImmutableSortedSet.CreateRange(StringComparer.Ordinal, awaited), reply)),
    };

    private UserState Tell(UserEvent.SessionTold e)
    {
        var heard = e.Reached && Sessions.TryGetValue(e.SessionId, out var session) && session is { Begun: true, Ended: null } && StandingOf(session.Terms, DateTimeOffset.MinValue).Revision == e.Revision;
        return Ticked(e.SessionId, e.Revision) with { Unheard = heard ? Unheard.Remove(e.SessionId) : Unheard };
    }

    private UserState Ticked(string sessionId, long revision) => this with
    {
        Announcements = !IsHeard(sessionId, revision) ? Announcements : [.. Announcements.Select(a => a.Awaited.Contains(sessionId) ? a with { Awaited = a.Awaited.Remove(sessionId) } : a)],
    };

    // Tasks and consents.

    private UserState Claim(UserEvent.TaskClaimed e) => Forgiven(AnswersFor(e.SessionId, e.AgentId)) with
    {
        Claims = Claims.Add(e.CompletionId, new(e.CommandId, e.CompletionId, e.CampaignId, e.SessionId, e.AgentId, e.GrantedVia, e.Consents, e.AgentOwner, e.ClaimId)),
    };

    private UserState Complete(UserEvent.TaskCompleted e)
    {
        var c = Claims[e.Done.CompletionId];
        var consents = c.Consents.Select(consent => new Consent(consent.ConsentId, consent.Type, e.Done.CompletedAt, null));
        return this with
        {
            Claims = Claims.Remove(c.CompletionId),
            Completions = Completions.Add(c.CampaignId, new(c.CommandId, c.CompletionId, c.CampaignId, c.SessionId, c.AgentId, c.GrantedVia, e.Done.CompletedAt, [.. consents], e.Done.Reward)),
            RewardClaims = RewardClaims.Remove(c.CampaignId),
            Untold = e.Done.Reward is { AmountMicros: > 0 } ? Untold.Add(c.CompletionId, new(c.CampaignId, Withdrawn: false)) : Untold,
        };
    }

    private UserState VoidTask(UserEvent.TaskVoided e, DateTimeOffset at) => this with
    {
        VoidedTasks = VoidedTasks.Decide(e.CompletionId, posted: false, at),
        Uncounting = e.CampaignId is { } campaignId ? Uncounting.SetItem(e.CompletionId, campaignId) : Uncounting,
    };

    /// <summary>The first consent of it that is withdrawn asks its reward back, if that is not paid yet.</summary>
    public static bool EndsReward(Completion completion) => completion is { Reward.AmountMicros: > 0, Consented: true };

    private UserState Withdraw(UserEvent.ConsentWithdrawn e)
    {
        var completion = Completions[e.CampaignId];
        var consents = completion.Consents.Select(c => c.ConsentId == e.ConsentId ? c with { WithdrawnAt = e.WithdrawnAt } : c);
        return this with
        {
            Completions = Completions.SetItem(e.CampaignId, completion with { Consents = [.. consents] }),
            Untold = EndsReward(completion) ? Untold.SetItem(completion.CompletionId, new(e.CampaignId, Withdrawn: true)) : Untold,
        };
    }
}

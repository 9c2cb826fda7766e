using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using static Agora.Core.Tests.Sessions.SessionScenario;

namespace Agora.Core.Tests.Sessions;

/// <summary>A session as a node above others' runs, and a run that needs those above.</summary>
public sealed class NodeTests
{
    [Fact]
    public void A_run_asks_user_fund_and_every_session_above_at_once()
    {
        var session = Below(Root, Middle).When(Run(candidates: Everyones));
        Assert.All(session.Last.Steps, step => Assert.Equal(Phase.AtOnce, step.Phase));
        var above = session.Last.Steps.Select(s => ((StepTarget.Entity)s.Target).Command).OfType<NodeCommand.Reserve>().Select(r => r.Terms).OfType<ReserveTerms.OfSession>().ToList();
        Assert.Equal([Middle.SessionId, "s1"], above.Select(h => h.Branch));
        Assert.Equal(4, session.Last.Steps.Length);
        Assert.Equal(["a-root", "a-middle"], ((ReserveTerms.OfUser)session.Command<NodeCommand.Reserve>().Terms).Above);
        Assert.Equal("a-root", ((ReserveTerms.OfUser)session.Command<NodeCommand.Reserve>().Terms).Grantee);
    }

    [Theory]
    [InlineData(0, 1, 2)]
    [InlineData(0, 2, 1)]
    [InlineData(1, 0, 2)]
    [InlineData(2, 0, 1)]
    [InlineData(1, 2, 0)]
    [InlineData(2, 1, 0)]
    public void The_service_is_called_when_the_last_has_said_yes_in_whatever_order(int first, int second, int third)
    {
        var session = Below(Root, Middle).Requested(out var run, service: Echo with { PriceMicros = 0 });
        var (steps, left) = (session.Last.Steps, new long[] { 90, 70, 80 });
        foreach (var place in new[] { first, second, third })
        {
            Assert.DoesNotContain(session.Last.Steps, s => s.Target is StepTarget.Outside);
            StepOutcome yes = place == 0 ? Answered(new UserReserved(session.State.Pending[run].UserHold, null, null, "Free.", left[0])) : Answered(new SessionReserved(HoldAbove(steps[place]), left[place]));
            session.When((LeafCommand)steps[place].Then(yes)!);
        }

        Assert.IsType<ServiceCall>(Assert.IsType<StepTarget.Outside>(Assert.Single(session.Last.Steps).Target).Call);
        session.WhenStep(0, new ServiceOutcome.Output("1"u8.ToArray(), 1))
            .ThenAnsweredLate(run, answer => Assert.Equal(70, Assert.IsType<RunView>(answer.Reply).AboveMicros));
    }

    [Fact]
    public void With_a_sponsor_the_service_is_called_when_the_fund_and_those_above_have_said_yes()
    {
        var session = Below(Root).Requested(out var run);
        var above = session.Last.Steps[1];
        session.WhenStep(0, Reserved(session, run)).ThenEvents(typeof(RunEvent.FundChosen));
        session.WhenStep(0, Answered(new FundReserved(session.State.Pending[run].FundHold!.Value))).Then();
        Assert.Empty(session.Last.Steps);
        session.When((LeafCommand)above.Then(Answered(new SessionReserved(HoldAbove(above), 1)))!);
        Assert.IsType<ServiceCall>(Assert.IsType<StepTarget.Outside>(Assert.Single(session.Last.Steps).Target).Call);
    }

    [Fact]
    public void A_refusal_above_voids_every_hold_and_says_who_refused()
    {
        var session = Below(Root, Middle).Requested(out var run);
        var over = RunRejection.OverBudget(Root.SessionId, Price, 3);
        session.When((LeafCommand)session.Last.Steps[1].Then(Refused(over))!).ThenEvents(typeof(RunEvent.Refused));
        session.ThenAnsweredLate(run, answer => Assert.Contains(answer.Rejection!.Facts!, f => f.Name == "node" && f.Value.Contains(Root.SessionId, StringComparison.Ordinal)));
        Assert.Equal([Kinds.User, Kinds.Session, Kinds.Session], session.Last.Steps.Select(s => ((StepTarget.Entity)s.Target).Stream.Kind));
        Assert.Equal([(Kinds.User, typeof(NodeCommand.Void)), (Kinds.Session, typeof(NodeCommand.Void)), (Kinds.Session, typeof(NodeCommand.Void))], session.Last.Steps.Select(s => (StepTarget.Entity)s.Target).Select(t => (t.Stream.Kind, t.Command.GetType())));
        session.ThenBudget(0, 0);
    }

    [Fact]
    public void One_above_that_does_not_answer_fails_the_run_and_is_told_to_void()
    {
        var session = Below(Root).Requested(out _);
        session.WhenStep(1, Lost).ThenEvents(typeof(RunEvent.Refused));
        Assert.Equal(2, session.State.Followers.Length);
    }

    [Fact]
    public void Those_above_follow_a_posted_run_and_inquire_about_one_under_way()
    {
        var session = Below(Root).Requested(out var run, service: Echo with { PriceMicros = 0 });
        var hold = HoldAbove(session.Last.Steps[1]);
        session.When(new NodeCommand.Inquire(run, hold)).Then().ThenAnswered(new Inquired(run, hold, Open: true, Posted: false, 0));
        session.When((LeafCommand)SessionDecider.Unfinished(session.State, session.Now).Single().Then(Lost)!);
        Assert.Contains(session.State.Followers, f => f.HoldId == hold && f.Node == StreamId.Session(Root.SessionId) && !f.Posted);
        session.When(new NodeCommand.Inquire(run, hold)).ThenAnswered(new Inquired(run, hold, Open: false, Posted: false, 0));
    }

    [Fact]
    public void A_run_below_is_held_then_posted_on_this_budget()
    {
        var session = Begun().Delegated(out var child);
        var hold = session.HoldOf(child);
        session.When(hold).ThenAnswered(new SessionReserved(hold.HoldId, Limit - Price)).ThenBudget(0, Price)
            .When(new NodeCommand.Post(hold.HoldId, 30)).ThenBudget(30, 0)
            .When(new NodeCommand.Post(hold.HoldId, 30)).Then().ThenBudget(30, 0);
    }

    [Fact]
    public void What_is_spent_below_is_told_where_it_passes_80_and_100_percent_and_between_them_not()
    {
        var session = Begun().Delegated(out var child);
        foreach (var (amount, left) in new[] { (79L, (long?)null), (6, 15), (10, null), (5, 0) })
        {
            var hold = session.HoldOf(child, amount);
            session.When(hold).When(new NodeCommand.Post(hold.HoldId, amount));
            Assert.Equal(left, Assert.IsType<SessionEvent.HoldPosted>(Assert.Single(session.Last.Events)).Near?.RemainingMicros);
        }
    }

    [Fact]
    public void Own_runs_and_those_below_share_the_budget()
    {
        var session = Begun().Delegated(out var child);
        session.When(session.HoldOf(child, 80)).When(Run()).ThenRefused(Codes.BudgetExceeded);
        session.When(session.HoldOf(child, 21)).ThenRejected(RunRejection.OverBudget("s1", 21, 20));
        session.When(session.HoldOf(child, 20)).ThenBudget(0, 100);
    }

    [Fact]
    public void A_void_before_its_reserve_leaves_a_tombstone()
    {
        var session = Begun().Delegated(out var child);
        var hold = session.HoldOf(child);
        session.When(new NodeCommand.Void(hold.HoldId)).ThenEvents(typeof(SessionEvent.HoldVoided)).When(hold).ThenRejected(SessionRejection.HoldIsDecided);
    }

    [Fact]
    public void An_ended_expired_or_suspended_session_holds_nothing_more_and_lets_what_it_holds_be_posted()
    {
        var ended = Begun().Delegated(out var child);
        var hold = ended.HoldOf(child);
        ended.When(hold).When(new SessionCommand.Revoke(Request()));
        ended.When(ended.HoldOf(child)).ThenRefused(Codes.SessionRevoked);
        ended.When(new NodeCommand.Post(hold.HoldId, Price)).ThenBudget(Price, 0);

        var suspended = Begun().Delegated(out child).When(new AccessCommand.SetStanding(true, 60, 1));
        suspended.When(suspended.HoldOf(child)).ThenRefused(Codes.SessionSuspended);
        suspended.After(TimeSpan.FromSeconds(60)).When(suspended.HoldOf(child)).ThenEvents(typeof(SessionEvent.HoldReserved));

        var expired = Begun().Delegated(out child).After(TimeSpan.FromHours(1) - TimeSpan.FromTicks(10));
        expired.When(expired.HoldOf(child)).ThenEvents(typeof(SessionEvent.HoldReserved));
        expired.After(TimeSpan.FromTicks(10)).When(expired.HoldOf(child)).ThenRefused(Codes.SessionExpired);
    }

    [Fact]
    public void A_branch_holds_to_the_last_moment_before_it_expires()
    {
        var session = Begun().Delegated(out var child, seconds: 60).After(TimeSpan.FromSeconds(60) - TimeSpan.FromTicks(10));
        session.When(session.HoldOf(child)).ThenEvents(typeof(SessionEvent.HoldReserved));
        session.After(TimeSpan.FromTicks(10)).When(session.HoldOf(child)).ThenRefused(Codes.SessionRevoked);
    }

    [Fact]
    public void An_overdue_hold_is_asked_about_at_its_owner_and_follows_the_answer()
    {
        var session = Begun().Delegated(out var child);
        var hold = session.HoldOf(child);
        session.When(hold);
        Assert.Equal(Ids.TimeOf(hold.HoldId) + Limits.InquiryAfter, SessionDecider.Due(session.State));
        session.After(Limits.InquiryAfter).When(new SessionCommand.Tick()).ThenSteps(new NodeCommand.Inquire(hold.RunId, hold.HoldId));
        var ask = session.Last.Steps[0];
        Assert.Equal(StreamId.Session(child), ((StepTarget.Entity)ask.Target).Stream);
        Assert.Null(ask.Then(Answered(new Inquired(hold.RunId, hold.HoldId, Open: true, Posted: false, 0))));
        session.When((LeafCommand)ask.Then(Answered(new Inquired(hold.RunId, hold.HoldId, Open: true, Posted: false, 0, 300)))!).Then();
        Assert.Equal(session.Now.AddSeconds(300), SessionDecider.Due(session.State));
        session.When((LeafCommand)ask.Then(Answered(new Inquired(hold.RunId, hold.HoldId, Open: false, Posted: true, 30)))!).ThenBudget(30, 0);
        Assert.Null(SessionDecider.Due(session.State));
    }

    [Theory]
    [InlineData(899, 899)]
    [InlineData(901, 900)]
    [InlineData(int.MaxValue, 900)]
    public void An_overdue_hold_is_asked_about_after_15_minutes_at_most_however_long_its_owner_says_that_it_stays_open(int said, int putOff)
    {
        var session = Begun().Delegated(out var child);
        var hold = session.HoldOf(child);
        session.When(hold).After(Limits.InquiryAfter).When(new SessionCommand.Tick());
        session.When((LeafCommand)session.Last.Steps[0].Then(Answered(new Inquired(hold.RunId, hold.HoldId, Open: true, Posted: false, 0, said)))!).Then();
        Assert.Equal(session.Now.AddSeconds(putOff), SessionDecider.Due(session.State));
        session.After(TimeSpan.FromSeconds(putOff)).When(new SessionCommand.Tick()).ThenSteps(new NodeCommand.Inquire(hold.RunId, hold.HoldId));
    }

    private static readonly Candidate Everyones = Sponsor with { NeedsAttributes = false };

    private static Guid HoldAbove(Step step) => ((NodeCommand.Reserve)((StepTarget.Entity)step.Target).Command).HoldId;
}

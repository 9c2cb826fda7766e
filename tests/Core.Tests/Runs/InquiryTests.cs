using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using static Agora.Core.Tests.Sessions.SessionScenario;

namespace Agora.Core.Tests.Runs;

/// <summary>What a node with an overdue hold is told. Void is for ever, so it needs an event here, or one that is here already.</summary>
public sealed class InquiryTests
{
    [Fact]
    public void A_hold_of_a_run_under_way_is_open_and_nothing_follows()
    {
        var session = Begun().Called(out var run);
        var pending = session.State.Pending[run];
        Assert.All([pending.UserHold, pending.FundHold!.Value], hold => Asked(session, run, hold).Then().ThenAnswered(new Inquired(run, hold, Open: true, Posted: false, 0)));
    }

    [Fact]
    public void A_hold_of_a_posted_run_is_posted_with_its_amount()
    {
        var session = Begun().Succeeded(out var run);
        Assert.All(session.State.Followers, f => Asked(session, run, f.HoldId).Then().ThenAnswered(new Inquired(run, f.HoldId, Open: false, Posted: true, Price)));
    }

    [Fact]
    public void A_hold_of_a_voided_run_is_void()
    {
        var session = Begun().Called(out var run).Abandoned(run);
        Assert.All(session.State.Followers, f => Asked(session, run, f.HoldId).Then().ThenAnswered(new Inquired(run, f.HoldId, Open: false, Posted: false, 0)));
    }

    [Fact]
    public void A_hold_of_a_run_that_never_became_durable_is_disowned_by_an_event()
    {
        var session = Begun();
        var (run, hold) = (session.NextId(), session.NextId());
        Asked(session, run, hold).Then(new RunEvent.HoldDisowned(run, hold)).ThenAnswered(new Inquired(run, hold, Open: false, Posted: false, 0));
        Assert.Equal(Riding.No, session.Last.Riding);
    }

    [Fact]
    public void A_hold_of_a_sponsor_that_was_passed_over_is_disowned_while_its_run_goes_on()
    {
        var session = Begun().Limited(out var run);
        var first = session.State.Pending[run].FundHold!.Value;
        session.WhenStep(0, Refused(Elsewhere));
        session.WhenStep(0, Reserved(session, run, Sponsor with { CampaignId = "c2" }));
        Asked(session, run, first).Then(new RunEvent.HoldDisowned(run, first));
        Assert.True(session.State.Pending.ContainsKey(run));
    }

    [Fact]
    public void A_hold_of_a_session_that_never_was_is_disowned()
    {
        var session = Fresh();
        var (run, hold) = (session.NextId(), session.NextId());
        Asked(session, run, hold).Then(new RunEvent.HoldDisowned(run, hold));
    }

    [Fact]
    public void An_ended_session_still_answers_for_its_holds()
    {
        var session = Begun().Called(out var run).When(new SessionCommand.Revoke(Request("end_session")));
        var hold = session.State.Pending[run].UserHold;
        Asked(session, run, hold).ThenAnswered(new Inquired(run, hold, Open: true, Posted: false, 0));
    }

    /// <summary>The very run again, after a crash took its key: its old holds may still be followed while new ones are pending.</summary>
    [Fact]
    public void A_run_that_is_run_again_keeps_the_holds_of_both_apart()
    {
        var session = Begun().Called(out var run).Abandoned(run);
        var old = session.State.Followers[0].HoldId;
        session.After(TimeSpan.FromSeconds(1)).When(Run(keyed: true), run).ThenEvents(typeof(RunEvent.Requested));
        SessionEntity.Entity.CheckInvariants(session.State, thorough: true);
        Asked(session, run, old).ThenAnswered(new Inquired(run, old, Open: false, Posted: false, 0));
        var young = session.State.Pending[run].UserHold;
        Asked(session, run, young).ThenAnswered(new Inquired(run, young, Open: true, Posted: false, 0));
    }

    private static SessionTest Asked(SessionTest session, Guid run, Guid hold) => session.When(new NodeCommand.Inquire(run, hold));
}

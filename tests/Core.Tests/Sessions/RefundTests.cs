using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Sessions;
using static Agora.Core.Tests.Sessions.SessionScenario;

namespace Agora.Core.Tests.Sessions;

public sealed class RefundTests
{
    [Fact]
    public void What_is_given_back_may_be_spent_again()
    {
        var session = Begun().Succeeded(out var run);
        var tell = session.NextId();

        session.When(new NodeCommand.TakeRefund(tell, run, 15)).Then(new SessionEvent.RefundTaken(tell, run, 15)).ThenAnswered(new RefundTold(tell, HoldStanding.Held));

        session.ThenBudget(spent: Price - 15, held: 0);
    }

    [Fact]
    public void Told_again_it_counts_once_before_its_release_and_after()
    {
        var session = Begun().Succeeded(out var run);
        var take = new NodeCommand.TakeRefund(session.NextId(), run, 15);
        var told = new RefundTold(take.TellId, HoldStanding.Held);
        session.When(take).ThenAnswered(told).After(TimeSpan.FromDays(2)).When(take).Then().ThenAnswered(told);

        var release = new NodeCommand.ReleaseRefund(take.TellId);
        session.When(release).Then(new SessionEvent.RefundReleased(take.TellId)).When(release).Then();

        session.When(take).Then().ThenAnswered(told with { Standing = HoldStanding.Posted });
        session.After(TimeSpan.FromDays(2)).When(take).Then();
        session.ThenBudget(spent: Price - 15, held: 0);
    }

    [Fact]
    public void An_id_that_comes_too_late_is_never_counted()
    {
        var session = Begun().Succeeded(out var run);
        var take = new NodeCommand.TakeRefund(session.NextId(), run, 15);

        session.After(Limits.ReserveMaxAge + TimeSpan.FromMilliseconds(1)).When(take).Then().ThenAnswered(new RefundTold(take.TellId, HoldStanding.Late));
        session.After(Limits.OutcomeKept).When(take).Then().ThenAnswered(new RefundTold(take.TellId, HoldStanding.Forgotten));

        session.ThenBudget(spent: Price, held: 0);
    }

    [Fact]
    public void A_session_above_that_has_yet_to_follow_the_run_cannot_count_its_refund_Unavailable()
    {
        var session = Begun(limit: 500).Delegated(out var child);
        var hold = session.HoldOf(child);
        session.When(hold).When(new NodeCommand.TakeRefund(session.NextId(), hold.RunId, 15)).ThenRejected(NotPosted);

        session.When(new NodeCommand.Post(hold.HoldId, Price)).When(new NodeCommand.TakeRefund(session.NextId(), hold.RunId, 15)).ThenEvents(typeof(SessionEvent.RefundTaken));

        session.ThenState(s => Assert.Equal(Price - 15, s.Budget.Posted));
    }

    [Fact]
    public void A_session_that_has_ended_counts_it_too()
    {
        var session = Begun().Succeeded(out var run).When(new SessionCommand.Revoke(Request("end_session")));

        session.When(new NodeCommand.TakeRefund(session.NextId(), run, Price)).ThenEvents(typeof(SessionEvent.RefundTaken));

        session.ThenBudget(spent: 0, held: 0);
    }

    [Fact]
    public void More_than_was_spent_breaks_an_invariant()
    {
        var session = Begun().Succeeded(out var run);
        var happened = new SessionEvent.RefundTaken(session.NextId(), run, Price + 1);
        Assert.Equal("refund_within_posted", Assert.Throws<InvariantViolationException>(() => session.State.Evolve(happened, session.Now)).Name);
    }

    private static Rejection NotPosted => new(Codes.Unavailable, "The payment has not been counted here yet.", Retry: true);
}

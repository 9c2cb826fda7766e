using Agora.Core.Agents;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agent = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Agents.AgentState, Agora.Core.Agents.AgentCommand, Agora.Core.Agents.AgentEvent>;

namespace Agora.Core.Tests.Agents;

public sealed class AgentTests
{
    private static readonly DateTimeOffset InAnHour = Agent.Start + TimeSpan.FromHours(1);

    [Fact]
    public void An_agents_owner_is_what_was_put_last_and_the_same_again_changes_nothing()
    {
        var agent = NewAgent();
        agent.When(new AgentCommand.Get()).ThenRejected(AgentRejection.NotFound)
            .When(new AgentCommand.PutAgent("acme")).ThenAnswered(new AgentView("a1", "acme", agent.Now))
            .After(TimeSpan.FromHours(1)).When(new AgentCommand.PutAgent("acme")).Then()
            .When(new AgentCommand.Get()).ThenAnswered(new AgentView("a1", "acme", Agent.Start))
            .When(new AgentCommand.PutAgent(null)).ThenAnswered(new AgentView("a1", null, agent.Now));
    }

    [Fact]
    public void Issued_key_is_accepted()
    {
        var agent = NewAgent();
        var id = Issue(agent, Hash(1), InAnHour);
        agent.ThenAnswered(new KeyIssued(id, InAnHour))
            .When(new AgentCommand.VerifyKey(Hash(1))).Then().ThenAnswered(new KeyAccepted(id, InAnHour));
    }

    [Fact]
    public void Keys_are_listed_newest_first_with_what_tells_which_a_text_is()
    {
        var agent = NewAgent();
        agent.When(new AgentCommand.ListKeys()).ThenRejected(AgentRejection.NotFound);
        var issued = agent.Now;
        var first = Issue(agent, Hash(1), InAnHour);
        agent.After(TimeSpan.FromMinutes(1));
        var second = Issue(agent, Hash(2), null);
        agent.When(new AgentCommand.ListKeys()).Then().ThenAnswered<AgentKeysView>(view => Assert.Equal(
            [new(second, Hash(2)[..16], issued.AddMinutes(1), null, null, true), new AgentKeyView(first, Hash(1)[..16], issued, InAnHour, null, true)], view.Keys));
        agent.At(InAnHour).When(new AgentCommand.ListKeys()).ThenAnswered<AgentKeysView>(view => Assert.Equal([true, false], view.Keys.Select(key => key.Live)));
    }

    [Fact]
    public void Every_live_key_is_accepted_as_itself()
    {
        var agent = NewAgent();
        var ids = Enumerable.Range(0, Limits.LiveKeys).Select(n => Issue(agent, Hash(n), null)).ToList();
        Assert.All(Enumerable.Range(0, ids.Count), n => agent.When(new AgentCommand.VerifyKey(Hash(n))).ThenAnswered(new KeyAccepted(ids[n])));
    }

    [Fact]
    public void Unknown_truncated_or_empty_key_is_rejected_unauthorized()
    {
        var agent = NewAgent();
        agent.When(new AgentCommand.VerifyKey(Hash(1))).ThenRejected(AgentRejection.Unauthorized);
        Issue(agent, Hash(1), null);
        agent.When(new AgentCommand.VerifyKey(Hash(2))).ThenRejected(AgentRejection.Unauthorized)
            .When(new AgentCommand.VerifyKey(Hash(1)[..63])).ThenRejected(AgentRejection.Unauthorized)
            .When(new AgentCommand.VerifyKey("")).ThenRejected(Codes.Unauthorized);
    }

    [Fact]
    public void Key_is_rejected_unauthorized_from_the_moment_it_expires()
    {
        var agent = NewAgent();
        Issue(agent, Hash(1), InAnHour);
        agent.At(InAnHour - TimeSpan.FromMicroseconds(1)).When(new AgentCommand.VerifyKey(Hash(1))).ThenAnswered<KeyAccepted>(_ => { })
            .At(InAnHour).When(new AgentCommand.VerifyKey(Hash(1))).ThenRejected(AgentRejection.Unauthorized);
    }

    [Fact]
    public void Revoked_key_is_rejected_unauthorized_and_revoked_at_once_for_ever()
    {
        var agent = NewAgent();
        var id = Issue(agent, Hash(1), null);
        Revoke(agent, id).When(new AgentCommand.VerifyKey(Hash(1))).ThenRejected(AgentRejection.Unauthorized)
            .After(TimeSpan.FromDays(1)).When(new AgentCommand.RevokeKey(id)).Then().ThenAnswered(new KeyRevoked(id, Agent.Start));
    }

    [Fact]
    public void Key_that_was_never_issued_cannot_be_revoked_not_found() =>
        NewAgent().When(new AgentCommand.RevokeKey("nope")).ThenRejected(AgentRejection.NoSuchKey);

    [Fact]
    public void Key_that_would_be_expired_is_rejected_validation_failed() => NewAgent()
        .When(new AgentCommand.IssueKey(Hash(1), Agent.Start)).ThenRejected(AgentRejection.ExpiryPast)
        .When(new AgentCommand.IssueKey(Hash(1), Agent.Start - TimeSpan.FromDays(1))).ThenRejected(Codes.ValidationFailed);

    [Fact]
    public void One_key_too_many_is_rejected_until_another_is_revoked()
    {
        var agent = NewAgent();
        var ids = Enumerable.Range(0, Limits.LiveKeys).Select(n => Issue(agent, Hash(n), null)).ToList();
        agent.When(new AgentCommand.IssueKey(Hash(99), null)).ThenRejected(AgentRejection.TooManyKeys)
            .ThenState(_ => Revoke(agent, ids[7]))
            .When(new AgentCommand.IssueKey(Hash(99), null)).ThenEvents(typeof(AgentEvent.KeyIssued));
    }

    [Fact]
    public void Dead_keys_do_not_pile_up()
    {
        var agent = NewAgent();
        for (var n = 0; n < 5 * Limits.LiveKeys; n++)
        {
            var id = Issue(agent, Hash(n), null);
            Revoke(agent, id).After(TimeSpan.FromSeconds(1));
        }

        agent.ThenState(s => Assert.InRange(s.Keys.Count, 1, Limits.LiveKeys + 1));
    }

    [Fact]
    public void A_revoked_key_is_told_to_every_user_before_it_is_answered()
    {
        var agent = NewAgent();
        var id = Issue(agent, Hash(1), null);
        var command = Ids.FromKey("t", "c", "revoke");
        agent.When(new AgentCommand.RevokeKey(id), command).ThenLater().Then(new AgentEvent.KeyRevoked(id, Agent.Start, command));
        Assert.Equal(new StepTarget.Outside(new EachUser("a1", new UserCommand.EndKey("a1", id))), Assert.Single(agent.Last.Steps).Target);
        agent.WhenStep(0, Reached).Then(new AgentEvent.UsersTold(command, new(id, Agent.Start), null))
            .ThenAnsweredLate(command, a => Assert.Equal(new KeyRevoked(id, Agent.Start), a.Reply));
        Assert.False(AgentDecider.IsUnfinished(agent.State));
    }

    [Fact]
    public void A_user_out_of_reach_delays_the_answer_only_once_and_is_told_again()
    {
        var agent = NewAgent();
        var id = Issue(agent, Hash(1), null);
        var command = Ids.FromKey("t", "c", "revoke");
        agent.When(new AgentCommand.RevokeKey(id), command).WhenStep(0, new StepOutcome.Unreachable()).Then(new AgentEvent.UsersTold(command, new(id, Agent.Start), null, Missed: true)).ThenAnsweredLate(command, a => Assert.Equal(new KeyRevoked(id, Agent.Start), a.Reply));
        Assert.Equal(new StepTarget.Outside(new EachUser("a1", new UserCommand.EndKey("a1", id))), Assert.Single(AgentDecider.Unfinished(agent.State, agent.Now)).Target);
        var again = AgentDecider.Unfinished(agent.State, agent.Now).Single();
        agent.When((AgentCommand)again.Then(new StepOutcome.Unreachable())!).Then().When((AgentCommand)again.Then(Reached)!).ThenEvents(typeof(AgentEvent.UsersTold));
        Assert.False(AgentDecider.IsUnfinished(agent.State));
    }

    [Fact]
    public void A_revoked_key_that_not_every_user_has_heard_of_is_known_until_they_have_however_many_die_after_it()
    {
        var agent = NewAgent();
        var id = Issue(agent, Hash(1), null);
        agent.When(new AgentCommand.RevokeKey(id), Ids.FromKey("t", "c", "revoke")).WhenStep(0, new StepOutcome.Unreachable());
        for (var n = 0; n < 2 * Limits.LiveKeys; n++)
        {
            Revoke(agent, Issue(agent, Hash(100 + n), null)).After(TimeSpan.FromSeconds(1));
        }

        var told = (AgentCommand)AgentDecider.Unfinished(agent.State, agent.Now).Single().Then(Reached)!;
        agent.When(told).ThenEvents(typeof(AgentEvent.UsersTold));
        Assert.False(AgentDecider.IsUnfinished(agent.State));
        Issue(agent, Hash(2), null);
        agent.When(new AgentCommand.RevokeKey(id)).ThenRejected(AgentRejection.NoSuchKey);
    }

    [Fact]
    public void A_stopped_agents_key_is_refused_session_suspended_and_every_user_is_told_until_it_is_started()
    {
        var agent = NewAgent();
        var id = Issue(agent, Hash(1), null);
        agent.When(new AgentCommand.Stop("odd")).ThenEvents(typeof(AgentEvent.Stopped)).ThenLater();
        Assert.Equal(new StepTarget.Outside(new EachUser("a1", new UserCommand.SetAgentStanding("a1", true, 1))), Assert.Single(agent.Last.Steps).Target);
        agent.WhenStep(0, Reached).When(new AgentCommand.VerifyKey(Hash(1))).ThenRejected(UserRejection.Stopped)
            .When(new AgentCommand.Start("mended")).ThenLater();
        Assert.Equal(new StepTarget.Outside(new EachUser("a1", new UserCommand.SetAgentStanding("a1", false, 2))), Assert.Single(agent.Last.Steps).Target);
        agent.WhenStep(0, Reached).When(new AgentCommand.VerifyKey(Hash(1))).ThenAnswered(new KeyAccepted(id, null, 2));
    }

    [Fact]
    public void A_stop_that_is_asked_again_tells_again_under_the_same_revision_and_a_start_does_not()
    {
        var agent = NewAgent();
        Issue(agent, Hash(1), null);
        agent.When(new AgentCommand.Stop("odd")).WhenStep(0, Reached).When(new AgentCommand.Stop("again")).ThenEvents(typeof(AgentEvent.Stopped)).ThenLater();
        Assert.Equal(new StepTarget.Outside(new EachUser("a1", new UserCommand.SetAgentStanding("a1", true, 1))), Assert.Single(agent.Last.Steps).Target);
        agent.WhenStep(0, Reached).When(new AgentCommand.Start("mended")).WhenStep(0, Reached)
            .When(new AgentCommand.Start("again")).Then().ThenAnswered(new AgentView("a1", null, Agent.Start, Stopped: false));
    }

    [Fact]
    public void Who_asked_for_a_stop_is_told_of_that_stop_whatever_came_before_all_users_had_heard_of_it()
    {
        var agent = NewAgent();
        Issue(agent, Hash(1), null);
        var (stop, stopped) = (Ids.FromKey("t", "c", "stop"), new AgentView("a1", null, Agent.Start, Stopped: true));
        agent.When(new AgentCommand.Stop("odd"), stop);
        var tell = agent.Last.Steps[0];
        agent.After(TimeSpan.FromSeconds(1)).When(new AgentCommand.Start("mended"));

        agent.When((AgentCommand)tell.Then(new StepOutcome.Unreachable())!).Then(new AgentEvent.UsersTold(stop, null, stopped, Missed: true)).ThenAnsweredLate(stop, a => Assert.Equal(stopped, a.Reply))
            .When((AgentCommand)tell.Then(Reached)!).Then(new AgentEvent.UsersTold(stop, null, stopped));
    }

    [Fact]
    public void An_agent_that_nothing_has_happened_to_cannot_be_stopped_not_found() => NewAgent().When(new AgentCommand.Stop("odd")).ThenRejected(AgentRejection.NotFound);

    [Fact]
    public void Stopped_and_started_too_often_while_users_are_out_of_reach_is_rejected_until_they_were_told()
    {
        var agent = NewAgent();
        Issue(agent, Hash(1), null);
        for (var n = 0; n < Limits.LiveKeys; n++)
        {
            agent.When(n % 2 == 0 ? new AgentCommand.Stop("odd") : new AgentCommand.Start("fine")).ThenLater();
        }

        agent.When(new AgentCommand.Stop("odd")).ThenRejected(AgentRejection.StillTelling);
    }

    private static readonly StepOutcome Reached = new StepOutcome.Answered(Answer.Of(Nothing.Value));

    private static Agent Revoke(Agent agent, string id) => agent.When(new AgentCommand.RevokeKey(id)).ThenEvents(typeof(AgentEvent.KeyRevoked)).WhenStep(0, Reached);

    private static string Issue(Agent agent, string hash, DateTimeOffset? expiresAt)
    {
        agent.When(new AgentCommand.IssueKey(hash, expiresAt)).ThenEvents(typeof(AgentEvent.KeyIssued));
        return ((AgentEvent.KeyIssued)agent.Last.Events[0]).KeyId;
    }

    private static string Hash(int n) => n.ToString("x64");

    private static Agent NewAgent() => Agent.Of(StreamId.Agent("a1")).Natural(c => c is AgentCommand.RevokeKey or AgentCommand.Start);
}

using Agora.Core.Access;
using Agora.Core.Agents;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Core.Tests.Users;
using Agora.Core.Users;
using Agent = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Agents.AgentState, Agora.Core.Agents.AgentCommand, Agora.Core.Agents.AgentEvent>;
using Campaign = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Campaigns.CampaignState, Agora.Core.Campaigns.CampaignCommand, Agora.Core.Campaigns.CampaignEvent>;
using Service = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Services.ServiceState, Agora.Core.Services.ServiceCommand, Agora.Core.Services.ServiceEvent>;

namespace Agora.Core.Tests.Kernel;

/// <summary>Of each thing that operators put: two edits of the same definition are not both carried out, and what is dropped is said.</summary>
public sealed class EditTests
{
    private static readonly ServiceDefinition Summary = new("Summary", "Summarises text", "text", 250_000, "https://text.example/run", "provider-1", "owner-1", null, null, null, Limits.ServiceTimeoutMsDefault, true);
    private static readonly Precondition IsNew = new(NoneMatch: [Precondition.Any]);
    private static readonly Precondition IsThere = new([Precondition.Any]);

    [Fact]
    public void An_agent_changes_for_the_first_of_two_who_read_the_same_and_for_the_second_not_precondition_failed()
    {
        var agent = Agent.Of(StreamId.Agent("a1")).When(Put("acme", IsThere)).ThenRejected(Codes.PreconditionFailed).When(Put("acme", IsNew)).ThenEvents(typeof(AgentEvent.AgentPut)).When(Put(null, IsNew)).ThenRejected(Codes.PreconditionFailed);
        var read = Precondition.IsStill(agent.State.View(agent.Now).Etag);

        agent.When(Put("first", read)).ThenAnswered(new AgentView("a1", "first", agent.Now))
            .When(Put("second", read)).ThenRejected(Codes.PreconditionFailed)
            .When(new AgentCommand.PutAgent(null, new(Unnamed: ["owner"]))).ThenAnswered(new AgentView("a1", null, agent.Now, Dropped: ["owner"]));

        static AgentCommand Put(string? owner, Precondition when) => new AgentCommand.PutAgent(owner, new(when));
    }

    [Fact]
    public void An_agents_etag_is_of_its_owner_alone()
    {
        var agent = Agent.Of(StreamId.Agent("a1")).When(new AgentCommand.PutAgent("acme"));
        var before = agent.State.View(agent.Now).Etag;

        agent.After(TimeSpan.FromHours(1)).When(new AgentCommand.IssueKey("hash", null)).When(new AgentCommand.Stop("why"));

        Assert.Equal(before, agent.State.View(agent.Now).Etag);
        Assert.NotEqual(before, new AgentView("a1", null, agent.Now).Etag);
    }

    [Fact]
    public void A_stopped_agent_that_is_put_is_answered_as_stopped() => Agent.Of(StreamId.Agent("a1"))
        .When(new AgentCommand.PutAgent("acme")).When(new AgentCommand.Stop("why"))
        .When(new AgentCommand.PutAgent("other")).ThenAnswered<AgentView>(view => Assert.True(view.Stopped));

    [Fact]
    public void A_service_changes_for_the_first_of_two_who_read_the_same_and_for_the_second_not_precondition_failed()
    {
        var service = Service.Of(StreamId.Service("s1")).When(Put(Summary, IsThere)).ThenRejected(Codes.PreconditionFailed).When(Put(Summary, IsNew)).ThenEvents(typeof(ServiceEvent.DefinitionPut));
        var read = Precondition.IsStill(service.State.View!.Etag);

        service.When(Put(Summary with { PriceMicros = 1 }, read)).ThenEvents(typeof(ServiceEvent.DefinitionPut))
            .When(Put(Summary with { PriceMicros = 2 }, read)).ThenRejected(Codes.PreconditionFailed)
            .When(new ServiceCommand.PutService(Summary with { Owner = null }, null, new(Unnamed: ["owner", "auth"])))
            .ThenAnswered<ServiceView>(view => Assert.Equal(["owner"], view.Dropped))
            .ThenState(s => Assert.Null(s.View!.Dropped));
    }

    /// <summary>Nobody reads a secret back, and two who change it at once must not both believe that theirs stands.</summary>
    [Fact]
    public void A_services_etag_is_of_its_definition_and_changes_with_its_secret()
    {
        var closed = Summary with { AuthHeader = "X-Key" };
        var service = Service.Of(StreamId.Service("s1")).When(new ServiceCommand.PutService(closed, Personal.Of("one")));
        var read = service.State.View!.Etag;

        service.After(TimeSpan.FromHours(1)).When(new ServiceCommand.ReportOvercharge(Guid.NewGuid(), 2, 1)).When(new ServiceCommand.Disable("failed"));
        Assert.Equal(read, service.State.View!.Etag);
        service.When(new ServiceCommand.PutService(closed, Personal.Of("two"), new(Precondition.IsStill(read)))).ThenEvents(typeof(ServiceEvent.DefinitionPut))
            .When(new ServiceCommand.PutService(closed, Personal.Of("three"), new(Precondition.IsStill(read)))).ThenRejected(Codes.PreconditionFailed);
    }

    [Fact]
    public void A_campaign_changes_for_the_first_of_two_who_read_the_same_and_for_the_second_not_precondition_failed()
    {
        var definition = Campaigns.Sample.Definition;
        var campaign = Campaign.Of(StreamId.Campaign("c1")).When(Put(definition, IsThere)).ThenRejected(Codes.PreconditionFailed).When(Put(definition, IsNew)).ThenEvents(typeof(CampaignEvent.DefinitionPut));
        campaign.When(new CampaignCommand.Fund(700));
        var read = Precondition.IsStill(new CampaignView("c1", definition, new(0, 0, 0, 0), 0, false, default).Etag);

        campaign.When(Put(definition with { DailyCapMicros = 5 }, read)).ThenEvents(typeof(CampaignEvent.DefinitionPut))
            .When(Put(definition, read)).ThenRejected(Codes.PreconditionFailed)
            .When(new CampaignCommand.PutCampaign(definition, new(Unnamed: ["daily_cap_cents", "owner"]))).ThenAnswered<CampaignView>(view => Assert.Equal(["daily_cap_cents"], view.Dropped))
            .When(new CampaignCommand.Close()).When(Put(definition, IsNew)).ThenRejected(CampaignRejection.Changed);

        static CampaignCommand Put(CampaignDefinition definition, Precondition when) => new CampaignCommand.PutCampaign(definition, new(when));
    }

    [Fact]
    public void A_user_changes_for_the_first_of_two_who_read_the_same_and_for_the_second_not_precondition_failed()
    {
        var profile = UserScenario.Profile("Asia/Tokyo");
        var user = UserTest.Of(StreamId.User("u1")).When(Put(profile, 5, IsThere)).ThenRejected(Codes.PreconditionFailed).When(Put(profile, 5, IsNew)).ThenEvents(typeof(UserEvent.UserPut));
        var read = Precondition.IsStill(user.State.View.Etag);

        user.When(Put(profile, 6, read)).ThenEvents(typeof(UserEvent.UserPut))
            .When(Put(profile, 7, read)).ThenRejected(Codes.PreconditionFailed)
            .When(new UserCommand.PutUser(UserScenario.Profile(), null, null, new(Unnamed: ["daily_cap_cents", "time_zone", "attributes"])))
            .ThenAnswered<UserView>(view => Assert.Equal(["time_zone", "daily_cap_cents"], view.Dropped))
            .When(new UserCommand.EraseData()).When(Put(profile, 5, IsNew)).ThenRejected(UserRejection.Erased);

        static UserCommand Put(Personal profile, long cap, Precondition when) => new UserCommand.PutUser(profile, cap, null, new(when));
    }

    [Fact]
    public void A_grant_changes_and_ends_for_the_first_of_two_who_read_the_same_and_for_the_second_not_precondition_failed()
    {
        var grant = UserScenario.Grant(total: 900, sessions: 7);
        var user = UserTest.Of(StreamId.User("u1")).When(Put(grant, IsThere)).ThenRejected(UserRejection.NotFound)
            .Given(new UserEvent.UserVouched())
            .When(Put(grant, IsThere)).ThenRejected(Codes.PreconditionFailed)
            .When(Put(grant, IsNew)).ThenEvents(typeof(UserEvent.GrantPut));
        var read = Precondition.IsStill(new GrantView(UserScenario.Agent, grant).Etag);

        user.When(Put(grant with { TotalLimitMicros = 5 }, read)).ThenEvents(typeof(UserEvent.GrantPut))
            .When(Put(grant, read)).ThenRejected(Codes.PreconditionFailed)
            .When(new UserCommand.EndGrant(UserScenario.Agent, read)).ThenRejected(Codes.PreconditionFailed)
            .When(new UserCommand.PutGrant(UserScenario.Agent, UserScenario.Grant(), new(Unnamed: ["total_limit_cents", "max_live_sessions", "expires_at"])))
            .ThenAnswered<GrantView>(view => Assert.Equal(["total_limit_cents", "max_live_sessions"], view.Dropped))
            .When(new UserCommand.EndGrant(UserScenario.Agent, Precondition.IsStill(new GrantView(UserScenario.Agent, UserScenario.Grant()).Etag))).ThenEvents(typeof(UserEvent.GrantEnded));

        static UserCommand Put(Grant grant, Precondition when) => new UserCommand.PutGrant(UserScenario.Agent, grant, new(when));
    }

    [Fact]
    public void No_payees_and_no_peers_have_one_etag_whether_they_were_said_or_not()
    {
        var scopes = new Scopes([], [], [], []);
        Assert.Equal(Etag(scopes), Etag(scopes with { Payees = [] }));
        Assert.NotEqual(Etag(scopes), Etag(scopes with { Payees = ["*"] }));
        Assert.Equal(Etag(scopes), Etag(scopes with { Peers = [] }));
        Assert.NotEqual(Etag(scopes with { Payees = ["*"] }), Etag(scopes with { Peers = ["*"] }));

        static string Etag(Scopes scopes) => new GrantView("a1", UserScenario.Grant(scopes)).Etag;
    }

    /// <summary>A narrower grant is told to a live session before it is answered: the answer holds what was dropped all the same.</summary>
    [Fact]
    public void A_grant_that_narrows_live_sessions_says_what_it_drops_when_they_were_told()
    {
        var change = Ids.FromKey("t", "c", "change");
        var user = UserScenario.Granted(UserScenario.Grant(sessions: 7)).Live("s1");
        user.When(new UserCommand.PutGrant(UserScenario.Agent, UserScenario.Grant(budget: 1), new(Unnamed: ["max_live_sessions"])), change).ThenLater()
            .WhenStep(0, UserScenario.Lost)
            .ThenAnsweredLate(change, answer => Assert.Equal(["max_live_sessions"], Assert.IsType<GrantView>(answer.Reply).Dropped));
    }

    [Fact]
    public void What_is_spent_and_held_of_each_limit_is_inspected()
    {
        var nothing = new Projection(null, Projection.NothingSpent);
        var user = UserScenario.Profiled(500, 900).Given(new UserEvent.GrantPut(UserScenario.Agent, UserScenario.Grant(total: 700)));
        Assert.Equal((new Spent(0, 0, nothing), new Spent(0, 0, nothing)), (Inspected().Day, Inspected().Month));
        Assert.Equal([new GrantSpent(UserScenario.Agent, new(0, 0, nothing))], Inspected().Grants);

        UserScenario.Known().When(new UserCommand.Inspect()).ThenAnswered<UserInspected>(seen => Assert.Equal((null, null), (seen.Day, seen.Month)));
        UserScenario.Fresh().When(new UserCommand.Inspect()).ThenRejected(UserRejection.NotFound);

        UserInspected Inspected() => (UserInspected)user.When(new UserCommand.Inspect()).Last.Answer!.Reply!;
    }

    private static ServiceCommand Put(ServiceDefinition definition, Precondition when) => new ServiceCommand.PutService(definition, null, new(when));
}

using Agora.Contracts;
using Agora.Core;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Users;
using Agora.Simulation.Checks;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Clients;

/// <summary>Puts users, grants, services and campaigns there, funds them, and then changes limits, suspends, and closes under the agents' feet.</summary>
public sealed class OperatorClient(Tenant tenant) : Caller(tenant)
{
    private const string Credential = "operator";

    private Catalogue Catalogue => Tenant.Catalogue;

    /// <summary>Everything is sent again until it is there: without it nothing would happen.</summary>
    public async Task SetUp()
    {
        foreach (var user in Catalogue.Users)
        {
            await Until(() => PutUser(user));
            foreach (var agent in Catalogue.Agents)
            {
                await Until(() => PutGrant(user, agent));
            }
        }

        foreach (var service in Catalogue.Services)
        {
            await Until(() => PutService(service));
            if (Tenant.IsTest)
            {
                await Until(() => PutAnswers(service.ServiceId, null));
            }
        }

        foreach (var model in Cluster.Options.Models ? FakeModels.All : [])
        {
            await Until(() => PutModel(model));
        }

        foreach (var campaign in Catalogue.Campaigns)
        {
            await Until(() => PutCampaign(campaign, Catalogue.Campaign(campaign)));
            await Until(() => Fund(campaign));
        }
    }

    public async Task Live()
    {
        while (await GoesOn(6 * Cluster.Options.Think))
        {
            await Act(Any(Catalogue.Users), Any(Catalogue.Agents), Any([.. Catalogue.Campaigns]));
        }
    }

    private Task Act(string user, string agent, string campaign) => Random.Next(100) switch
    {
        < 25 => Fund(campaign),
        < 45 => PutGrant(user, agent),
        < 60 => PutUser(user),
        < 75 => PutCampaign(campaign, Catalogue.Change(campaign, Random)),
        < 85 => ChangeStanding(user, agent),
        < 90 => Close(campaign),
        < 95 => Judge(),
        < 97 => Cluster.Options.Erases ? Erase(user) : Read(user, campaign),
        _ => Read(user, campaign),
    };

    private Task<Answer?> PutUser(string user)
    {
        var (profile, daily, monthly) = (Personal.Of(Catalogue.NewProfile(Random)), Catalogue.UserCap(Random), Catalogue.UserCap(Random));
        return Change<UserEvent.UserPut, UserCommand>(
            Entities.User(user), new UserCommand.PutUser(profile, daily, monthly, Parts: Catalogue.PartCaps(daily, monthly)), Credential, $"Putting {user}");
    }

    private Task<Answer?> PutGrant(string user, string agent) => Change<UserEvent.GrantPut, UserCommand>(
        Entities.User(user), new UserCommand.PutGrant(agent, Catalogue.NewGrant(Random, Tenant.Now, Cluster.Options)), Credential, $"A grant of {user} to {agent}");

    private Task<Answer?> Erase(string user) =>
        Change<UserEvent.PersonalDataErased, UserCommand>(Entities.User(user), new UserCommand.EraseData(), Credential, $"Erasing {user}");

    private Task<Answer?> PutService(ServiceTerms service) => Change<ServiceEvent.DefinitionPut, ServiceCommand>(
        Entities.Service(service.ServiceId),
        new ServiceCommand.PutService(
            new(service.ServiceId, "A service.", service.Category, service.PriceMicros, AskedServices.EndpointOf(service.ServiceId) ?? "https://service.example/", service.Provider, service.Owner, null, AskedServices.EndpointOf(service.ServiceId) is null ? null : AskedServices.OutputSchema, null, AskedServices.EndpointOf(service.ServiceId) is null ? 5_000 : 12_000, true, service.Metered), null),
        Credential, $"Putting {service.ServiceId}");

    private Task<Answer?> PutModel(FakeModels.Model model) => Change<ServiceEvent.DefinitionPut, ServiceCommand>(
        Entities.Service(model.Terms.ServiceId),
        new ServiceCommand.PutService(
            new(model.Terms.ServiceId, "A model.", model.Terms.Category, model.Terms.PriceMicros, $"{ServiceDefinition.ModelScheme}sim", model.Terms.Provider, model.Terms.Owner, null, null, null, 5_000, true, Metered: true) { Model = model.Offer }, null),
        Credential, $"Putting {model.Terms.ServiceId}");

    /// <summary>Of a tenant for tests: how a service answers there.</summary>
    public Task<Answer?> PutAnswers(string service, string? fails) => Change<ServiceEvent.AnswersPut, ServiceCommand>(
        Entities.Service(service), new ServiceCommand.PutAnswers([new(null, fails is null ? """{"said":true}""" : null, fails, Random.Next(300), 10_000)]), Credential, $"Putting answers of {service}");

    private Task<Answer?> PutCampaign(string campaign, CampaignDefinition definition) => Change<CampaignEvent.DefinitionPut, CampaignCommand>(
        Entities.Campaign(campaign), new CampaignCommand.PutCampaign(definition), Credential, $"Putting {campaign}");

    private Task<Answer?> Fund(string campaign)
    {
        var (sending, amount) = (NewKeyed(Credential), Random.Next(1, 100) * 10_000L);
        return Ask(Entities.Campaign(campaign), new CampaignCommand.Fund(amount), sending, $"Funding {campaign}", given => IsReply<CampaignView>(given)
            ? history => history.Count<CampaignEvent.Funded>(Stream(Kinds.Campaign, campaign), (e, c) => c.CommandId == sending.CommandId && e.AmountMicros == amount)
            : null);
    }

    private Task<Answer?> Close(string campaign) =>
        Change<CampaignEvent.Closed, CampaignCommand>(Entities.Campaign(campaign), new CampaignCommand.Close(), Credential, $"Closing {campaign}");

    /// <summary>A dispute, or the end of one; many are refused, for they come too early or too late.</summary>
    private async Task Judge()
    {
        if (Tenant.Rewards.Open is not { Count: > 0 } open) return;

        var (campaign, completion) = Any(open);
        CampaignCommand command = Random.Next(3) switch
        {
            0 => new CampaignCommand.EndDispute(completion, Pays: Random.Next(2) == 0, "Looked at it.", null),
            _ => new CampaignCommand.DisputeReward(completion, "Looks odd.", null),
        };
        var sending = NewKeyed(Credential);
        await Ask(Entities.Campaign(campaign), command, sending, $"Judging {completion}", given => given.Reply is RewardView && Count(Cluster.History) > 0 ? Count : null);

        int Count(History history)
        {
            history.CatchUp();
            return history.Count<CampaignEvent>(Stream(Kinds.Campaign, campaign), (e, c) => c.CommandId == sending.CommandId
                && e is CampaignEvent.RewardDisputed or CampaignEvent.RewardReleased or CampaignEvent.RewardReturned);
        }
    }

    private async Task ChangeStanding(string user, string agent)
    {
        await Change<UserEvent.PairSuspended, UserCommand>(Entities.User(user), new UserCommand.Suspend(agent, "Looks odd."), Credential, $"Suspending {agent} at {user}");
        await Pause(TimeSpan.FromSeconds(8));
        await Until(() => Change<UserEvent.PairResumed, UserCommand>(Entities.User(user), new UserCommand.Resume(agent, "Is fine."), Credential, $"Resuming {agent} at {user}"));
    }

    private async Task Read(string user, string campaign)
    {
        await Ask(Entities.User(user), new UserCommand.Get(), NewSending(), "Reading a user", static _ => null);
        await Ask(Entities.Campaign(campaign), new CampaignCommand.Get(), NewSending(), "Reading a campaign", static _ => null);
    }
}

using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Simulation.Checks;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Clients;

/// <summary>Puts users, grants, services and campaigns there, funds them, and then changes limits, suspends, and closes under the agents' feet.</summary>
public sealed class OperatorClient(SimCluster cluster) : Caller(cluster)
{
    private const string Credential = "operator";

    private Catalogue Catalogue => Cluster.Catalogue;

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
        }

        foreach (var campaign in Catalogue.Campaigns)
        {
            await Until(() => PutCampaign(campaign, Catalogue.Campaign(campaign)));
            await Until(() => Fund(campaign));
        }
    }

    public async Task Live()
    {
        while (!Cluster.Closing)
        {
            await Pause(6 * Cluster.Options.Think);
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
        _ => Read(user, campaign),
    };

    private Task<Answer?> PutUser(string user)
    {
        var sending = NewSending();
        return Ask(Entities.User(user), new UserCommand.PutUser(Personal.Of(Catalogue.NewProfile(Random)), Catalogue.UserCap(Random), Catalogue.UserCap(Random)), sending, $"Putting {user}", NoneOrOne);
    }

    private Task<Answer?> PutGrant(string user, string agent)
    {
        var (sending, grant) = (NewSending(), Catalogue.NewGrant(Random));
        return Ask(Entities.User(user), new UserCommand.PutGrant(agent, grant), sending, $"A grant of {user} to {agent}", NoneOrOne);
    }

    private Task<Answer?> PutService(ServiceTerms service)
    {
        var sending = NewSending();
        var definition = new ServiceDefinition(
            service.ServiceId, "A service.", service.Category, service.PriceMicros, "https://service.example/", service.Provider, service.Owner, null, null, null, 5_000, true);
        return Ask(Entities.Service(service.ServiceId), new ServiceCommand.PutService(definition, null), sending, $"Putting {service.ServiceId}", NoneOrOne);
    }

    private Task<Answer?> PutCampaign(string campaign, CampaignDefinition definition) =>
        Ask(Entities.Campaign(campaign), new CampaignCommand.PutCampaign(definition), NewSending(), $"Putting {campaign}", NoneOrOne);

    private Task<Answer?> Fund(string campaign)
    {
        var (sending, amount) = (NewKeyed(Credential), Random.Next(1, 60) * 10_000L);
        return Ask(Entities.Campaign(campaign), new CampaignCommand.Fund(amount), sending, $"Funding {campaign}", given => IsReply<CampaignView>(given)
            ? history => history.Count<CampaignEvent.Funded>(StreamId.Campaign(campaign), (e, c) => c.CommandId == sending.CommandId && e.AmountMicros == amount)
            : null);
    }

    private Task<Answer?> Close(string campaign)
    {
        var sending = NewKeyed(Credential);
        return Ask(Entities.Campaign(campaign), new CampaignCommand.Close(), sending, $"Closing {campaign}", given => IsReply<CampaignView>(given)
            ? history => history.Count<CampaignEvent.Closed>(StreamId.Campaign(campaign), static (_, _) => true)
            : null);
    }

    private async Task ChangeStanding(string user, string agent)
    {
        var sending = NewSending();
        await Ask(Entities.User(user), new UserCommand.Suspend(agent, "Looks odd."), sending, $"Suspending {agent} at {user}", NoneOrOne);
        await Pause(TimeSpan.FromSeconds(8));
        await Until(() => Ask(Entities.User(user), new UserCommand.Resume(agent, "Is fine."), NewSending(), $"Resuming {agent} at {user}", NoneOrOne));
    }

    private async Task Read(string user, string campaign)
    {
        await Ask(Entities.User(user), new UserCommand.Get(), NewSending(), "Reading a user", static _ => null);
        await Ask(Entities.Campaign(campaign), new CampaignCommand.Get(), NewSending(), "Reading a campaign", static _ => null);
    }

    /// <summary>What is put again as it is changes nothing: such an answer has no event, so that only repeating it can be checked.</summary>
    private static Func<History, int>? NoneOrOne(Answer given) => given.Reply is null ? null : static _ => 1;

    private static async Task Until(Func<Task<Answer?>> told)
    {
        while (await told() is null)
        {
        }
    }

    private T Any<T>(IReadOnlyList<T> list) => list[Random.Next(list.Count)];
}

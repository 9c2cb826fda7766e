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
        return Ask(Entities.User(user), new UserCommand.PutUser(Personal.Of(Catalogue.NewProfile(Random)), Catalogue.UserCap(Random), Catalogue.UserCap(Random)), sending, $"Putting {user}", Once<UserEvent.UserPut>(Entities.User(user).Stream, sending));
    }

    private Task<Answer?> PutGrant(string user, string agent)
    {
        var (sending, grant) = (NewSending(), Catalogue.NewGrant(Random));
        return Ask(Entities.User(user), new UserCommand.PutGrant(agent, grant), sending, $"A grant of {user} to {agent}", Once<UserEvent.GrantPut>(Entities.User(user).Stream, sending));
    }

    private Task<Answer?> PutService(ServiceTerms service)
    {
        var sending = NewSending();
        var definition = new ServiceDefinition(
            service.ServiceId, "A service.", service.Category, service.PriceMicros, "https://service.example/", service.Provider, service.Owner, null, null, null, 5_000, true);
        return Ask(Entities.Service(service.ServiceId), new ServiceCommand.PutService(definition, null), sending, $"Putting {service.ServiceId}", Once<ServiceEvent.DefinitionPut>(Entities.Service(service.ServiceId).Stream, sending));
    }

    private Task<Answer?> PutCampaign(string campaign, CampaignDefinition definition)
    {
        var sending = NewSending();
        return Ask(Entities.Campaign(campaign), new CampaignCommand.PutCampaign(definition), sending, $"Putting {campaign}", Once<CampaignEvent.DefinitionPut>(Entities.Campaign(campaign).Stream, sending));
    }

    private Task<Answer?> Fund(string campaign)
    {
        var (sending, amount) = (NewKeyed(Credential), Random.Next(1, 100) * 10_000L);
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
        var entity = Entities.User(user);
        var suspending = NewSending();
        await Ask(entity, new UserCommand.Suspend(agent, "Looks odd."), suspending, $"Suspending {agent} at {user}", Once<UserEvent.PairSuspended>(entity.Stream, suspending));
        await Pause(TimeSpan.FromSeconds(8));
        await Until(() =>
        {
            var resuming = NewSending();
            return Ask(entity, new UserCommand.Resume(agent, "Is fine."), resuming, $"Resuming {agent} at {user}", Once<UserEvent.PairResumed>(entity.Stream, resuming));
        });
    }

    private async Task Read(string user, string campaign)
    {
        await Ask(Entities.User(user), new UserCommand.Get(), NewSending(), "Reading a user", static _ => null);
        await Ask(Entities.Campaign(campaign), new CampaignCommand.Get(), NewSending(), "Reading a campaign", static _ => null);
    }

    /// <summary>What is put again as it is changes nothing: such an answer leaves nothing in the journal, and is decided anew when it is sent again.</summary>
    private Func<Answer, Func<History, int>?> Once<TEvent>(StreamId stream, Sending sending)
    {
        return given => given.Reply is not null && Count(Cluster.History) > 0 ? Count : null;

        int Count(History history)
        {
            history.CatchUp();
            return history.Count<TEvent>(stream, (_, c) => c.CommandId == sending.CommandId);
        }
    }

    private static async Task Until(Func<Task<Answer?>> told)
    {
        while (await told() is null)
        {
        }
    }

    private T Any<T>(IReadOnlyList<T> list) => list[Random.Next(list.Count)];
}

using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Simulation.Clients;

/// <summary>An operator who raises caps of users, and totals of grants, for a short while, and now and then ends a raise before its time.</summary>
public sealed class RaiseClient(Tenant tenant) : Caller(tenant, new Random(unchecked((tenant.Cluster.Options.Seed * 71) + 29 + (1_000_003 * tenant.Number))))
{
    private const string Credential = "raiser";

    public async Task Live()
    {
        while (await GoesOn(4 * Cluster.Options.Think))
        {
            var (user, agent) = (Any(Tenant.Catalogue.Users), Any(Tenant.Catalogue.Agents));
            if ((await Read(user))?.Reply is not UserView read) continue;

            await (Random.Next(8) switch
            {
                0 => Change<UserEvent.UserPut, UserCommand>(Entities.User(user), new UserCommand.EndRaise(), Credential, $"Ending the raise of {user}"),
                1 => Change<UserEvent.GrantPut, UserCommand>(Entities.User(user), new UserCommand.EndGrantRaise(agent), Credential, $"Ending the raise of {user} to {agent}"),
                < 6 => Change<UserEvent.UserPut, UserCommand>(
                    Entities.User(user), new UserCommand.RaiseCaps(new(Until(), Above(read.DailyCapMicros), Above(read.MonthlyCapMicros))), Credential, $"Raising {user}"),
                _ => Change<UserEvent.GrantPut, UserCommand>(
                    Entities.User(user), new UserCommand.RaiseGrant(agent, new(Until(), Above(read.Grants.FirstOrDefault(grant => grant.AgentId == agent)?.Grant.TotalLimitMicros) ?? 0)), Credential, $"Raising {user} to {agent}"),
            });
        }
    }

    private Task<Answer?> Read(string user) => Ask(Entities.User(user), new UserCommand.Get(), NewSending(), $"Reading {user}", static _ => null);

    private DateTimeOffset Until() => Tenant.Now.AddSeconds(Random.Next(1, 60));

    private long? Above(long? cap) => cap + (Random.Next(1, 200) * 10_000);
}

using Agora.Contracts;
using Agora.Core;
using Agora.Core.Users;

namespace Agora.Simulation.Clients;

/// <summary>An operator who makes links to users' pages, and now and then ends all that a user has.</summary>
public sealed class LinkClient(Tenant tenant) : Caller(tenant, new Random(unchecked((tenant.Cluster.Options.Seed * 173) + 131 + (1_000_003 * tenant.Number))))
{
    private const string Credential = "linker";

    public async Task Live()
    {
        while (await GoesOn(8 * Cluster.Options.Think))
        {
            var user = Any(Tenant.Catalogue.Users);
            await (Random.Next(3) == 0
                ? Change<UserEvent.LinksEnded, UserCommand>(Entities.User(user), new UserCommand.EndLinks(), Credential, $"Ending the links of {user}")
                : Ask(Entities.User(user), new UserCommand.MakeLink(Random.Next(60, 600)), NewKeyed(Credential), $"A link of {user}", given => given.Reply is UserLinked made
                    ? history => history.Count<UserEvent.LinkMade>(Stream(Kinds.User, user), (e, _) => e.Generation == made.Generation && e.Until == made.Until)
                    : null));
        }
    }
}

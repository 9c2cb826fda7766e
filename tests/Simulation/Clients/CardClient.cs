using System.Security.Cryptography;
using System.Text;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Agents;
using Agora.Core.Kernel;

namespace Agora.Simulation.Clients;

/// <summary>Nodes that have cards of agents and put them, older and newer ones, in any order; now and then one with another first key, and sometimes a card is revoked.</summary>
public sealed class CardClient(Tenant tenant) : Caller(tenant, new Random(unchecked((tenant.Cluster.Options.Seed * 149) + 97 + (1_000_003 * tenant.Number))))
{
    private const string Credential = "registry";

    public async Task Live()
    {
        while (await GoesOn(4 * Cluster.Options.Think))
        {
            await (Random.Next(30) == 0 ? Revoke(Any(TalkClient.Agents)) : Put(Any(TalkClient.Agents)));
        }
    }

    private async Task Put(string agent)
    {
        var (genesis, rotations, version) = (Random.Next(20) == 0 ? "stranger" : "first", Random.Next(3), Random.Next(1, 30));
        var jws = $"{agent} {genesis} {rotations} {version} {Random.Next(3)}";
        var card = new SignedCard(
            genesis, rotations == 0 ? genesis : $"{genesis}-{rotations}", version, jws, [.. Enumerable.Range(1, rotations).Select(n => $"{genesis}-{n}")], Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(jws))));
        var answer = await Change<AgentEvent.CardPut, AgentCommand>(Agent(agent), new AgentCommand.PutCard(card), Credential, $"Card {jws}");
        if (answer?.Reply is AgentCard)
        {
            Cluster.History.CatchUp();
            Tenant.Cards.Answered(agent, card);
        }
    }

    private Task<Answer?> Revoke(string agent) => Change<AgentEvent.CardRevoked, AgentCommand>(Agent(agent), new AgentCommand.RevokeCard("word", null), Credential, $"Revoking {agent}");

    private EntityRef<AgentCommand> Agent(string agent) => Entities.Of<AgentCommand>(Stream(Kinds.Agent, agent));
}

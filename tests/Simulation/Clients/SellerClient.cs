using System.Security.Cryptography;
using System.Text;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Agents;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Grains.Conversations;
using Agora.Simulation.Checks;

namespace Agora.Simulation.Clients;

/// <summary>
/// An agent that is paid for replies, and offers a skill. It says that it is there, now and then for the last time; it replies to what it is asked: in parts too, late, twice, with what does not fit, with a no, or not at all;
/// and it closes conversations in which it is asked.
/// </summary>
public sealed class SellerClient(Tenant tenant, string agent, int number) : Caller(tenant, new Random(unchecked((tenant.Cluster.Options.Seed * 157) + 109 + (1_000_003 * tenant.Number) + (7_919 * number))))
{
    /// <summary>Agents that sell, and that others delegate to.</summary>
    public static readonly IReadOnlyList<string> Helpers = ["helper-1", "helper-2"];

    private const string Credential = "seller";

    private static readonly TimeSpan Looks = TimeSpan.FromSeconds(1);

    private readonly HashSet<string> _ignored = new(StringComparer.Ordinal);

    /// <summary>Those that run services themselves, too.</summary>
    public static IReadOnlyList<string> Of(Tenant tenant) => [.. tenant.Catalogue.Agents, .. Helpers];

    /// <summary>Of each one's card.</summary>
    public const string Key = "seller";

    public async Task Live()
    {
        var jws = $"{agent} sells";
        var card = new SignedCard(Key, Key, 1, jws, [], Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(jws))));
        await Change<AgentEvent.CardPut, AgentCommand>(Entities.Agent(agent), new AgentCommand.PutCard(card), Credential, $"Card {jws}");
        await BeThere();
        while (await GoesOn(Looks))
        {
            Cluster.History.CatchUp();
            var requests = Requests();
            await (requests.Count > 0 && Random.Next(10) > 0 ? Reply(Any(requests)) : Random.Next(60) switch
            {
                < 3 => BeThere(),
                3 => Random.Next(10) == 0 ? Revoke() : Task.CompletedTask,
                4 => Close(),
                _ => Task.CompletedTask,
            });
        }
    }

    private IEnumerable<Talk> Open => Tenant.Conversations.All.Where(talk => talk.Owner == agent && talk.ClosedAt is null);

    private List<(Talk Talk, ConversationEvent.Said Request)> Requests() =>
        [.. Open.SelectMany(talk => talk.Requests.Where(request => request.From != agent && !_ignored.Contains(request.MessageId)).Select(request => (talk, request)))];

    private Task BeThere() => Ask(Entities.Agent(agent), new AgentCommand.TakeLease(Random.Next(6) == 0 ? 10 : 300), NewSending(), $"{agent} is there", static _ => null);

    private Task Revoke() => Change<AgentEvent.CardRevoked, AgentCommand>(Entities.Agent(agent), new AgentCommand.RevokeCard("word", null), Credential, $"Revoking {agent}");

    private Task Close() => Open.ToList() is { Count: > 0 } open && Any(open) is var talk
        ? Change<ConversationEvent.Closed, ConversationCommand>(Talk(talk), new ConversationCommand.Close(agent), Credential, $"Closing {talk.Id} by {agent}") : Task.CompletedTask;

    private async Task Reply((Talk Talk, ConversationEvent.Said Request) asked)
    {
        if (Random.Next(8) == 0)
        {
            _ignored.Add(asked.Request.MessageId);
            return;
        }

        if (Random.Next(6) == 0)
        {
            await Pause(TimeSpan.FromSeconds(12)); // it may be too late by then
        }

        switch (Random.Next(12))
        {
            case 0:
                await Say(asked, $$"""{"run":"{{asked.Request.MessageId}}","no":true}""", AgentCaller.Problem);
                break;
            case 1:
                await Say(asked, $$"""{"by":"{{agent}}"}"""); // what the schema does not admit
                break;
            case 2 or 3:
                await Say(asked, $$"""{"run":"{{asked.Request.MessageId}}","part":true}""", more: true);
                break;
            default:
                await Say(asked, $$"""{"run":"{{asked.Request.MessageId}}","by":"{{agent}}","nth":{{Random.Next(100)}}}""");
                break;
        }

        if (Random.Next(5) == 0)
        {
            await Say(asked, $$"""{"run":"{{asked.Request.MessageId}}","by":"{{agent}}","again":true}"""); // the rest, or once more
        }
    }

    private async Task Say((Talk Talk, ConversationEvent.Said Request) asked, string content, string type = "application/json", bool more = false)
    {
        var (id, said) = (Tenant.NewId().ToString("D"), new Personal(Encoding.UTF8.GetBytes(content)));
        await Ask(
            Talk(asked.Talk), new ConversationCommand.Say(agent, new(id, type, said.Utf8.Length, asked.Request.MessageId, More: more), said),
            new(MessageIds.CommandOf(Tenant.Name, asked.Talk.Id, agent, id)!.Value, null), $"{agent} replies to {asked.Request.MessageId}", static _ => null);
    }

    private EntityRef<ConversationCommand> Talk(Talk talk) => Entities.Of<ConversationCommand>(Stream(Kinds.Conversation, talk.Id));
}

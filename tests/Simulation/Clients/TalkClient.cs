using Agora.Contracts;
using Agora.Core;
using Agora.Core.Agents;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Simulation.Checks;

namespace Agora.Simulation.Clients;

/// <summary>An agent that opens conversations, says, asks and answers in them, joins and leaves, invites, sends dead letters anew, closes and erases; it also tries what it may not.</summary>
public sealed class TalkClient(Tenant tenant, int number) : Caller(tenant, new Random(unchecked((tenant.Cluster.Options.Seed * 131) + 79 + (1_000_003 * tenant.Number) + (7_919 * number))))
{
    public static readonly IReadOnlyList<string> Agents = ["peer-1", "peer-2", "peer-3", "peer-4"];

    /// <summary>Of a tenant, that are not closed.</summary>
    private const int MostOpen = 6;

    private readonly string _agent = Agents[number];

    public async Task Live()
    {
        while (await GoesOn(Cluster.Options.Think))
        {
            Cluster.History.CatchUp();
            var open = Tenant.Conversations.All.Where(talk => talk.ClosedAt is null).ToList();
            var closed = Tenant.Conversations.All.Where(talk => talk.ClosedAt is not null).ToList();
            await (open.Count == 0 || (open.Count < MostOpen && Random.Next(20) == 0) ? Open() : closed.Count > 0 && Random.Next(20) == 0 ? Act(Any(closed)) : Act(Any(open)));
        }
    }

    private Task Open()
    {
        var sending = Random.Next(2) == 0 ? NewSending() : NewKeyed($"agent:{_agent}");
        var limits = new ConversationLimits(
            Random.Next(4) == 0 ? Random.Next(2, 12) : 600, Random.Next(2) == 0 ? Random.Next(1, 6) : 100, TalkLimits.MessageBytes, Random.Next(3) == 0 ? Random.Next(1, 20) : Random.Next(40, 100), Random.Next(0, 60));
        var open = new ConversationCommand.Open(
            _agent, [.. Agents.Where(agent => agent != _agent && Random.Next(3) > 0)], Random.Next(2) == 0 ? Personal.Of("Rates") : null, Random.Next(3) == 0, limits, Blocks: Blocks());
        return Ask(Talk(sending.CommandId.ToString("D")), open, sending, $"Opening {sending.CommandId} by {_agent}", given => InJournal<ConversationEvent.Opened>(given, Talk(sending.CommandId.ToString("D")), sending));
    }

    private Task Act(Talk talk) => talk.Now(_agent)?.Name switch
    {
        Standings.Joined => Speak(talk),
        Standings.Invited when Random.Next(3) > 0 => Random.Next(8) == 0 ? Leave(talk) : Random.Next(2) == 0 ? Join(talk) : Say(talk),
        Standings.Subscribed when Random.Next(4) > 0 => Random.Next(3) == 0 ? Leave(talk) : Task.CompletedTask,
        Standings.Invited or Standings.Subscribed => Speak(talk),
        _ => Random.Next(3) == 0 ? Say(talk) : Join(talk),
    };

    private Task Speak(Talk talk) => Random.Next(44) switch
    {
        < 14 => Say(talk),
        < 19 => Request(talk, Random.Next(1, 40)),
        < 26 => talk.Requests.Where(request => request.From != _agent).ToList() is { Count: > 0 } requests ? Say(talk, Any(requests).MessageId) : Say(talk),
        < 30 => talk.Dead.Where(letter => letter.From == _agent).ToList() is { Count: > 0 } letters ? Random.Next(3) == 0 ? Drop(talk, Any(letters)) : Requeue(talk, Any(letters)) : Say(talk),
        < 34 => Invite(talk, Any(Agents)),
        >= 40 => Random.Next(3) == 0 ? Meet() : Block(talk, Any(Agents)),
        34 => Leave(talk),
        35 => Join(talk),
        36 or 37 => Change(talk, new ConversationCommand.Close(_agent), "Closing"),
        38 => Random.Next(2) == 0 ? Erase(talk) : Task.CompletedTask,
        _ => talk.Entries.Select(entry => entry.Happened).OfType<ConversationEvent.Died>().Where(died => died.Letter.From == _agent).ToList() is { Count: > 0 } letters ? Requeue(talk, Any(letters).Letter) // it may be gone
            : Requeue(talk, new(Random.Next(1, 20), "none", _agent, [], DeadReasons.Expired, Tenant.Now)),
    };

    /// <summary>Now and then on behalf of whoever asked this agent for something, as the API looks it up.</summary>
    private async Task<Answer?> Request(Talk talk, int within)
    {
        if (!Cluster.Options.Skills || Random.Next(3) == 0 || Tenant.Conversations.All.SelectMany(one => one.Requests.Where(request => request.From != _agent).Select(request => (one.Id, request.MessageId))).ToList() is not { Count: > 0 } asked)
        {
            return await Say(talk, replyWithin: within);
        }

        var (id, served) = Any(asked);
        var found = await Ask(Talk(id), new ConversationCommand.GetRequest(_agent, served), NewSending(), $"A look by {_agent} at who asks {served}", static _ => null);
        return found?.Reply is Asked { Path: var path } ? await Say(talk, replyWithin: within, serves: (id, served), path: path) : null;
    }

    private Task<Answer?> Say(Talk talk, string? replyTo = null, int? replyWithin = null, (string Talk, string MessageId)? serves = null, IReadOnlyList<string>? path = null)
    {
        var (messageId, content) = (NewMessageId(), Personal.Of(new string('x', Random.Next(1, 40))));
        if (serves is { } served)
        {
            Tenant.Conversations.Serves(messageId, served.Talk, served.MessageId);
        }

        var saying = new Saying(
            messageId, "text/plain", content.Utf8.Length, replyTo, replyWithin, Random.Next(4) == 0 ? Random.Next(1, 60) : null, More: replyTo is not null && content.Utf8.Length % 3 == 0, Path: path);
        return Commit(talk, saying, content, SendingOf(talk, messageId));
    }

    private Task<Answer?> Requeue(Talk talk, DeadLetter letter)
    {
        var said = talk.Entries.ElementAtOrDefault((int)letter.Number - 1)?.Happened as ConversationEvent.Said;
        var content = said?.Content ?? Personal.Of("nothing");
        return Commit(talk, new(letter.MessageId, "text/plain", content.Utf8.Length, said?.ReplyTo, Requeues: letter.Number), content, Random.Next(2) == 0 ? NewSending() : NewKeyed($"agent:{_agent}"));
    }

    private Task<Answer?> Commit(Talk talk, Saying saying, Personal content, Sending sending) => Ask(
        Talk(talk.Id), new ConversationCommand.Say(_agent, saying, content), sending, $"Message {saying.MessageId} of {_agent} in {talk.Id}",
        given => given.Reply is Entered entered ? history => history.Count<ConversationEvent.Said>(Talk(talk.Id).Stream, (e, c) => c.CommandId == sending.CommandId && e.Number == entered.Number && e.MessageId == saying.MessageId && e.From == _agent) : null);

    // A UUIDv7 says when it was made, and any other id is kept as an idempotency key is.
    private string NewMessageId() => Random.Next(2) == 0 ? Tenant.NewId().ToString("D") : Cluster.NewId().ToString("N");

    private Sending SendingOf(Talk talk, string messageId)
    {
        var credential = MessageIds.CredentialOf(talk.Id, _agent);
        return MessageIds.CommandOf(Tenant.Name, talk.Id, _agent, messageId) is { } command ? new(command, null)
            : new(Ids.FromKey(Tenant.Name, credential, messageId), new(credential, messageId, new string('a', 64), (long)Limits.ClientKeyKept.TotalSeconds, Guid.Empty));
    }

    private Task<Answer?> Join(Talk talk) => Change(talk, new ConversationCommand.Join(_agent), "Joining");

    private Task<Answer?> Leave(Talk talk) => Change(talk, new ConversationCommand.Leave(_agent), "Leaving");

    private Task<Answer?> Invite(Talk talk, string agent) => Change(talk, new ConversationCommand.Invite(_agent, agent, Blocks()), $"Inviting {agent} to");

    private Task<Answer?> Block(Talk talk, string whom) => whom == _agent ? Task.FromResult<Answer?>(null) : Random.Next(3) > 0
        ? Change(talk, new ConversationCommand.Block(_agent, whom), $"Blocking {whom} in") : Change(talk, new ConversationCommand.Unblock(_agent, whom), $"Unblocking {whom} in");

    /// <summary>Whom it may invite, and whom it blocks, its own stream knows.</summary>
    private Task<Answer?> Meet()
    {
        var (own, other) = (Entities.Of<AgentCommand>(Stream(Kinds.Agent, _agent)), Any(Agents));
        return Random.Next(3) switch
        {
            0 => Change<AgentEvent.PeerBlocked, AgentCommand>(own, new AgentCommand.Block(other), $"agent:{_agent}", $"Blocking {other} by {_agent}"),
            1 => Change<AgentEvent.PeerUnblocked, AgentCommand>(own, new AgentCommand.Unblock(other), $"agent:{_agent}", $"Unblocking {other} by {_agent}"),
            _ => Change<AgentEvent.InvitationsNoted, AgentCommand>(own, new AgentCommand.NoteInvitations(Tenant.NewId(), "talk", [other]), $"agent:{_agent}", $"Inviting {other} by {_agent}"),
        };
    }

    /// <summary>As others made them meanwhile; null: nobody was asked.</summary>
    private List<Block>? Blocks() => Random.Next(4) > 0 ? null : [.. Enumerable.Range(0, Random.Next(1, 3)).Select(_ => new Block(Any(Agents), Any(Agents)))];

    private Task<Answer?> Drop(Talk talk, DeadLetter letter) => Change<ConversationEvent.Dropped, ConversationCommand>(Talk(talk.Id), new ConversationCommand.Drop(_agent, letter.Number), $"agent:{_agent}", $"Dropping #{letter.Number} of {talk.Id}");

    private Task<Answer?> Erase(Talk talk) => Change<ConversationEvent.Erased, ConversationCommand>(Talk(talk.Id), new ConversationCommand.Erase(_agent), $"agent:{_agent}", $"Erasing {talk.Id}");

    private Task<Answer?> Change(Talk talk, ConversationCommand command, string what)
    {
        var sending = Random.Next(2) == 0 ? NewSending() : NewKeyed($"agent:{_agent}");
        return Ask(Talk(talk.Id), command, sending, $"{what} {talk.Id} by {_agent}", given => InJournal<ConversationEvent>(given, Talk(talk.Id), sending));
    }

    /// <summary>An answer without a number leaves nothing in the journal.</summary>
    private static Func<History, int>? InJournal<TEvent>(Answer given, EntityRef<ConversationCommand> talk, Sending sending)
        where TEvent : ConversationEvent => given.Reply is Entered { Number: > 0 } entered ? history => history.Count<TEvent>(talk.Stream, (e, c) => c.CommandId == sending.CommandId && e.Entry == entered.Number) : null;

    private EntityRef<ConversationCommand> Talk(string id) => Entities.Of<ConversationCommand>(Stream(Kinds.Conversation, id));
}

using Agora.Application.Calls;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Agents;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Grains.Clocks;
using Agora.Journal;

namespace Agora.Application.Conversations;

/// <summary>
/// Who lets whom into a conversation: agents that want to hear nothing of each other are told so, and nobody invites without bound. An agent's own stream counts the invitations that it made; whether
/// they were answered stands in the table of members, and is looked up when there are too many.
/// </summary>
internal sealed class Introductions(IEntities entities, TableReader tables, TenantTimes times)
{
    private static readonly IReadOnlyList<Order> ByConversation = [new("conversation_id")];

    /// <summary>An invitation whose conversation is not there is one that is being opened, or never was.</summary>
    private static readonly TimeSpan OpenedWithin = TimeSpan.FromMinutes(5);

    public Task<IReadOnlyList<Block>> Blocks(PeerCaller caller, IReadOnlyCollection<string> agents, CancellationToken cancel) =>
        Grains.Conversations.Blocks.Among(entities, caller.Tenant, agents, () => Fresh(caller), cancel);

    /// <summary>Once more when all of them are in it: what was blocked meanwhile the conversation may not know.</summary>
    public async Task Tell(PeerCaller caller, string conversationId, IReadOnlyCollection<string> agents, CancellationToken cancel) =>
        await Grains.Conversations.Blocks.Tell(entities, caller.Tenant.Conversation(conversationId), await Blocks(caller, agents, cancel), () => Fresh(caller), cancel);

    /// <returns>Null: it may invite them.</returns>
    public async Task<Rejection?> Note(PeerCaller caller, string conversationId, IReadOnlyList<string> invited, CancellationToken cancel)
    {
        if (invited.Count == 0) return null;

        var (agent, note) = (entities.In(caller.Tenant).Agent(caller.AgentId), new AgentCommand.NoteInvitations(caller.Context.CommandId, conversationId, invited));
        if ((await agent.Send(note, Fresh(caller), cancel)).Rejection is null) return null;

        var open = (InvitationList)(await agent.Send(new AgentCommand.Invitations(), Fresh(caller), cancel)).Reply!;
        var (ended, answered) = (new List<Invitation>(), new SortedSet<string>(StringComparer.Ordinal));
        foreach (var invitation in open.Invitations)
        {
            var became = await Became(caller, invitation, cancel);
            if (became is Ends.Answered)
            {
                answered.Add(invitation.AgentId);
            }

            if (became is not Ends.Open)
            {
                ended.Add(invitation);
            }
        }

        if (ended.Count > 0)
        {
            await agent.Send(new AgentCommand.EndInvitations(ended, [.. answered]), Fresh(caller), cancel);
        }

        // Also where nothing is over any more: another request may have found it so first.
        return (await agent.Send(note, Fresh(caller), cancel)).Rejection;
    }

    /// <summary>Conversations in which both stand, and have not left.</summary>
    public async Task<IReadOnlyList<string>> Shared(PeerCaller caller, string one, string other, CancellationToken cancel)
    {
        var (ones, others) = (await Of(caller, one, cancel), await Of(caller, other, cancel));
        return [.. ones.Where(others.Contains).Order(StringComparer.Ordinal)];
    }

    /// <summary>Answered: it has joined, or had when it left.</summary>
    private async Task<Ends> Became(PeerCaller caller, Invitation invitation, CancellationToken cancel)
    {
        var row = await tables.In(caller.Tenant).One(
            ConversationTables.Members, cancel, TableReader.Is("agent_id", invitation.AgentId), TableReader.Is("conversation_id", invitation.ConversationId));
        if (row is not { } member) return times.Now(caller.Tenant) - invitation.At > OpenedWithin ? Ends.NeverMade : Ends.Open;

        return member.Text("standing") switch
        {
            Standings.Joined or Standings.Subscribed => Ends.Answered,
            Standings.Left when member.OptionalNumber("until_number") > member.Number("from_number") => Ends.Answered,
            _ => Ends.Open,
        };
    }

    private CommandContext Fresh(PeerCaller caller) => Commands.Fresh(times.Of(caller.Tenant));

    private enum Ends
    {
        Open,
        Answered,
        NeverMade,
    }

    private async Task<HashSet<string>> Of(PeerCaller caller, string agent, CancellationToken cancel)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        for (var last = (string?)null; ;)
        {
            Condition[] where = last is null ? [TableReader.Is("agent_id", agent)] : [TableReader.Is("agent_id", agent), new("conversation_id", Comparison.GreaterThan, last)];
            var rows = await tables.In(caller.Tenant).First(ConversationTables.Members, ByConversation, where, TalkLimits.Heard, cancel);
            found.UnionWith(rows.Where(row => row.Text("standing") is Standings.Joined or Standings.Invited).Select(row => row.Text("conversation_id")));
            if (rows.Count < TalkLimits.Heard) return found;

            last = rows[^1].Text("conversation_id");
        }
    }
}

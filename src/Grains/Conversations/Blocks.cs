using Agora.Contracts;
using Agora.Core.Agents;
using Agora.Core.Conversations;
using Agora.Core.Kernel;

namespace Agora.Grains.Conversations;

/// <summary>
/// What agents want to hear nothing of. An agent's own stream has all its blocks, and a conversation those of its members. Whoever lets agents into a conversation asks them before, and again when they
/// are in it: a block that was made meanwhile either finds the conversation, or is found.
/// </summary>
public static class Blocks
{
    /// <summary>Of these agents among each other.</summary>
    public static async Task<IReadOnlyList<Block>> Among(IEntities entities, Tenant tenant, IReadOnlyCollection<string> agents, Func<CommandContext> fresh, CancellationToken cancel)
    {
        var lists = await Task.WhenAll(agents.Select(async agent => (Agent: agent, Answer: await entities.In(tenant).Agent(agent).Send(new AgentCommand.Blocks(), fresh(), cancel))));
        return [.. lists.SelectMany(list => ((BlockList)list.Answer.Reply!).Blocks.Where(block => agents.Contains(block.AgentId)).Select(block => new Block(list.Agent, block.AgentId)))];
    }

    /// <summary>A conversation whose members they concern.</summary>
    public static async Task Tell(IEntities entities, StreamId conversation, IReadOnlyList<Block> blocks, Func<CommandContext> fresh, CancellationToken cancel)
    {
        foreach (var block in blocks) await entities.Of<ConversationCommand>(conversation).Send(new ConversationCommand.Block(block.By, block.Whom), fresh(), cancel);
    }
}

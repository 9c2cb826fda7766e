using Agora.Application.Conversations;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Agents;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Peers;

/// <summary>Of whom an agent wants to hear nothing: that one opens no conversation with it, and what it says in those of many is not told to it.</summary>
internal sealed class BlockEndpoints(IEntities entities, StoredAgents stored, Introductions introductions) : IFeature
{
    private const string Example = """{"agent_id":"agent-2","since":"2030-01-01T00:00:00.000000Z"}""";

    public static readonly Operation<string> Put = new(Audience.Peers, "block_agent", "PUT /agent/blocks/{agent_id}", "Hear nothing more of another agent: it opens no conversation with this one, and what it says in those of many is not told to it")
    {
        Read = static call => call.Id("agent_id"),
        Peers = static _ => null,
        Codes = [Codes.NotFound, Codes.ValidationFailed, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        Data = typeof(BlockData),
        DataExample = Example,
    };

    public static readonly Operation<string> Delete = new(Audience.Peers, "unblock_agent", "DELETE /agent/blocks/{agent_id}", "Hear another agent again: what it said meanwhile is not told later")
    {
        Read = static call => call.Id("agent_id"),
        Peers = static _ => null,
        Codes = [Codes.NotFound, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        Data = typeof(BlockData),
        DataExample = """{"agent_id":"agent-2","since":null}""",
    };

    public static readonly Operation<string?> List = new(Audience.Peers, "list_blocked_agents", "GET /agent/blocks", "Agents that this one has blocked, by their ids")
    {
        Read = static _ => null,
        Data = typeof(BlocksData),
        DataExample = $$"""{"blocks":[{{Example}}]}""",
    };

    public void Map(Routes routes) => routes.Map(Put, BlockAgent).Map(Delete, UnblockAgent).Map(List, ListBlocks);

    /// <summary>Answered when every conversation of both knows it: said again, they are told again.</summary>
    private async Task<Reply> BlockAgent(PeerCall call, string agentId)
    {
        if (agentId == call.AgentId) return Reply.Refused(AgentRejection.IsItself);

        return await Change(call, agentId, new AgentCommand.Block(agentId), new ConversationCommand.Block(call.AgentId, agentId));
    }

    private Task<Reply> UnblockAgent(PeerCall call, string agentId) => Change(call, agentId, new AgentCommand.Unblock(agentId), new ConversationCommand.Unblock(call.AgentId, agentId));

    private async Task<Reply> Change(PeerCall call, string agentId, AgentCommand command, ConversationCommand told)
    {
        if (!await stored.IsThere(call.Tenant, agentId, call.Cancel)) return Reply.Refused(AgentRejection.NotFound);

        var answer = await entities.In(call.Tenant).Agent(call.AgentId).Send(command, call.Context(Limits.ClientKeyKept), call.Cancel);
        if (answer.Rejection is { } refused) return Reply.Refused(refused);

        foreach (var id in await introductions.Shared(call.Caller, call.AgentId, agentId, call.Cancel))
        {
            await entities.In(call.Tenant).Conversation(id).Send(told, call.Fresh(), call.Cancel);
        }

        return Reply.Ok(BlockData.Of(answer.As<PeerBlock>())) with { Replayed = answer.Replayed };
    }

    private async Task<Reply> ListBlocks(PeerCall call, string? nothing)
    {
        var answer = await entities.In(call.Tenant).Agent(call.AgentId).Send(new AgentCommand.Blocks(), call.Fresh(), call.Cancel);
        return Reply.Ok(new BlocksData([.. answer.As<BlockList>().Blocks.Select(BlockData.Of)]));
    }
}

/// <param name="Since">Null: it is not blocked.</param>
internal sealed record BlockData(string AgentId, DateTimeOffset? Since)
{
    public static BlockData Of(PeerBlock block) => new(block.AgentId, block.Since);
}

internal sealed record BlocksData(IReadOnlyList<BlockData> Blocks);

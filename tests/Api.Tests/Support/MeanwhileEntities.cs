using Agora.Contracts;
using Agora.Core;
using Agora.Core.Agents;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Api.Tests.Support;

/// <summary>The edge's way to the entities, on which something else happens once: when a session has been opened, and before the edge goes on.</summary>
internal sealed class MeanwhileEntities(IEntities inner) : IEntities
{
    public Func<Task>? AfterOpening { get; set; }

    /// <summary>When a campaign was looked at, and before anything is done because of it.</summary>
    public Func<Task>? AfterLooking { get; set; }

    /// <summary>When the agent of this id said whom it has blocked, and before anything is done because of it.</summary>
    public Dictionary<string, Func<Task>> AfterBlocksOf { get; } = [];

    public EntityRef<TCommand> Of<TCommand>(StreamId stream)
        where TCommand : class => stream.Kind switch
    {
        UserEntity.Kind => new(stream, Opening),
        Kinds.Campaign => new(stream, Looking),
        AgentEntity.Kind => new(stream, Asking),
        _ => inner.Of<TCommand>(stream),
    };

    private async Task<Envelope> Asking(StreamId stream, Envelope envelope, CancellationToken cancel)
    {
        var answer = await inner.Pass<AgentCommand>(stream, envelope, cancel);
        if (envelope.Body is AgentCommand.Blocks && AfterBlocksOf.Remove(stream.Id, out var meanwhile))
        {
            await meanwhile();
        }

        return answer;
    }

    private async Task<Envelope> Looking(StreamId stream, Envelope envelope, CancellationToken cancel)
    {
        var answer = await inner.Pass<CampaignCommand>(stream, envelope, cancel);
        if (envelope.Body is CampaignCommand.Get && AfterLooking is { } meanwhile)
        {
            AfterLooking = null;
            await meanwhile();
        }

        return answer;
    }

    private async Task<Envelope> Opening(StreamId stream, Envelope envelope, CancellationToken cancel)
    {
        var answer = await inner.Pass<UserCommand>(stream, envelope, cancel);
        if (envelope.Body is UserCommand.OpenSession && AfterOpening is { } meanwhile)
        {
            AfterOpening = null;
            await meanwhile();
        }

        return answer;
    }
}

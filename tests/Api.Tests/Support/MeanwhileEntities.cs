using Agora.Contracts;
using Agora.Core.Agents;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Refunds;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;

namespace Agora.Api.Tests.Support;

/// <summary>The edge's way to the entities, on which something else happens once: when a session has been opened, and before the edge goes on.</summary>
internal sealed class MeanwhileEntities(IEntities inner) : IEntities
{
    public Func<Task>? AfterOpening { get; set; }

    public EntityRef<UserCommand> User(string id) => new(StreamId.User(id), Opening);

    public EntityRef<SessionCommand> Session(string id) => inner.Session(id);

    public EntityRef<CampaignCommand> Campaign(string id) => inner.Campaign(id);

    public EntityRef<ServiceCommand> Service(string id) => inner.Service(id);

    public EntityRef<WalletCommand> Wallet(string id) => inner.Wallet(id);

    public EntityRef<AgentCommand> Agent(string id) => inner.Agent(id);

    public EntityRef<RefundCommand> Payment(string id) => inner.Payment(id);

    private async Task<Envelope> Opening(StreamId stream, Envelope envelope, CancellationToken cancel)
    {
        var answer = await inner.User(stream.Id).Send((UserCommand)envelope.Body, new(envelope.CommandId, envelope.Trace, envelope.Key, envelope.IsStep, envelope.Actor), cancel);
        if (envelope.Body is UserCommand.OpenSession && AfterOpening is { } meanwhile)
        {
            AfterOpening = null;
            await meanwhile();
        }

        return envelope.Answered(answer);
    }
}

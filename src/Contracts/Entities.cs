using Agora.Core.Agents;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Refunds;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Orleans;

namespace Agora.Contracts;

/// <summary>Finds the grain of a stream: its key is the stream's whole name.</summary>
/// <param name="ask">How one message is sent and its answer awaited; it may send it again, for it is the same command. Null: once.</param>
public sealed class Entities(IGrainFactory grains, Func<Func<Task<Envelope>>, Task<Envelope>>? ask = null) : IEntities
{
    public EntityRef<UserCommand> User(string id) => new(StreamId.User(id), Send);

    public EntityRef<SessionCommand> Session(string id) => new(StreamId.Session(id), Send);

    public EntityRef<CampaignCommand> Campaign(string id) => new(StreamId.Campaign(id), Send);

    public EntityRef<ServiceCommand> Service(string id) => new(StreamId.Service(id), Send);

    public EntityRef<WalletCommand> Wallet(string id) => new(StreamId.Wallet(id), Send);

    public EntityRef<AgentCommand> Agent(string id) => new(StreamId.Agent(id), Send);

    public EntityRef<RefundCommand> Payment(string id) => new(StreamId.Payment(id), Send);

    /// <summary>Wakes an entity for what its alarm is about. One that is out of reach now keeps its alarm, and is woken again.</summary>
    public Task Wake(StreamId stream, Guid commandId) => Send(stream, new(commandId, null, Tick(stream.Kind), IsStep: true), CancellationToken.None);

    /// <summary>One message, one answer; a call that was lost, or came too late, is answered as a <see cref="FailureKind.Timeout"/>.</summary>
    public async Task<Envelope> Send(StreamId stream, Envelope envelope, CancellationToken cancel)
    {
        try
        {
            return await (ask is null ? Call(stream, envelope) : ask(() => Call(stream, envelope))).WaitAsync(cancel);
        }
        catch (Exception e) when (FailureOf(e) is { } failure)
        {
            return envelope.Answered(failure);
        }
    }

    /// <summary>The same as the engine gives it: what it throws, <see cref="FailureOf"/> explains.</summary>
    public Task<Envelope> Call(StreamId stream, Envelope envelope) => Grain(stream).Send(envelope);

    /// <summary>What an exception of the engine means for a call, or null: it is none of the engine's.</summary>
    public static OperatingFailure? FailureOf(Exception e) => e switch
    {
        TimeoutException => new(FailureKind.Timeout),
        Orleans.Runtime.OrleansException => new(FailureKind.Unavailable),
        _ => null,
    };

    private static object Tick(string kind) => kind switch
    {
        Kinds.User => UserDecider.Tick,
        Kinds.Session => SessionDecider.Tick,
        Kinds.Campaign => CampaignDecider.Tick,
        Kinds.Service => ServiceDecider.Tick,
        Kinds.Wallet => WalletDecider.Tick,
        Kinds.Agent => AgentDecider.Tick,
        Kinds.Payment => RefundDecider.Tick,
        _ => throw new System.Diagnostics.UnreachableException(kind),
    };

    private IEntityGrain Grain(StreamId stream) => stream.Kind switch
    {
        Kinds.User => grains.GetGrain<IUserGrain>(stream.ToString()),
        Kinds.Session => grains.GetGrain<ISessionGrain>(stream.ToString()),
        Kinds.Campaign => grains.GetGrain<ICampaignGrain>(stream.ToString()),
        Kinds.Service => grains.GetGrain<IServiceGrain>(stream.ToString()),
        Kinds.Wallet => grains.GetGrain<IWalletGrain>(stream.ToString()),
        Kinds.Agent => grains.GetGrain<IAgentGrain>(stream.ToString()),
        Kinds.Payment => grains.GetGrain<IPaymentGrain>(stream.ToString()),
        _ => throw new System.Diagnostics.UnreachableException(stream.Kind),
    };
}

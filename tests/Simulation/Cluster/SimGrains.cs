using Agora.Contracts;
using Agora.Core.Agents;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Refunds;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Embedded;
using Agora.Grains.Kernel;
using Agora.Simulation.Recording;

namespace Agora.Simulation.Cluster;

/// <summary>The product's grains with the decider left open, so that a plant can put a broken one in its place.</summary>
public sealed class SimUserGrain<TDecider>(EntityPorts ports) : EntityGrain<Watched<TDecider, UserState, UserCommand, UserEvent>, UserState, UserCommand, UserEvent>(ports), IUserGrain
    where TDecider : IDecider<UserState, UserCommand, UserEvent>;

public sealed class SimSessionGrain<TDecider>(EntityPorts ports)
    : EntityGrain<Watched<TDecider, SessionState, SessionCommand, SessionEvent>, SessionState, SessionCommand, SessionEvent>(ports), ISessionGrain
    where TDecider : IDecider<SessionState, SessionCommand, SessionEvent>;

public sealed class SimCampaignGrain<TDecider>(EntityPorts ports)
    : EntityGrain<Watched<TDecider, CampaignState, CampaignCommand, CampaignEvent>, CampaignState, CampaignCommand, CampaignEvent>(ports), ICampaignGrain
    where TDecider : IDecider<CampaignState, CampaignCommand, CampaignEvent>;

public sealed class SimServiceGrain(EntityPorts ports)
    : EntityGrain<Watched<ServiceDecider, ServiceState, ServiceCommand, ServiceEvent>, ServiceState, ServiceCommand, ServiceEvent>(ports), IServiceGrain;

public sealed class SimWalletGrain<TDecider>(EntityPorts ports)
    : EntityGrain<Watched<TDecider, WalletState, WalletCommand, WalletEvent>, WalletState, WalletCommand, WalletEvent>(ports), IWalletGrain
    where TDecider : IDecider<WalletState, WalletCommand, WalletEvent>;

public sealed class SimAgentGrain(EntityPorts ports)
    : EntityGrain<Watched<AgentDecider, AgentState, AgentCommand, AgentEvent>, AgentState, AgentCommand, AgentEvent>(ports), IAgentGrain;

public sealed class SimPaymentGrain(EntityPorts ports)
    : EntityGrain<Watched<RefundDecider, RefundState, RefundCommand, RefundEvent>, RefundState, RefundCommand, RefundEvent>(ports), IPaymentGrain;

public static class SimGrains
{
    public static GrainEngine Register<TUser, TCampaign, TSession, TWallet>(GrainEngine engine, EntityPorts ports)
        where TUser : IDecider<UserState, UserCommand, UserEvent>
        where TCampaign : IDecider<CampaignState, CampaignCommand, CampaignEvent>
        where TSession : IDecider<SessionState, SessionCommand, SessionEvent>
        where TWallet : IDecider<WalletState, WalletCommand, WalletEvent> => engine
        .Register<IUserGrain, SimUserGrain<TUser>>(() => new(ports))
        .Register<ISessionGrain, SimSessionGrain<TSession>>(() => new(ports))
        .Register<ICampaignGrain, SimCampaignGrain<TCampaign>>(() => new(ports))
        .Register<IServiceGrain, SimServiceGrain>(() => new(ports))
        .Register<IWalletGrain, SimWalletGrain<TWallet>>(() => new(ports))
        .Register<IAgentGrain, SimAgentGrain>(() => new(ports))
        .Register<IPaymentGrain, SimPaymentGrain>(() => new(ports));

    /// <param name="kind">As the stored names of its events begin.</param>
    public static Player Player(string kind) => kind switch
    {
        "user" => new Player<Watched<UserDecider, UserState, UserCommand, UserEvent>, UserState, UserCommand, UserEvent>(),
        "session" => new Player<Watched<SessionDecider, SessionState, SessionCommand, SessionEvent>, SessionState, SessionCommand, SessionEvent>(),
        "campaign" => new Player<Watched<CampaignDecider, CampaignState, CampaignCommand, CampaignEvent>, CampaignState, CampaignCommand, CampaignEvent>(),
        "service" => new Player<Watched<ServiceDecider, ServiceState, ServiceCommand, ServiceEvent>, ServiceState, ServiceCommand, ServiceEvent>(),
        "wallet" => new Player<Watched<WalletDecider, WalletState, WalletCommand, WalletEvent>, WalletState, WalletCommand, WalletEvent>(),
        "agent" => new Player<Watched<AgentDecider, AgentState, AgentCommand, AgentEvent>, AgentState, AgentCommand, AgentEvent>(),
        "refund" => new Player<Watched<RefundDecider, RefundState, RefundCommand, RefundEvent>, RefundState, RefundCommand, RefundEvent>(),
        _ => throw new InvalidDataException(kind),
    };
}

using Agora.Core.Campaigns;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Embedded;
using Agora.Grains.Kernel;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Plants;

/// <summary>A fund forgets who paid it as soon as it has taken the money, while what was sent is still young: what comes twice is taken twice.</summary>
public sealed class PayerForgottenEarly : Plant
{
    public override string Name => "payer-forgotten-early";

    public override GrainEngine Register(GrainEngine engine, EntityPorts ports) => SimGrains.Register<UserDecider, ForgetfulCampaign, SessionDecider, ForgetfulWallet>(engine, ports);

    private static TEvent Forgotten<TState, TEvent>(string source, Context context)
        where TState : class, IFund<TState, TEvent>
        where TEvent : class => TState.Forgotten(context.NewId(1_000), source);

    private sealed class ForgetfulWallet : Delegating<WalletDecider, WalletState, WalletCommand, WalletEvent>, IDecider<WalletState, WalletCommand, WalletEvent>
    {
        public static new Decision<WalletState, WalletEvent> Decide(WalletState state, WalletCommand command, Context context) =>
            WalletDecider.Decide(state, command, context) is var decision && decision.Events is [WalletEvent.Credited e, ..] ? decision.And(Forgotten<WalletState, WalletEvent>(e.Source, context)) : decision;
    }

    private sealed class ForgetfulCampaign : Delegating<CampaignDecider, CampaignState, CampaignCommand, CampaignEvent>, IDecider<CampaignState, CampaignCommand, CampaignEvent>
    {
        public static new Decision<CampaignState, CampaignEvent> Decide(CampaignState state, CampaignCommand command, Context context) =>
            CampaignDecider.Decide(state, command, context) is var decision && decision.Events is [CampaignEvent.Credited e, ..] ? decision.And(Forgotten<CampaignState, CampaignEvent>(e.Source, context)) : decision;
    }
}

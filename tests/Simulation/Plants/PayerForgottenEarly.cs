using Agora.Core.Campaigns;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Wallets;

namespace Agora.Simulation.Plants;

/// <summary>A fund forgets who paid it as soon as it has taken the money, while what was sent is still young: what comes twice is taken twice.</summary>
public sealed class PayerForgottenEarly : Plant
{
    public override string Name => "payer-forgotten-early";

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<WalletState, WalletCommand, WalletEvent> wallet => wallet with { Decide = DecideWallet },
        Entity<CampaignState, CampaignCommand, CampaignEvent> campaign => campaign with { Decide = DecideCampaign },
        _ => entity,
    };

    private static TEvent Forgotten<TFund, TState, TEvent>(string source, Context context)
        where TFund : IFund<TState, TEvent>
        where TState : class, IFundState<TState, TEvent>
        where TEvent : class => TFund.Forgotten(context.NewId(1_000), source);

    private static Decision<WalletState, WalletEvent> DecideWallet(WalletState state, WalletCommand command, Context context) =>
        WalletDecider.Decide(state, command, context) is var decision && decision.Events is [WalletEvent.Credited e, ..] ? decision.And(Forgotten<WalletDecider, WalletState, WalletEvent>(e.Source, context)) : decision;

    private static Decision<CampaignState, CampaignEvent> DecideCampaign(CampaignState state, CampaignCommand command, Context context) =>
        CampaignDecider.Decide(state, command, context) is var decision && decision.Events is [CampaignEvent.Credited e, ..] ? decision.And(Forgotten<CampaignDecider, CampaignState, CampaignEvent>(e.Source, context)) : decision;
}

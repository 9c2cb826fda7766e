using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Embedded;
using Agora.Grains.Kernel;
using Agora.Simulation.Cluster;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Campaigns.CampaignState, Agora.Core.Campaigns.CampaignEvent>;

namespace Agora.Simulation.Plants;

/// <summary>A campaign that forgets what it has posted: a Post that is sent again is paid again, while the escrow lasts.</summary>
public sealed class PostTwice : Plant
{
    public override string Name => "post-twice";

    public override GrainEngine Register(GrainEngine engine, EntityPorts ports) => SimGrains.Register<UserDecider, Forgetful, SessionDecider, WalletDecider>(engine, ports);

    private sealed class Forgetful : Delegating<CampaignDecider, CampaignState, CampaignCommand, CampaignEvent>, IDecider<CampaignState, CampaignCommand, CampaignEvent>
    {
        public static new Decided Decide(CampaignState state, CampaignCommand command, Context context) =>
            command is CampaignCommand.Post post && state.Holds.Find(post.HoldId, context.Now) == HoldStanding.Posted
            && state.Escrow.CanReserve(post.AmountMicros) && ProviderIn(state) is not null
                ? Decided.Accept(new HoldDecided(post.HoldId, HoldStanding.Posted), new CampaignEvent.HoldPosted(post.HoldId, post.AmountMicros))
                : CampaignDecider.Decide(state, command, context);

        /// <summary>What is posted again is taken out of the escrow again, and owed again.</summary>
        public static new CampaignState Evolve(CampaignState state, CampaignEvent happened, DateTimeOffset at) =>
            happened is CampaignEvent.HoldPosted posted && !state.Holds.Open.ContainsKey(posted.HoldId)
                ? CampaignDecider.Evolve(CampaignDecider.Evolve(state, HeldAgain(state, posted, at), at), happened, at)
                : CampaignDecider.Evolve(state, happened, at);

        private static CampaignEvent HeldAgain(CampaignState state, CampaignEvent.HoldPosted posted, DateTimeOffset at) =>
            new CampaignEvent.HoldReserved(posted.HoldId, "", posted.HoldId, "", posted.AmountMicros, ProviderIn(state)!, CampaignState.DayOf(at));

        private static string? ProviderIn(CampaignState state) => state.Payables.All.Keys.FirstOrDefault(wallet => wallet != state.SponsorWallet);
    }
}

using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Embedded;
using Agora.Grains.Kernel;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Plants;

/// <summary>Void of a hold that has not come is answered and leaves nothing, so that the hold is kept when it comes.</summary>
public sealed class TombstoneMissing : Plant
{
    public override string Name => "tombstone-missing";

    public override GrainEngine Register(GrainEngine engine, EntityPorts ports) => SimGrains.Register<UserWithout, CampaignWithout, SessionWithout, WalletDecider>(engine, ports);

    private static bool IsNew(HoldBook holds, Guid id, DateTimeOffset now) => holds.Find(id, now) is HoldStanding.Unknown or HoldStanding.Late or HoldStanding.Ahead;

    private sealed class UserWithout : Delegating<UserDecider, UserState, UserCommand, UserEvent>, IDecider<UserState, UserCommand, UserEvent>
    {
        public static new Decision<UserState, UserEvent> Decide(UserState state, UserCommand command, Context context) =>
            command is UserCommand.Void c && IsNew(state.Holds, c.HoldId, context.Now)
                ? Decision<UserState, UserEvent>.Accept(new HoldDecided(c.HoldId, HoldStanding.Voided))
                : UserDecider.Decide(state, command, context);
    }

    private sealed class SessionWithout : Delegating<SessionDecider, SessionState, SessionCommand, SessionEvent>, IDecider<SessionState, SessionCommand, SessionEvent>
    {
        public static new Decision<SessionState, SessionEvent> Decide(SessionState state, SessionCommand command, Context context) =>
            command is SessionCommand.VoidHold c && IsNew(state.Holds, c.HoldId, context.Now)
                ? Decision<SessionState, SessionEvent>.Accept(new HoldDecided(c.HoldId, HoldStanding.Voided))
                : SessionDecider.Decide(state, command, context);
    }

    private sealed class CampaignWithout : Delegating<CampaignDecider, CampaignState, CampaignCommand, CampaignEvent>, IDecider<CampaignState, CampaignCommand, CampaignEvent>
    {
        public static new Decision<CampaignState, CampaignEvent> Decide(CampaignState state, CampaignCommand command, Context context) =>
            command is CampaignCommand.Void c && IsNew(state.Holds, c.HoldId, context.Now)
                ? Decision<CampaignState, CampaignEvent>.Accept(new HoldDecided(c.HoldId, HoldStanding.Voided))
                : CampaignDecider.Decide(state, command, context);
    }
}

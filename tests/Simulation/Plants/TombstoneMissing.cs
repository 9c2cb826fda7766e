using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;

namespace Agora.Simulation.Plants;

/// <summary>Void of a hold that has not come is answered and leaves nothing, so that the hold is kept when it comes.</summary>
public sealed class TombstoneMissing : Plant
{
    public override string Name => "tombstone-missing";

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<UserState, UserCommand, UserEvent> user => user with { Decide = DecideUser },
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Decide = DecideSession },
        Entity<CampaignState, CampaignCommand, CampaignEvent> campaign => campaign with { Decide = DecideCampaign },
        _ => entity,
    };

    private static bool IsNew(HoldBook holds, Guid id, DateTimeOffset now) => holds.Find(id, now) is HoldStanding.Unknown or HoldStanding.Late or HoldStanding.Ahead;

    private static Decision<UserState, UserEvent> DecideUser(UserState state, UserCommand command, Context context) =>
        command is UserCommand.Node { Asked: NodeCommand.Void c } && IsNew(state.Holds, c.HoldId, context.Now)
            ? Decision<UserState, UserEvent>.Accept(new HoldEnded(c.HoldId, HoldStanding.Voided))
            : UserDecider.Decide(state, command, context);

    private static Decision<SessionState, LeafEvent> DecideSession(SessionState state, LeafCommand command, Context context) =>
        command is SessionCommand.Node { Asked: NodeCommand.Void c } && IsNew(state.Holds, c.HoldId, context.Now)
            ? Decision<SessionState, LeafEvent>.Accept(new HoldEnded(c.HoldId, HoldStanding.Voided))
            : SessionDecider.Decide(state, command, context);

    private static Decision<CampaignState, CampaignEvent> DecideCampaign(CampaignState state, CampaignCommand command, Context context) =>
        command is CampaignCommand.Node { Asked: NodeCommand.Void c } && IsNew(state.Holds, c.HoldId, context.Now)
            ? Decision<CampaignState, CampaignEvent>.Accept(new HoldEnded(c.HoldId, HoldStanding.Voided))
            : CampaignDecider.Decide(state, command, context);
}

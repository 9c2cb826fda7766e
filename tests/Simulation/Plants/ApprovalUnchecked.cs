using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Embedded;
using Agora.Grains.Kernel;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Plants;

/// <summary>A user's stream takes every run for one that the user has approved.</summary>
public sealed class ApprovalUnchecked : Plant
{
    public override string Name => "approval-unchecked";

    public override GrainEngine Register(GrainEngine engine, EntityPorts ports) => SimGrains.Register<Trusting, CampaignDecider, SessionDecider, WalletDecider>(engine, ports);

    private sealed class Trusting : Delegating<UserDecider, UserState, UserCommand, UserEvent>, IDecider<UserState, UserCommand, UserEvent>
    {
        public static new Decision<UserState, UserEvent> Decide(UserState state, UserCommand command, Context context) =>
            UserDecider.Decide(state, command is UserCommand.Reserve reserve ? reserve with { Approved = true } : command, context);
    }
}

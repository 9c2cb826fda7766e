using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Embedded;
using Agora.Grains.Kernel;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Plants;

/// <summary>A session that is told what the grant of today leaves it says that it has heard, and goes on as it was opened.</summary>
public sealed class NarrowingIgnored : Plant
{
    public override string Name => "narrowing-ignored";

    public override GrainEngine Register(GrainEngine engine, EntityPorts ports) => SimGrains.Register<UserDecider, CampaignDecider, Deaf, WalletDecider>(engine, ports);

    private sealed class Deaf : Delegating<SessionDecider, SessionState, SessionCommand, SessionEvent>, IDecider<SessionState, SessionCommand, SessionEvent>
    {
        public static new Decision<SessionState, SessionEvent> Decide(SessionState state, SessionCommand command, Context context) =>
            SessionDecider.Decide(state, command is SessionCommand.SetStanding told ? told with { Terms = null } : command, context);
    }
}

using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Embedded;
using Agora.Grains.Kernel;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Plants;

/// <summary>A session takes on runs, its own and those below it, for one second after it has expired.</summary>
public sealed class ExpiryOffByOne : Plant
{
    public override string Name => "expiry-off-by-one";

    public override GrainEngine Register(GrainEngine engine, EntityPorts ports) => SimGrains.Register<UserDecider, CampaignDecider, Late, WalletDecider>(engine, ports);

    private sealed class Late : Delegating<SessionDecider, SessionState, SessionCommand, SessionEvent>, IDecider<SessionState, SessionCommand, SessionEvent>
    {
        public static new Decision<SessionState, SessionEvent> Decide(SessionState state, SessionCommand command, Context context)
        {
            if (command is not (SessionCommand.RunService or SessionCommand.ReserveHold))
            {
                return SessionDecider.Decide(state, command, context);
            }

            var decision = SessionDecider.Decide(state with { ExpiresAt = state.ExpiresAt.AddSeconds(1) }, command, context);
            return decision.Soft is { } soft ? decision.WithSoft(soft with { ExpiresAt = state.ExpiresAt }) : decision;
        }
    }
}

using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Embedded;
using Agora.Grains.Kernel;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Plants;

/// <summary>Whatever scopes and limit are asked for a sub-session are given.</summary>
public sealed class DelegationUnchecked : Plant
{
    public override string Name => "delegation-unchecked";

    public override GrainEngine Register(GrainEngine engine, EntityPorts ports) => SimGrains.Register<UserDecider, CampaignDecider, Generous, WalletDecider>(engine, ports);

    private sealed class Generous : Delegating<SessionDecider, SessionState, SessionCommand, SessionEvent>, IDecider<SessionState, SessionCommand, SessionEvent>
    {
        public static new Decision<SessionState, SessionEvent> Decide(SessionState state, SessionCommand command, Context context)
        {
            if (command is not SessionCommand.Delegate)
            {
                return SessionDecider.Decide(state, command, context);
            }

            var wide = state with { Scopes = new(["*"], ["*"], ["*"], ["*"]), Budget = state.Budget.SetLimit(Limits.MaxMicros) };
            var decision = SessionDecider.Decide(wide, command, context);
            return decision.Soft is { } soft ? decision.WithSoft(soft with { Scopes = state.Scopes, Budget = state.Budget }) : decision;
        }
    }
}

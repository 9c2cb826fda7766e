using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Embedded;
using Agora.Grains.Kernel;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Plants;

/// <summary>Who stands above a delegated session may be suspended: neither the user's stream nor the sessions above look, and those below do not hear of it.</summary>
public sealed class SuspensionAboveIgnored : Plant
{
    public override string Name => "suspension-above-ignored";

    public override GrainEngine Register(GrainEngine engine, EntityPorts ports) => SimGrains.Register<Indulgent, CampaignDecider, Blind, WalletDecider>(engine, ports);

    private sealed class Indulgent : Delegating<UserDecider, UserState, UserCommand, UserEvent>, IDecider<UserState, UserCommand, UserEvent>
    {
        public static new Decision<UserState, UserEvent> Decide(UserState state, UserCommand command, Context context) => UserDecider.Decide(
            command is UserCommand.Reserve { Above: { } above } ? state with { Pairs = state.Pairs.RemoveRange(above) } : state, command, context);
    }

    private sealed class Blind : Delegating<SessionDecider, SessionState, SessionCommand, SessionEvent>, IDecider<SessionState, SessionCommand, SessionEvent>
    {
        public static new Decision<SessionState, SessionEvent> Decide(SessionState state, SessionCommand command, Context context) =>
            command is SessionCommand.SetStanding { Suspended: true } told && !state.Path.IsEmpty
                ? Decision<SessionState, SessionEvent>.Accept(new StandingTaken(state.SessionId, told.Revision))
                : SessionDecider.Decide(command is SessionCommand.ReserveHold ? state with { Suspended = false } : state, command, context);
    }
}
